"""One setting: its name, default, bounds and what it means."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from glassnet.errors import SettingsError, called, unknown


@dataclass(frozen=True)
class Setting:
    """One row of the table.

    ``kind`` is ``"whole"`` or ``"number"`` (within the bounds), ``"choice"`` (one of ``choices``),
    ``"flag"``, or ``"anything"`` (checked where it is used). ``many`` allows a sequence with one entry
    for each hidden layer. ``optional`` allows ``None``, which ``none`` explains.
    """

    name: str
    group: str
    kind: str
    default: Any
    help: str
    why: str = ""
    choices: tuple[str, ...] = ()
    minimum: float = -math.inf
    maximum: float = math.inf
    above: bool = False
    below: bool = False
    many: bool = False
    optional: bool = False
    none: str = ""

    @property
    def bounds(self) -> str:
        """The allowed numbers in words, such as ``above 0 and at most 1``; empty if any will do."""
        parts = []
        if self.minimum > -math.inf:
            parts.append(f"{'above' if self.above else 'at least'} {self.minimum:g}")
        if self.maximum < math.inf:
            parts.append(f"{'below' if self.below else 'at most'} {self.maximum:g}")
        return " and ".join(parts)

    def check(self, value: Any) -> Any:
        """``value`` as the rest of the project wants it. Raises ``SettingsError``."""
        if self.kind == "anything" or (value is None and self.optional):
            return value
        if not self.many and type(value) is type(self.default) and value == self.default:
            return value
        if self.many and isinstance(value, Iterable) and not isinstance(value, str):
            return tuple(self._one(entry) for entry in value)
        checked = self._one(value)
        return (checked,) if self.name == "hidden" else checked

    def _one(self, value: Any) -> Any:
        if self.kind == "choice":
            if value not in self.choices:
                raise SettingsError(unknown(called(self.name), value, self.choices))
            return value
        if self.kind == "flag":
            if not isinstance(value, bool):
                raise SettingsError(f"{called(self.name)} is {value!r}, but must be True or False.")
            return value
        return self._number(value)

    def _number(self, value: Any) -> int | float:
        whole = self.kind == "whole"
        kind = numbers.Integral if whole else numbers.Real
        good = isinstance(value, kind) and not isinstance(value, bool)
        good = good and math.isfinite(value) and self.minimum <= value <= self.maximum
        good = (
            good and not (self.above and value == self.minimum) and not (self.below and value == self.maximum)
        )
        if not good:
            what = "a whole number" if whole else "a number"
            bounds = f" {self.bounds}" if self.bounds else ""
            or_none = " or None" if self.optional else ""
            raise SettingsError(f"{called(self.name)} is {value!r}, but must be {what}{bounds}{or_none}.")
        return int(value) if whole else float(value)
