"""Rules with constants: what optimizers and schedules have in common, and the checks of such constants."""

from __future__ import annotations

import math
import numbers
import sys
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from glassnet.errors import Faults


@dataclass(frozen=True)
class Bounds:
    """The numbers that a constant can have: from ``minimum`` to ``maximum``, both included.

    ``above`` excludes the minimum itself, ``below`` the maximum itself.
    """

    minimum: float = -math.inf
    maximum: float = math.inf
    above: bool = False
    below: bool = False

    def __str__(self) -> str:
        """In words, such as ``above 0 and at most 1``; empty if every number is allowed."""
        parts = []
        if self.minimum > -math.inf:
            parts.append(f"{'above' if self.above else 'at least'} {self.minimum:g}")
        if self.maximum < math.inf:
            parts.append(f"{'below' if self.below else 'at most'} {self.maximum:g}")
        return " and ".join(parts)

    def allow(self, value: object, *, integer: bool = False) -> bool:
        """Whether ``value`` is such a number."""
        plain = type(value) is int or (type(value) is float and not integer)
        wanted = numbers.Integral if integer else numbers.Real
        # asking for these abstract classes takes longer than all the rest
        if not plain and (isinstance(value, bool) or not isinstance(value, wanted)):
            return False
        number: Any = value
        if type(value) is int and abs(value) > sys.float_info.max:  # which math.isfinite does not take
            return False
        return (
            math.isfinite(number)
            and (self.minimum < number or (number == self.minimum and not self.above))
            and (number < self.maximum or (number == self.maximum and not self.below))
        )

    def fault(self, name: str, value: object, *, integer: bool = False, optional: bool = False) -> str:
        """The message for a ``value`` that is no such number; empty if it is one."""
        if (value is None and optional) or self.allow(value, integer=integer):
            return ""
        what = ("an integer" if integer else "a number") + f" {self}".rstrip() + " or None" * optional
        return f"{name} is {value!r}, but must be {what}."


ANY_NUMBER = Bounds()


def constant(default: float | None, meaning: str, **bounds: Any) -> Any:
    """A field of a rule: a number within ``bounds`` (see :class:`Bounds`), or ``None`` if that is its default."""
    return field(default=default, metadata={"help": meaning, "bounds": Bounds(**bounds)})


@dataclass(frozen=True)
class Rule:
    """A named rule; its fields are its constants, and ``str(rule)`` is ``name(constant=value)``.

    Raises:
        InputError: a constant out of its bounds; all faults at once.
    """

    name: ClassVar[str]

    def __post_init__(self) -> None:
        faults = Faults()
        for own in fields(self):
            value, bounds = getattr(self, own.name), own.metadata.get("bounds")
            if bounds is None:
                continue
            if fault := bounds.fault(f"{own.name} of {self.name}", value, optional=own.default is None):
                faults.add(fault)
            elif value is not None:
                object.__setattr__(self, own.name, float(value))
        faults.raise_if_any()

    def __str__(self) -> str:
        """The name, with the constants that differ from their defaults."""
        return self.text(all_constants=False)

    def text(self, *, all_constants: bool = True) -> str:
        """The rule as :func:`glassnet.train` also takes it, such as ``adam(beta1=0.8)``."""
        shown = {}
        for own in fields(self):
            value = getattr(self, own.name)
            if all_constants or value != own.default:
                nested = isinstance(value, Rule)
                shown[own.name] = value.text(all_constants=all_constants) if nested else value
        return written(self.name, shown)


def written(name: str, constants: dict[str, Any]) -> str:
    """``name(constant=value, ...)``, or the name alone."""
    listed = ", ".join(f"{key}={_text(value)}" for key, value in constants.items())
    return f"{name}({listed})" if listed else name


def _text(value: Any) -> str:
    if isinstance(value, float) and float(f"{value:g}") == value:
        return f"{value:g}"
    return f"{value}"
