"""Converts inputs to the arrays that the engines take."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.engines.protocol import Inputs, Order, Rates, Rows
from glassnet.errors import Faults, InputError
from glassnet.net import Network
from glassnet.net.arrays import Array

# Of a CSR matrix: the stored values, their columns, and where the values of each row begin, with their number last.
Entries = tuple[Array, npt.NDArray[np.int32], npt.NDArray[np.intp]]


def rows_of(
    inputs: npt.ArrayLike, width: int, dtype: np.dtype[np.floating], dimensions: tuple[int, ...] = (1, 2)
) -> Array:
    """``inputs`` as a contiguous array (N, I) or (I,) of the network's dtype, with one of these numbers of dimensions.

    Raises:
        InputError: inputs that are not numbers or have another shape.
    """
    wanted = f"(N, {width}) or ({width},)" if 1 in dimensions else f"(N, {width})"
    try:
        array: Array = np.require(inputs, dtype, ["C_CONTIGUOUS", "ALIGNED", "ENSUREARRAY"])
    except (TypeError, ValueError) as error:
        raise InputError(f"inputs must be numbers of shape {wanted}: {error}") from None
    if array.ndim not in dimensions or array.shape[-1] != width:
        raise InputError(f"inputs have the shape {array.shape}, but the network needs {wanted}.")
    return array


def is_sparse(inputs: Inputs) -> bool:
    """Whether ``inputs`` are a sparse matrix of SciPy, in any format."""
    return hasattr(inputs, "tocsr")


def entries_of(inputs: Inputs, shape: tuple[int, int], dtype: np.dtype[np.floating]) -> Entries:
    """The stored values of a CSR matrix, and copies of their columns and of where the values of each row begin.

    The copies are checked: memory is read where they point, and another thread may change the matrix meanwhile.

    Raises:
        InputError: another format, shape or dtype, or indices that do not fit the shape.
    """
    if inputs.format != "csr" or inputs.shape != shape or inputs.dtype != dtype:
        raise InputError(
            f"sparse inputs are {inputs.dtype} of shape {inputs.shape} in the format {inputs.format!r}, but must be "
            f"{dtype} of shape {shape} in the format 'csr'."
        )
    numbers = np.ascontiguousarray(inputs.data)
    try:
        return numbers, *own_indices(inputs.indices, inputs.indptr, len(numbers), shape)
    except ValueError as fault:
        raise InputError(
            f"the sparse inputs of shape {shape} are damaged: {fault}; make them anew."
        ) from None


def own_indices(
    indices: npt.NDArray[Any], pointers: npt.NDArray[Any], stored: int, shape: tuple[int, int]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.intp]]:
    """Checked copies of the index arrays of a matrix compressed by rows.

    Args:
        indices: the column of each stored value.
        pointers: (N + 1,), where the values of each row begin, and their number last.
        stored: the number of stored values.
        shape: (N, I) of the matrix; for one compressed by columns, swapped.

    Raises:
        ValueError: indices that do not fit the shape.
    """
    rows, width = shape
    if indices.ndim != 1 or pointers.ndim != 1 or not {indices.dtype.kind, pointers.dtype.kind} <= set("iu"):
        raise ValueError("its indices and row pointers must be whole numbers in arrays of one dimension")
    columns, starts = indices.astype(np.int32), pointers.astype(np.intp)  # always copies
    if len(columns) != stored:
        raise ValueError(f"there are {len(columns)} indices for {stored} stored values")
    if len(starts) != rows + 1:
        raise ValueError(f"there are {len(starts)} row pointers, but {rows + 1} are needed")
    if starts[0] != 0 or (starts[1:] < starts[:-1]).any() or starts[-1] > stored:
        raise ValueError(
            f"the row pointers must rise from 0 to at most {stored}, the number of stored values"
        )
    outside = (columns < 0) | (columns >= width)
    if indices.dtype != np.int32:
        outside |= columns != indices  # too large for the copy
    if outside[: starts[-1]].any():
        raise ValueError(f"the indices must be from 0 to {width - 1}")
    return columns, starts


def checked_inputs(rows: Rows, network: Network, dtype: np.dtype[np.floating]) -> Array | Entries:
    """The inputs of rows whose arrays fit each other, the network and its dtype; of a sparse matrix, its entries.

    Raises:
        InputError: arrays of another type, shape, dtype or order in memory; all faults at once.
    """
    faults = Faults()
    given: dict[str, Any] = {"inputs": rows.inputs, "targets": rows.targets, "weights": rows.weights}
    if rows.weights is None:
        del given["weights"]
    count = rows.targets.shape[0] if isinstance(rows.targets, np.ndarray) and rows.targets.ndim else 0
    shape = count, network.inputs
    shapes = {"inputs": shape, "targets": (count, network.outputs), "weights": (count,)}
    if is_sparse(rows.inputs):
        del given["inputs"]
        try:
            inputs: Array | Entries = entries_of(rows.inputs, shape, dtype)
        except InputError as error:
            faults.add(str(error))
    else:
        inputs = rows.inputs
    for name, array in given.items():
        found = _differs(array, shapes[name], dtype)
        if found:
            faults.add(
                f"{name} of the rows are {found}, but must be {dtype} of shape {shapes[name]}, C-contiguous."
            )
    faults.raise_if_any()
    return inputs


def _differs(array: Any, shape: tuple[int, ...], dtype: np.dtype[np.floating]) -> str:
    """What ``array`` is, if it is no C-contiguous array of this shape and dtype; else an empty string."""
    if not isinstance(array, np.ndarray):
        return f"of the type {type(array).__name__}"
    flags = array.flags
    if array.shape == shape and array.dtype == dtype and flags.c_contiguous and flags.aligned:
        return ""
    order = "" if flags.c_contiguous else ", not C-contiguous"
    order += "" if flags.aligned else ", not aligned"
    return f"{array.dtype} of shape {array.shape}{order}"


def checked_steps(
    rows: int, batch_size: int, rates: Rates, orders: Order | None
) -> tuple[Rates, Order | None]:
    """The rates and the orders of :meth:`Run.epochs` as arrays of their types; the orders are copied.

    The copy is checked: memory is read where it points, and another thread may change the orders meanwhile.

    Raises:
        InputError: values that do not fit the rows or each other; all faults at once.
    """
    faults = Faults()
    if not (isinstance(batch_size, (int, np.integer)) and batch_size >= 1):
        raise InputError(f"batch_size is {batch_size!r:.80}, but must be an integer, at least 1.")
    steps = -(-rows // int(batch_size))
    try:
        rates = np.ascontiguousarray(rates, np.float64)
    except (TypeError, ValueError):
        raise InputError(f"rates are {rates!r:.80}, but must be numbers.") from None
    if rates.ndim != 2 or rates.shape[1] != steps:
        faults.add(
            f"rates have the shape {rates.shape}, but {rows} rows in batches of {batch_size} need "
            f"(epochs, {steps})."
        )
    if orders is not None:
        given = np.asarray(orders)
        if given.dtype.kind not in "iu":
            faults.add(f"orders are {given.dtype}, but must be whole numbers, of rows.")
        elif given.shape != (len(rates), rows):
            faults.add(
                f"orders have the shape {given.shape}, but {len(rates)} epochs of {rows} rows need "
                f"{(len(rates), rows)}."
            )
        else:
            orders = np.array(given, np.intp, order="C")
            if orders.size and (orders.min() < 0 or orders.max() >= rows):
                faults.add(f"orders name rows outside 0 to {rows - 1}.")
    faults.raise_if_any()
    return rates, orders
