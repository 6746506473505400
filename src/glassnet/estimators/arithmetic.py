"""Conversion between scikit-learn's lists of weights and the runs of an engine."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from joblib.parallel import get_active_backend
from scipy import sparse

from glassnet import engines
from glassnet.engines import Run
from glassnet.engines.inputs import own_indices
from glassnet.errors import InputError
from glassnet.memory import check_memory
from glassnet.net import Layer, Network, Objective, Optimizer, Parameters
from glassnet.net.arrays import Array

ACTIVATIONS = {
    "identity": "identity",
    "logistic": "sigmoid",
    "tanh": "tanh",
    "relu": "relu",
    "softmax": "softmax",
    "exp": "exponential",
}
DENSE_BYTES = 2**27  # sparse inputs that would take more memory stay sparse,
DENSE_SHARE = 0.15  # and those with a smaller share of numbers that are not 0: the engine is faster on these
Matrix = Any  # a dense array (N, I), or SciPy's sparse matrix of that shape


def network_of(coefs: Sequence[Array], activation: str, out_activation: str) -> Network:
    """The network of these weights, each (I, O); activations have scikit-learn's names."""
    widths = [int(weights.shape[1]) for weights in coefs]
    hidden = tuple(Layer(width, ACTIVATIONS[activation]) for width in widths[:-1])
    return Network(int(coefs[0].shape[0]), (*hidden, Layer(widths[-1], ACTIVATIONS[out_activation])))


def check_size(widths: Sequence[int], dtype: npt.DTypeLike) -> None:
    """Refuse layers of these widths, the inputs first, if the memory cannot hold them."""
    count = sum((inputs + 1) * outputs for inputs, outputs in pairwise(widths))
    check_memory(
        5 * count * np.dtype(dtype).itemsize,
        lambda: (
            f"the {count:,} parameters of layers of {widths!r:.60} neurons, with what training keeps of them,"
        ),
        "make hidden_layer_sizes smaller",
    )


def pack(parameters: Parameters) -> Array:
    """All weights, then all biases, (P,): the order in which scikit-learn passes them to SciPy."""
    return np.concatenate([*(w.ravel() for w, _ in parameters), *(b for _, b in parameters)])


def unpack(network: Network, packed: Array) -> Parameters:
    """The parameters that :func:`pack` packed."""
    parameters = Parameters.zeros(network, packed.dtype)
    start = 0
    for part in (*(w for w, _ in parameters), *(b for _, b in parameters)):
        part[...] = packed[start : start + part.size].reshape(part.shape)
        start += part.size
    return parameters


def open_run(
    network: Network,
    parameters: Parameters,
    objective: Objective | None = None,
    optimizer: Optimizer | None = None,
    *,
    sparse: bool = False,
    batch_size: int | None = None,
) -> Run:
    """A run of the engine that :func:`glassnet.engines.get` takes for these."""
    own = threads()
    size = None if in_worker() else batch_size  # such a worker shares the machine with others, also its GPU
    engine = engines.get(
        "auto", network, objective, optimizer, parameters.dtype, sparse=sparse, batch_size=size
    )
    return engine.open_run(network, parameters, objective, optimizer, threads=own)


def loss_cap(loss: str, dtype: npt.DTypeLike) -> float:
    """The largest loss of one element in scikit-learn: its log losses take no probability below ε."""
    return float(-np.log(np.finfo(dtype).eps)) if loss.endswith("log_loss") else np.inf


def threads() -> int | None:
    """One thread in a joblib worker that is not told how many are its own, since other workers use the other cores.

    Else the engine's choice: joblib's loky, Dask and Ray set ``OMP_NUM_THREADS`` in their workers.
    """
    return 1 if in_worker() and "OMP_NUM_THREADS" not in os.environ else None


def in_worker() -> bool:
    """Whether this is called in a worker of joblib."""
    backend, _ = get_active_backend()
    return (getattr(backend, "nesting_level", None) or 0) > 0


def own_sparse(matrix: Matrix, name: str = "X") -> Matrix:
    """Of a sparse matrix, one of the same numbers with checked index arrays of its own; anything else unchanged.

    SciPy reads and writes memory where index arrays point, and checks them only when a matrix is made. Nobody else can
    change those of the result.

    Raises:
        InputError: index arrays that do not fit the shape.
    """
    if not (sparse.issparse(matrix) and matrix.ndim == 2):
        return matrix
    shape = tuple(map(int, matrix.shape))
    try:
        if matrix.format not in ("csr", "csc", "bsr", "coo"):
            matrix = matrix.tocoo()
        data = np.asarray(matrix.data)
        if matrix.format == "coo":
            positions = np.array(matrix.row), np.array(matrix.col)
            return type(matrix)((data, positions), shape=shape)  # which checks them
        height, width = matrix.blocksize if matrix.format == "bsr" else (1, 1)
        if data.shape[1:] != (height, width)[: data.ndim - 1] or shape[0] % height or shape[1] % width:
            raise ValueError(f"its stored values have the shape {data.shape}")
        blocks = shape[0] // height, shape[1] // width
        swapped = blocks[::-1] if matrix.format == "csc" else blocks
        indices = own_indices(np.asarray(matrix.indices), np.asarray(matrix.indptr), len(data), swapped)
        return type(matrix)((data, *indices), shape=shape)
    except (ValueError, TypeError) as fault:
        raise InputError(
            f"{name} is a damaged sparse matrix of shape {shape}: {fault}; make it anew."
        ) from None


def inputs_of(inputs: Matrix, dtype: npt.DTypeLike) -> Matrix:
    """``inputs`` (N, I) as an engine takes them: C-contiguous, or sparse by rows."""
    if sparse.issparse(inputs):
        size = inputs.shape[0] * inputs.shape[1]
        if inputs.nnz <= DENSE_SHARE * size or size * np.dtype(dtype).itemsize > DENSE_BYTES:
            return inputs.tocsr().astype(dtype, copy=False)
        inputs = inputs.toarray()
    return np.ascontiguousarray(inputs, dtype)
