"""Converts inputs to the arrays that the engines take."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from glassnet.engines.protocol import Inputs, Order
from glassnet.errors import InputError
from glassnet.net.arrays import Array


def rows_of(inputs: npt.ArrayLike, width: int, dtype: np.dtype[np.floating]) -> Array:
    """``inputs`` as a contiguous array (N, I) or (I,) of the network's dtype.

    Raises:
        InputError: inputs that are not numbers or have another shape.
    """
    try:
        array: Array = np.require(inputs, dtype, ["C_CONTIGUOUS", "ALIGNED", "ENSUREARRAY"])
    except (TypeError, ValueError) as error:
        raise InputError(f"inputs must be numbers of shape (N, {width}) or ({width},): {error}") from None
    if array.ndim not in (1, 2) or array.shape[-1] != width:
        raise InputError(
            f"inputs have the shape {array.shape}, but the network needs (N, {width}) or ({width},)."
        )
    return array


def is_sparse(inputs: Inputs) -> bool:
    """Whether ``inputs`` are a sparse matrix of SciPy, in any format."""
    return hasattr(inputs, "tocsr")


def entries_of(
    inputs: Inputs, shape: tuple[int, int], dtype: np.dtype[np.floating]
) -> tuple[Array, npt.NDArray[np.int32], npt.NDArray[np.intp]]:
    """The stored values of a CSR matrix, their columns, and where the values of each row begin.

    Raises:
        InputError: another format, shape or dtype, or a matrix that is not consistent.
    """
    if inputs.format != "csr" or inputs.shape != shape or inputs.dtype != dtype:
        raise InputError(
            f"sparse inputs are {inputs.dtype} of shape {inputs.shape} in the format {inputs.format!r}, but must be "
            f"{dtype} of shape {shape} in the format 'csr'."
        )
    numbers = np.ascontiguousarray(inputs.data)
    columns = np.ascontiguousarray(inputs.indices, np.int32)
    starts = np.ascontiguousarray(inputs.indptr, np.intp)
    ordered = len(starts) == shape[0] + 1 and starts[0] >= 0 and not (np.diff(starts) < 0).any()
    if not ordered or starts[-1] > min(len(numbers), len(columns)):
        raise InputError(
            f"the row pointers of sparse inputs {shape} do not divide their {len(numbers)} numbers."
        )
    if columns.size and not 0 <= inputs.indices.min() <= inputs.indices.max() < shape[1]:
        raise InputError(f"the sparse inputs name columns outside 0 to {shape[1] - 1}.")
    return numbers, columns, starts


def check_orders(orders: Order, epochs: int, rows: int) -> None:
    if orders.shape != (epochs, rows):
        raise InputError(
            f"orders have the shape {orders.shape}, but {epochs} epochs of {rows} rows need {(epochs, rows)}."
        )
    if orders.size and (orders.min() < 0 or orders.max() >= rows):
        raise InputError(f"orders name rows outside 0 to {rows - 1}.")
