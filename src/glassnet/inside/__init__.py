"""Computes what can be inspected in a model, as plain data. Pictures are in :mod:`glassnet.pictures`.

A model's own methods return these objects: ``explain``, ``summary``, ``importances``, ``profile``, ``attributions``,
``nearest``, ``unlike``, ``what_if``, ``weight_history``, ``doctor``, ``card``; and so does ``glassnet.compare``.
Each has ``to_text()``, ``to_markdown()``, ``to_latex()`` and ``to_html()``, and most have ``to_frame()``. Every module
is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glassnet.inside.arithmetic import Arithmetic as Arithmetic
    from glassnet.inside.arithmetic_record import LayerArithmetic as LayerArithmetic
    from glassnet.inside.attributions import Attributions as Attributions
    from glassnet.inside.card import Card as Card
    from glassnet.inside.comparison import Comparison as Comparison
    from glassnet.inside.comparison import WeightChange as WeightChange
    from glassnet.inside.comparison import compare as compare
    from glassnet.inside.doctor import Diagnosis as Diagnosis
    from glassnet.inside.doctor import Finding as Finding
    from glassnet.inside.doctor import Suggestion as Suggestion
    from glassnet.inside.importances import Importances as Importances
    from glassnet.inside.input_provenance import Origin as Origin
    from glassnet.inside.mistakes import Mistakes as Mistakes
    from glassnet.inside.neighbors import Neighbors as Neighbors
    from glassnet.inside.parameter_changes import ParameterChange as ParameterChange
    from glassnet.inside.profiles import Profile as Profile
    from glassnet.inside.summary import Summary as Summary
    from glassnet.inside.unlike import Unlike as Unlike
    from glassnet.inside.weight_history import WeightHistory as WeightHistory
    from glassnet.inside.what_if import WhatIf as WhatIf

_MODULES = {
    "arithmetic": ("Arithmetic",),
    "arithmetic_record": ("LayerArithmetic",),
    "attributions": ("Attributions",),
    "card": ("Card",),
    "comparison": ("Comparison", "WeightChange", "compare"),
    "doctor": ("Diagnosis", "Finding", "Suggestion"),
    "importances": ("Importances",),
    "input_provenance": ("Origin",),
    "mistakes": ("Mistakes",),
    "neighbors": ("Neighbors",),
    "parameter_changes": ("ParameterChange",),
    "profiles": ("Profile",),
    "summary": ("Summary",),
    "unlike": ("Unlike",),
    "weight_history": ("WeightHistory",),
    "what_if": ("WhatIf",),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"glassnet.inside.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'glassnet.inside' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
