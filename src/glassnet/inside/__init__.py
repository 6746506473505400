"""What can be read off a model. Returns plain data, draws nothing.

A model's own methods lead here: ``explain``, ``ledger``, ``importances``, ``profile``, ``attributions``,
``nearest``, ``path``, ``doctor``; and ``glassnet.compare``. Everything has ``to_frame()`` and says in plain text
what it holds. Everything loads when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glassnet.inside.arithmetic import Arithmetic
    from glassnet.inside.arithmetic_record import Back, LayerArithmetic
    from glassnet.inside.attributions import Attributions
    from glassnet.inside.comparison import Comparison, LayerComparison, WeightChange, compare
    from glassnet.inside.doctor import Diagnosis, Finding
    from glassnet.inside.importances import Importances
    from glassnet.inside.input_provenance import Origin
    from glassnet.inside.neighbors import Neighbors
    from glassnet.inside.profiles import Profile
    from glassnet.inside.summary import Ledger, LedgerRow
    from glassnet.inside.weight_history import WeightPath

_HOMES = {
    "Arithmetic": "arithmetic",
    "Attributions": "attributions",
    "Back": "arithmetic_record",
    "Comparison": "comparison",
    "Diagnosis": "doctor",
    "Finding": "doctor",
    "Importances": "importances",
    "LayerArithmetic": "arithmetic_record",
    "LayerComparison": "comparison",
    "Ledger": "summary",
    "LedgerRow": "summary",
    "Neighbors": "neighbors",
    "Origin": "input_provenance",
    "Profile": "profiles",
    "WeightChange": "comparison",
    "WeightPath": "weight_history",
    "compare": "comparison",
}

__all__ = [
    "Arithmetic",
    "Attributions",
    "Back",
    "Comparison",
    "Diagnosis",
    "Finding",
    "Importances",
    "LayerArithmetic",
    "LayerComparison",
    "Ledger",
    "LedgerRow",
    "Neighbors",
    "Origin",
    "Profile",
    "WeightChange",
    "WeightPath",
    "compare",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"glassnet.inside.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'glassnet.inside' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
