"""Engines: who does the arithmetic.

Every engine answers to :mod:`~glassnet.engines.protocol`. The reference engine is the textbook code of
:mod:`glassnet.net`; every other engine is held to its answers.
"""

from __future__ import annotations

from glassnet.engines import native
from glassnet.engines.protocol import Engine, Epochs, Rows, Run, Snapshot, Unavailable
from glassnet.engines.reference import ReferenceEngine
from glassnet.errors import SettingsError, called, unknown

__all__ = ["Engine", "Epochs", "Rows", "Run", "Snapshot", "Unavailable", "available", "get", "unavailable"]


def _engines() -> dict[str, Engine | Unavailable]:
    """All engines by name, the preferred one first; one that cannot serve here says why."""
    return {"native": native.engine(), "reference": ReferenceEngine()}


def available() -> list[str]:
    """The names of the engines that can serve here, the preferred one first."""
    return [name for name, engine in _engines().items() if not isinstance(engine, Unavailable)]


def unavailable() -> dict[str, str]:
    """Why each of the other engines cannot serve here, by name."""
    return {name: engine.reason for name, engine in _engines().items() if isinstance(engine, Unavailable)}


def get(name: str = "auto") -> Engine:
    """The engine of that name; ``"auto"``, the preferred one of those that can serve here.

    Raises:
        SettingsError: no engine has that name, or it cannot serve here; the message says why.
    """
    engines = _engines()
    if name == "auto":
        return next(engine for engine in engines.values() if not isinstance(engine, Unavailable))
    if name not in engines:
        raise SettingsError(unknown(called("engine"), name, ["auto", *engines]))
    engine = engines[name]
    if isinstance(engine, Unavailable):
        raise SettingsError(f"the engine {name!r} cannot serve here: {engine.reason}")
    return engine
