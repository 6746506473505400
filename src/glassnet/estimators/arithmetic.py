"""Conversion between scikit-learn's lists of weights and the runs of an engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from joblib.parallel import get_active_backend
from scipy import sparse

from glassnet import engines
from glassnet.engines import Run
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
) -> Run:
    return engines.get().open_run(network, parameters, objective, optimizer, threads=threads())


def loss_cap(loss: str, dtype: npt.DTypeLike) -> float:
    """The largest loss of one element in scikit-learn: its log losses take no probability below ε."""
    return float(-np.log(np.finfo(dtype).eps)) if loss.endswith("log_loss") else np.inf


def threads() -> int | None:
    """One thread within a joblib worker, since other workers use the other cores; else the engine's choice."""
    backend, _ = get_active_backend()
    return 1 if (getattr(backend, "nesting_level", None) or 0) > 0 else None


def inputs_of(inputs: Matrix, dtype: npt.DTypeLike) -> Matrix:
    """``inputs`` (N, I) as an engine takes them: C-contiguous, or sparse by rows."""
    if sparse.issparse(inputs):
        size = inputs.shape[0] * inputs.shape[1]
        if inputs.nnz <= DENSE_SHARE * size or size * np.dtype(dtype).itemsize > DENSE_BYTES:
            return inputs.tocsr().astype(dtype, copy=False)
        inputs = inputs.toarray()
    return np.ascontiguousarray(inputs, dtype)
