"""The native engine: kernels in C++ (``native/``), compiled into the module ``_native``.

This module checks all arguments and passes contiguous arrays to ``_native``. Two environment variables:
``GLASSNET_ISA`` (``baseline``, ``avx2`` or ``avx512``) selects another instruction set than the best,
``GLASSNET_THREADS`` the maximum number of threads (see :func:`glassnet.engines.threads.most_threads`).
"""

from __future__ import annotations

import os
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from glassnet.engines.checks import (
    check_network,
    check_run,
    check_stop,
    checked_snapshot,
    missing_records,
    raise_if_missing,
)
from glassnet.engines.inputs import checked_inputs, checked_steps, entries_of, is_sparse, rows_of
from glassnet.engines.protocol import (
    EachRow,
    Engine,
    Epochs,
    Inputs,
    Order,
    Predictor,
    Rates,
    Rows,
    Snapshot,
    StopFlag,
    Unavailable,
    raise_if_stopped,
)
from glassnet.engines.threads import most_threads
from glassnet.errors import InputError
from glassnet.net import (
    Network,
    Objective,
    Optimizer,
    Parameters,
    State,
)
from glassnet.net.arrays import Array
from glassnet.net.optimizers import Adam

_MISSING: ImportError | None = None
try:
    import glassnet.engines._native as _native  # "from ... import" would report a missing core as a circular import
except ImportError as error:
    _MISSING = error

MOST_THREADS = 1024


class NativeRun:
    """A run of ``_native``, which holds the parameters and the moments in the layout of its kernels."""

    def __init__(
        self,
        core: _native.Run32 | _native.Run64,
        network: Network,
        parameters: Parameters,
        optimizer: Optimizer,
    ) -> None:
        self._core = core
        self._network = network
        self._dtype = parameters.dtype
        self._size = parameters.vector.size
        self._moment_count = optimizer.moment_count
        moments = np.zeros((self._moment_count, self._size), self._dtype)
        core.write(parameters.vector.copy(), moments, 0)

    def epochs(
        self,
        rows: Rows,
        batch_size: int,
        rates: Rates,
        orders: Order | None = None,
        stop: StopFlag | None = None,
    ) -> Epochs:
        inputs = checked_inputs(rows, self._network, self._dtype)
        rates, orders = checked_steps(len(rows), batch_size, rates, orders)
        check_stop(stop)
        losses, penalties = np.empty((2, len(rates)))
        finished, diverged_at = self._core.epochs(
            inputs,
            rows.targets,
            rows.weights,
            min(batch_size, len(rows)),
            rates,
            orders,
            stop,
            losses,
            penalties,
        )
        return Epochs(losses[:finished], diverged_at or None, penalties[:finished])

    def predict(self, inputs: Inputs, stop: StopFlag | None = None) -> Array:
        check_stop(stop)
        width, given = self._network.inputs, inputs
        if is_sparse(inputs):
            given = entries_of(inputs, (inputs.shape[0], width), self._dtype)
        else:
            given = inputs = rows_of(inputs, width, self._dtype, (2,))
        outputs = np.empty((inputs.shape[0], self._network.outputs), self._dtype)
        self._core.predict(given, outputs, stop)
        raise_if_stopped(stop)
        return outputs

    def evaluate(self, rows: Rows, stop: StopFlag | None = None, each: EachRow | None = None) -> float:
        check_stop(stop)
        inputs = checked_inputs(rows, self._network, self._dtype)
        loss = self._core.evaluate(inputs, rows.targets, rows.weights, stop, *(each or ()))
        raise_if_stopped(stop)
        return loss

    def gradients(self, rows: Rows) -> tuple[float, Array]:
        inputs = checked_inputs(rows, self._network, self._dtype)
        gradient = np.empty(self._size, self._dtype)
        return self._core.gradients(inputs, rows.targets, rows.weights, gradient), gradient

    def parameters(self) -> Array:
        parameters = np.empty(self._size, self._dtype)
        self._core.read(parameters)
        return parameters

    def snapshot(self) -> Snapshot:
        parameters = np.empty(self._size, self._dtype)
        moments = np.empty((self._moment_count, self._size), self._dtype)
        step = self._core.read(parameters, moments)
        return Snapshot(parameters, State(step, tuple(moments)))

    def restore(self, snapshot: Snapshot) -> None:
        parameters, (step, moments) = checked_snapshot(snapshot, self._size, self._moment_count, self._dtype)
        stacked = np.empty((self._moment_count, self._size), self._dtype)
        for stacked_moment, moment in zip(stacked, moments, strict=True):
            stacked_moment[...] = moment
        self._core.write(parameters, stacked, step)


