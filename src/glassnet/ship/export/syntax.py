"""The expressions of a column as text, in a language whose syntax is data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

from glassnet.tables.encode.program import Divide, Expression, LookUp, Multiply, Subtract

ARITHMETIC: Mapping[type[Expression], str] = {
    Subtract: "({of} - {number})",
    Multiply: "({of} * {number})",
    Divide: "({of} / {number})",
}
"""As most languages have it."""


@dataclass(frozen=True)
class Syntax:
    """How a language writes expressions.

    Attributes:
        templates: a text for each class of expressions; ``{of}`` in it is the expression within, and the other fields
            are numbers.
        look_up: writes a look-up.
        number: writes a number.
    """

    templates: Mapping[type[Expression], str]
    look_up: Callable[[LookUp], str]
    number: Callable[[float], str] = repr

    def write(self, expression: Expression, names: Mapping[Expression, str]) -> str:
        """The text of ``expression``; those in ``names`` are known by these already."""
        if expression in names:
            return names[expression]
        if isinstance(expression, LookUp):
            return self.look_up(expression)
        values = {
            field.name: self.number(getattr(expression, field.name))
            for field in fields(expression)
            if field.name != "of"
        }
        if expression.inner is not None:
            values["of"] = self.write(expression.inner, names)
        return self.templates[type(expression)].format(**values)
