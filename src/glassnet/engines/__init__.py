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

NAMES = ("native", "reference", "jax")  # of all engines; "auto" tries them in this order


def _engine(name: str) -> Engine | Unavailable:
    """The engine, or why it cannot be used. No other engine is asked: to start JAX takes a second."""
    if name == "jax":
        return jax.engine()
    return native.engine() if name == "native" else ReferenceEngine()


def available(*names: str) -> list[str]:
    """The names of the engines that can be used here: of these, or of all."""
    return [name for name in names or NAMES if not isinstance(_engine(name), Unavailable)]


def unavailable(*names: str) -> dict[str, str]:
    """Why engines cannot be used here, by name: of these engines, or of all; those that can are left out."""
    engines = {name: _engine(name) for name in names or NAMES}
    return {name: engine.reason for name, engine in engines.items() if isinstance(engine, Unavailable)}


def get(
    name: str = "auto",
    network: Network | None = None,
    objective: Objective | None = None,
    optimizer: Optimizer | None = None,
    dtype: npt.DTypeLike = np.float32,
    *,
    sparse: bool = False,
    batch_size: int | None = None,
) -> Engine:
    """The engine of that name, or for ``"auto"`` the first that supports all of these.

    That is the native engine, else the reference engine. The JAX engine comes before them where JAX sees a GPU, to
    train a large network: the weights times ``batch_size`` must be at least
    ``glassnet.engines.jax.LEAST_PRODUCTS``.

    Args:
        network, objective, optimizer, dtype, sparse: what the engine must support (:meth:`Engine.supports`); without
            a ``network``, anything.
        batch_size: the rows of a training step; ``None`` for predictions, and where it is not known.

    Raises:
        SettingsError: no engine has that name, or it cannot be used here or for this network; the message says why.
    """
    if name not in ("auto", *NAMES):
        raise SettingsError(unknown(called("engine"), name, ["auto", *NAMES]))
    names: tuple[str, ...] = (name,)
    if name == "auto":
        products = 0 if network is None else (batch_size or 0) * sum(network.connections)
        names = ("jax", *NAMES) if products >= jax.LEAST_PRODUCTS and jax.has_gpu() else NAMES
    reason = ""
    for own in names:
        engine = _engine(own)
        if isinstance(engine, Unavailable):
            reason = f"cannot be used here: {engine.reason}"
            continue
        missing = None if network is None else engine.supports(network, objective, optimizer, dtype, sparse)
        if missing is None:
            return engine
        reason = f"cannot be used here: {missing}; {called('engine', 'auto')} takes one that can."
    raise SettingsError(f"the engine {name!r} {reason}")
