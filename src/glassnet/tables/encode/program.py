"""How the inputs of a column follow from its raw value, as data: what every export is written from.

A :class:`ColumnProgram` says how a raw value is read (:class:`Source`), and has an expression for each input of the
network. Expressions are nested records of the few kinds below; all their numbers are float64, and the operations are
those of the column encoder, in its order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

NUMBERS, TRUTHS, TEXTS, TIMES = "number", "boolean", "text", "time"


@dataclass(frozen=True)
class Source:
    """A raw column and how it is read.

    Attributes:
        column: its name.
        type: ``"number"``; ``"boolean"``, which is 0 or 1; ``"text"``, without the blanks around it; ``"time"``:
            seconds since 1970 (UTC).
        words: texts that stand for a missing value.
        sentinels: numbers, or seconds, that do.
        format: of a text that is a date, how it is written; its value is then a number of seconds.
        folded: whether a text is read in lower case.
    """

    column: str
    type: str
    words: tuple[str, ...] = ()
    sentinels: tuple[float, ...] = ()
    format: str | None = None
    folded: bool = False

    @property
    def is_text(self) -> bool:
        """Whether the value that expressions take is a text."""
        return self.type == TEXTS and self.format is None


@dataclass(frozen=True)
class Expression:
    """One of the classes below."""

    @property
    def inner(self) -> Expression | None:
        """The expression within it, if it has one."""
        return getattr(self, "of", None)


@dataclass(frozen=True)
class Value(Expression):
    """The value of the column; not used where it is missing."""


@dataclass(frozen=True)
class Missing(Expression):
    """1 where the value is missing, else 0."""


@dataclass(frozen=True)
class Filled(Expression):
    """``of``, and ``fill`` where the value is missing."""

    of: Expression
    fill: float


@dataclass(frozen=True)
class Subtract(Expression):
    """``of - number``."""

    of: Expression
    number: float


@dataclass(frozen=True)
class Multiply(Expression):
    """``of * number``."""

    of: Expression
    number: float


@dataclass(frozen=True)
class Divide(Expression):
    """``of / number``."""

    of: Expression
    number: float


@dataclass(frozen=True)
class Clip(Expression):
    """``of`` kept from ``low`` to ``high``, infinite values too."""

    of: Expression
    low: float
    high: float


@dataclass(frozen=True)
class SoftClip(Expression):
    """``z / sqrt(1 + (z / limit)²)`` of ``z = of``."""

    of: Expression
    limit: float


@dataclass(frozen=True)
class Sine(Expression):
    """The sine of ``of``, in radians."""

    of: Expression


@dataclass(frozen=True)
class Cosine(Expression):
    """The cosine of ``of``, in radians."""

    of: Expression


@dataclass(frozen=True)
class LookUp(Expression):
    """The one of ``numbers`` that belongs to the value among ``keys``, which are texts, or numbers.

    ``missing`` is the number of a missing value, and ``other`` that of a value that is no key; where ``other`` is
    None, such a value is an error.
    """

    keys: tuple[str, ...] | tuple[float, ...]
    numbers: tuple[float, ...]
    missing: float
    other: float | None


@dataclass(frozen=True)
class Equals(Expression):
    """1 where ``of`` is ``number``, else 0."""

    of: Expression
    number: float


@dataclass(frozen=True)
class ColumnProgram:
    """How a column is read, and an expression for each of its inputs."""

    source: Source
    inputs: tuple[Expression, ...]

    def look_ups(self) -> list[LookUp]:
        """The different look-ups in it."""
        every = (part for expression in self.inputs for part in _parts(expression))
        return list(dict.fromkeys(part for part in every if isinstance(part, LookUp)))

    def shared(self) -> list[Expression]:
        """Expressions that occur more than once and are worth a name, each after those within it."""
        counts: Counter[Expression] = Counter()
        for expression in self.inputs:
            counts.update(_parts(expression))
        return [found for found, count in counts.items() if count > 1 and _has_a_name(found)]

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it: an expression is a list of its name and its fields.

        Those that occur more than once stand in ``parts``; ``["part", 2]`` is the third of them.
        """
        parts: dict[Expression, int] = {}
        written = []
        for shared in self.shared():
            written.append(_to_lists(shared, parts))
            parts[shared] = len(parts)
        return {
            **asdict(self.source),
            "parts": written,
            "inputs": [_to_lists(each, parts) for each in self.inputs],
        }


def _parts(expression: Expression) -> Iterator[Expression]:
    """The expression and those within it, the innermost first."""
    if expression.inner is not None:
        yield from _parts(expression.inner)
    yield expression


def _has_a_name(expression: Expression) -> bool:
    """Whether it is defined where the value is missing, and takes more than looking at the value."""
    if isinstance(expression, (Filled, LookUp)):
        return True
    return expression.inner is not None and _has_a_name(expression.inner)


def _to_lists(expression: Expression, parts: Mapping[Expression, int]) -> list[Any]:
    """The name of the expression's class in lower case, and its fields in order; ``["part", 2]`` for what is shared."""
    if expression in parts:
        return ["part", parts[expression]]
    found: list[Any] = [type(expression).__name__.lower()]
    for each in fields(expression):
        value = getattr(expression, each.name)
        plain = list(value) if isinstance(value, tuple) else value
        found.append(_to_lists(value, parts) if isinstance(value, Expression) else plain)
    return found


def one_hot(keys: Sequence[Any], other: bool) -> tuple[Expression, ...]:
    """An input for each key, 1 where the value is that; and one more for all ``other`` values."""
    count = len(keys)
    place = LookUp(tuple(keys), tuple(map(float, range(count))), -1.0, float(count) if other else -1.0)
    return tuple(Equals(place, float(at)) for at in range(count + other))


def numbers_of(texts: Iterable[str]) -> tuple[float, ...] | None:
    """Texts as different numbers; None where one is no number, or two are the same."""
    try:
        found = tuple(float(text) for text in texts)
    except ValueError:
        return None
    return found if len(set(found)) == len(found) else None