class NativeEngine:
    """The engine of ``_native`` on one instruction set."""

    name = "native"

    def __init__(self, instruction_set: str) -> None:
        self._instruction_set = instruction_set

    def describe(self) -> dict[str, str]:
        return {
            "engine": self.name,
            "arithmetic": "C++ kernels",
            "instruction set": f"{self._instruction_set} (of {', '.join(_native.instruction_sets())})",
            "threads": f"up to {_threads(None)}",
        }

    def supports(
        self,
        network: Network,
        objective: Objective | None = None,
        optimizer: Optimizer | None = None,
        dtype: npt.DTypeLike = np.float32,
        sparse: bool = False,
    ) -> str | None:
        missing = missing_records(
            network,
            objective or Objective(),
            optimizer or Adam(),
            dtype,
            _native.ACTIVATIONS,
            _native.LOSSES,
            _native.OPTIMIZERS,
        )
        return f"the native engine does not have {', '.join(missing)}" if missing else None

    def open_run(
        self,
        network: Network,
        parameters: Parameters,
        objective: Objective | None = None,
        optimizer: Optimizer | None = None,
        *,
        dropout_seed: int = 0,
        threads: int | None = None,
    ) -> NativeRun:
        check_run(network, parameters, objective, optimizer, dropout_seed, threads)
        objective, optimizer = objective or Objective(), optimizer or Adam()
        if not objective.loss.accepts(network.output.activation):
            raise InputError(objective.loss.refusal(network.output.activation))
        raise_if_missing(self.supports(network, objective, optimizer, parameters.dtype))
        make = _native.Run32 if parameters.dtype == np.float32 else _native.Run64
        core = make(
            self._instruction_set,
            _layers(network),
            (
                _native.LOSSES.index(objective.loss.name),
                objective.loss.parameter,
                objective.l1,
                objective.l2,
                objective.loss_cap,
                objective.penalty_per_row,
            ),
            _optimizer(optimizer),
            int(dropout_seed) % 2**64,
            _threads(threads),
        )
        return NativeRun(core, network, parameters, optimizer)

    def predictor(self, network: Network, parameters: Parameters) -> Predictor:
        check_network(network, parameters)
        raise_if_missing(self.supports(network, dtype=parameters.dtype))
        make = _native.predictor32 if parameters.dtype == np.float32 else _native.predictor64
        dtype = parameters.dtype

        def convert(inputs: npt.ArrayLike) -> Array:
            return rows_of(inputs, network.inputs, dtype)

        vector = np.ascontiguousarray(parameters.vector)
        return make(self._instruction_set, _layers(network), vector, _threads(None), convert)


def _threads(threads: int | None) -> int:
    return min(most_threads() if threads is None else int(threads), MOST_THREADS)


def _layers(network: Network) -> list[tuple[int, int, int, float]]:
    return [
        (inputs, outputs, _native.ACTIVATIONS.index(layer.activation.name), float(layer.dropout))
        for (inputs, outputs), layer in zip(network.shapes, network.layers, strict=True)
    ]


def _optimizer(optimizer: Optimizer) -> tuple[int, float, float, float, float, float]:
    """The optimizer's number and constants, in the order of ``_native``."""

    def constant(*names: str) -> float:
        return float(next((getattr(optimizer, name) for name in names if hasattr(optimizer, name)), 0.0))

    return (
        _native.OPTIMIZERS.index(optimizer.name),
        constant("beta1", "momentum", "decay"),
        constant("beta2"),
        constant("epsilon"),
        constant("weight_decay"),
        np.inf if optimizer.max_norm is None else float(optimizer.max_norm),
    )


def engine() -> Engine | Unavailable:
    """The native engine, or why it cannot be used here."""
    return _engine(os.environ.get("GLASSNET_ISA"))


@lru_cache
def _engine(requested: str | None) -> Engine | Unavailable:
    if _MISSING is not None:
        return Unavailable(
            NativeEngine.name,
            f"its C++ core is not part of this installation ({_MISSING}); install glassnet again where there is "
            f"a C++17 compiler.",
        )
    sets = _native.instruction_sets()
    requested = requested or sets[0]
    if requested not in sets:
        return Unavailable(
            NativeEngine.name,
            f"GLASSNET_ISA is {requested!r}, but must be one of {', '.join(sets)}.",
        )
    return NativeEngine(requested)
