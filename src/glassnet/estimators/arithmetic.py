"""Between scikit-learn's lists of weights and an engine's run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from joblib.parallel import get_active_backend
from scipy import sparse

from glassnet import engines
from glassnet.engines import Rows, Run
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
DENSE_BYTES = 2**27  # sparse rows that take more when dense are made dense part by part
Matrix = Any  # a dense array (N, I), or SciPy's sparse matrix of that shape


def network_of(coefs: Sequence[Array], activation: str, out_activation: str) -> Network:
    """The network that these weights, each (I, O), belong to; the names are scikit-learn's."""
    widths = [int(weights.shape[1]) for weights in coefs]
    hidden = tuple(Layer(width, ACTIVATIONS[activation]) for width in widths[:-1])
    return Network(int(coefs[0].shape[0]), (*hidden, Layer(widths[-1], ACTIVATIONS[out_activation])))


def parameters_of(
    network: Network, coefs: Sequence[Array], intercepts: Sequence[Array], dtype: npt.DTypeLike
) -> Parameters:
    return Parameters.of(network, list(zip(coefs, intercepts, strict=True)), dtype)


def pack(parameters: Parameters) -> Array:
    """All weights, then all biases: the order in which scikit-learn hands them to SciPy. (P,)"""
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
) -> Run:
    return engines.get().open_run(network, parameters, objective, optimizer, threads=threads())


def loss_ceiling(loss: str, dtype: npt.DTypeLike) -> float:
    """What scikit-learn lets one element of a loss cost: for log losses it takes no probability below ε."""
    return float(-np.log(np.finfo(dtype).eps)) if loss.endswith("log_loss") else np.inf


def threads() -> int | None:
    """One thread for a run within a joblib worker, whose neighbours use the other cores; else the engine's choice."""
    backend, _ = get_active_backend()
    return 1 if (getattr(backend, "nesting_level", None) or 0) > 0 else None


def predict(run: Run, inputs: Matrix, outputs: int, dtype: npt.DTypeLike) -> Array:
    """The outputs (N, O) for dense or sparse inputs (N, I), of ``dtype``."""
    if not sparse.issparse(inputs):
        return run.predict(np.ascontiguousarray(inputs, dtype))
    result = np.empty((inputs.shape[0], outputs), dtype)
    for part in parts(inputs, dtype):
        result[part] = run.predict(dense(inputs[part], dtype))
    return result


def dense(inputs: Matrix, dtype: npt.DTypeLike) -> Array:
    """``inputs`` (N, I) as a C-contiguous array."""
    array: Array = inputs.toarray() if sparse.issparse(inputs) else inputs
    return np.ascontiguousarray(array, dtype)


def by_rows(inputs: Matrix, dtype: npt.DTypeLike) -> Matrix:
    """Inputs as training takes them: dense where that is not too large, else sparse by rows."""
    if sparse.issparse(inputs) and inputs.shape[0] * row_bytes(inputs, dtype) > DENSE_BYTES:
        return inputs.tocsr()
    return dense(inputs, dtype)


def parts(inputs: Matrix, dtype: npt.DTypeLike) -> list[slice]:
    """Slices of rows, each of which may be made dense; one for all where they are dense."""
    count = inputs.shape[0]
    size = count
    if sparse.issparse(inputs):
        size = max(1, DENSE_BYTES // row_bytes(inputs, dtype))
    return [slice(start, min(start + size, count)) for start in range(0, count, max(size, 1))]


def row_bytes(inputs: Matrix, dtype: npt.DTypeLike) -> int:
    return int(inputs.shape[1] * np.dtype(dtype).itemsize) or 1


def take(inputs: Matrix, targets: Array, weights: Array | None, at: Any) -> Rows:
    """The rows ``at`` (a slice or numbers of rows), dense."""
    own = None if weights is None else np.ascontiguousarray(weights[at], targets.dtype)
    return Rows(dense(inputs[at], targets.dtype), np.ascontiguousarray(targets[at]), own)
