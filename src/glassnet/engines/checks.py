"""Checks of what engines and runs are given, the same for every engine: kernels in C++ trust their arguments."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.engines.protocol import Snapshot, StopFlag
from glassnet.errors import Faults, InputError, InputTypeError, SettingsError
from glassnet.net import (
    ACTIVATIONS,
    LOSSES,
    OPTIMIZERS,
    Network,
    Objective,
    Optimizer,
    Parameters,
    State,
)
from glassnet.net.arrays import Array

DTYPES = np.dtype(np.float32), np.dtype(np.float64)


def missing_records(
    network: Network,
    objective: Objective,
    optimizer: Optimizer,
    dtype: npt.DTypeLike,
    activations: Collection[str] = tuple(ACTIVATIONS),
    losses: Collection[str] = tuple(LOSSES),
    optimizers: Collection[str] = tuple(OPTIMIZERS),
) -> list[str]:
    """What an engine lacks that has the records of these names in the tables of :mod:`glassnet.net`, in words."""
    loss = objective.loss
    missing = [
        f"the activation {layer.activation}"
        for layer in network.layers
        if layer.activation != ACTIVATIONS.get(layer.activation.name)
        or layer.activation.name not in activations
    ]
    own = LOSSES.get(loss.name)
    known = own is loss or (own is not None and replace(own, parameter=loss.parameter) == loss)
    if not known or loss.name not in losses:
        missing.append(f"the loss {loss.name}")
    if type(optimizer) is not OPTIMIZERS.get(optimizer.name) or optimizer.name not in optimizers:
        missing.append(f"the optimizer {optimizer.name}")
    if np.dtype(dtype) not in DTYPES:
        missing.append(f"the dtype {np.dtype(dtype)}")
    return list(dict.fromkeys(missing))


def raise_if_missing(reason: str | None) -> None:
    """Refuse what :meth:`Engine.supports` gives a reason for.

    Raises:
        SettingsError: with the reason.
    """
    if reason is not None:
        raise SettingsError(f"{reason}; the reference engine has everything.")


def check_network(network: Network, parameters: Parameters) -> None:
    """Refuse what is not a network and parameters of its shapes.

    Raises:
        InputTypeError: an object of another type.
        InputError: parameters of another network, or that are not real numbers.
    """
    _check_type("network", network, Network)
    _check_type("parameters", parameters, Parameters)
    if parameters.network.shapes != network.shapes:
        raise InputError(
            f"the parameters are of the network {parameters.network}, but must be of one with the layers of {network}."
        )
    if parameters.dtype.kind != "f":
        raise InputError(f"the parameters are {parameters.dtype}, but must be float32 or float64.")


def check_run(
    network: Network,
    parameters: Parameters,
    objective: Objective | None,
    optimizer: Optimizer | None,
    dropout_seed: int,
    threads: int | None,
) -> None:
    """Refuse arguments of :meth:`Engine.open_run` of another type or value.

    Raises:
        InputTypeError: an object of another type.
        InputError: parameters of another network, or a wrong number.
    """
    check_network(network, parameters)
    if objective is not None:
        _check_type("objective", objective, Objective)
    if optimizer is not None:
        _check_type("optimizer", optimizer, Optimizer)
    if not _is_integer(dropout_seed):
        raise InputError(f"dropout_seed is {dropout_seed!r:.80}, but must be an integer.")
    if threads is not None and not (_is_integer(threads) and threads >= 1):
        raise InputError(f"threads is {threads!r:.80}, but must be an integer at least 1 or None.")


def check_stop(stop: StopFlag | None) -> None:
    """Refuse a stop flag that is not one byte.

    Raises:
        InputError: anything else; the flag must be looked at where another thread sets it, so it is not converted.
    """
    if stop is None or (isinstance(stop, np.ndarray) and stop.shape == (1,) and stop.dtype == np.uint8):
        return
    raise InputError(f"stop is {stop!r:.80}, but must be an array of one number of the type uint8, or None.")


def checked_snapshot(snapshot: Snapshot, size: int, moments: int, dtype: np.dtype[Any]) -> Snapshot:
    """A snapshot as copies of its arrays, (``size``,), in the dtype of the run.

    Raises:
        InputError: arrays of another number or size, or a wrong step.
    """
    try:
        vector, (step, own) = snapshot
        parameters = _numbers(vector, dtype)
        copies = tuple(_numbers(moment, dtype) for moment in own)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"the snapshot is {snapshot!r:.80}, but must be a Snapshot of numbers: {error}."
        ) from None
    faults = Faults()
    if parameters.shape != (size,) or len(copies) != moments or any(one.shape != (size,) for one in copies):
        shapes = ", ".join(str(one.shape) for one in copies) or "none"
        faults.add(
            f"the snapshot has parameters of the shape {parameters.shape} and moments of the shapes {shapes}, but this "
            f"run has ({size},) and {moments} moments."
        )
    if not (_is_integer(step) and 0 <= step < 2**63):
        faults.add(f"the step of the snapshot is {step!r:.80}, but must be an integer at least 0.")
    faults.raise_if_any()
    return Snapshot(parameters, State(int(step), copies))


def _numbers(values: Any, dtype: np.dtype[Any]) -> Array:
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{array.dtype} values are not real numbers")
    return np.array(array, dtype, order="C")


def _is_integer(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _check_type(name: str, value: object, wanted: type) -> None:
    if not isinstance(value, wanted):
        raise InputTypeError(
            f"{name} is {value!r:.80}, but must be an object of the class {wanted.__name__}."
        )
