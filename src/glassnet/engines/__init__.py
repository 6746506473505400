"""Engines: the code that computes.

Every engine implements :mod:`~glassnet.engines.protocol`. The reference engine is the textbook code of
:mod:`glassnet.net`; tests compare every other engine with it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from glassnet.engines import jax, native
from glassnet.engines.protocol import Engine, Epochs, Rows, Run, Snapshot, Unavailable
from glassnet.engines.reference import ReferenceEngine
from glassnet.errors import SettingsError, called, unknown
from glassnet.net import Network, Objective, Optimizer

__all__ = ["Engine", "Epochs", "Rows", "Run", "Snapshot", "Unavailable", "available", "get", "unavailable"]


def _engines() -> dict[str, Engine | Unavailable]:
    """All engines by name, in the order in which ``"auto"`` tries them; one that cannot be used gives the reason.

    The reference engine supports everything, so what follows it is used only where it is asked for.
    """
    cores: dict[str, Engine | Unavailable] = {"native": native.engine(), "reference": ReferenceEngine()}
    with_jax: dict[str, Engine | Unavailable] = {"jax": jax.engine()}
    return with_jax | cores if jax.has_gpu() else cores | with_jax


def available() -> list[str]:
    """The names of the engines that can be used here, in the order in which ``"auto"`` tries them."""
    return [name for name, engine in _engines().items() if not isinstance(engine, Unavailable)]


def unavailable() -> dict[str, str]:
    """Why each of the other engines cannot be used here, by name."""
    return {name: engine.reason for name, engine in _engines().items() if isinstance(engine, Unavailable)}


def get(
    name: str = "auto",
    network: Network | None = None,
    objective: Objective | None = None,
    optimizer: Optimizer | None = None,
    dtype: npt.DTypeLike = np.float32,
) -> Engine:
    """The engine of that name, or for ``"auto"`` the first of :func:`available` that supports all of these.

    Args:
        network, objective, optimizer, dtype: what the engine must support (:meth:`Engine.supports`); without a
            ``network``, anything.

    Raises:
        SettingsError: no engine has that name, or it cannot be used here or for this network; the message says why.
    """
    engines = _engines()
    if name not in ("auto", *engines):
        raise SettingsError(unknown(called("engine"), name, ["auto", *engines]))
    reason = ""
    for engine in engines.values() if name == "auto" else [engines[name]]:
        if isinstance(engine, Unavailable):
            reason = f"cannot be used here: {engine.reason}"
            continue
        missing = None if network is None else engine.supports(network, objective, optimizer, dtype)
        if missing is None:
            return engine
        reason = f"cannot be used here: {missing}; {called('engine', 'auto')} takes one that can."
    raise SettingsError(f"the engine {name!r} {reason}")
