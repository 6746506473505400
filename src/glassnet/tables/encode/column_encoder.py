"""What every column encoder is: one small class that learns from training rows and answers for its column.

It names the inputs that it makes, encodes a column in one pass that also reports what is wrong with it, states the
formula of each input, and knows the values that its column runs through: for profiles, axes and importances. A new one
derives from :class:`ColumnEncoder`, defines what raises ``NotImplementedError`` here, and is registered by
:func:`register`. What it does not override treats the column as one of levels, as a category is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import plural
from glassnet.tables._arrow import pa
from glassnet.tables.column_values import ColumnValues
from glassnet.tables.encode.program import ColumnProgram, Missing
from glassnet.tables.notes import Note
from glassnet.tables.schema import Column, add_column_type
from glassnet.tables.value_text import shortened

Array = NDArray[Any]
Weights = NDArray[np.float64]
Ends = tuple[float, float]  # the lowest and the highest

MISSING_INPUT = "1 if missing, else 0"


class NumberOptions(NamedTuple):
    """How columns of numbers are encoded: see the settings of these names."""

    scaling: str = "standard"
    bins: int = 0


STANDARD = NumberOptions()


class Encoded(NamedTuple):
    """An encoded column: its inputs (N, own inputs), the faults that make it unusable, and notes."""

    array: Array
    faults: list[str]
    notes: list[Note]


class Grid(NamedTuple):
    """Values (K,) of a column, as in the table, and their encoded inputs (K, own inputs)."""

    values: Array
    inputs: Array


@dataclass(frozen=True)
class ColumnEncoder:
    """The base of all column encoders.

    Attributes:
        type: the column type that the encoder is for.
        column: the column that it reads.
        missing_flag: whether its last input marks missing values: it does where the training rows had some.
    """

    type: ClassVar[str]
    continuous: ClassVar[bool] = False  # whether the column runs along an axis, in place of having levels

    column: str
    missing_flag: bool

    @classmethod
    def fit(
        cls, values: ColumnValues, described: Column, numbers: NumberOptions, weights: Weights | None = None
    ) -> Self:
        """The encoder of the training rows of a column.

        ``numbers`` is for columns of numbers. ``weights`` (N,) are positive: a row with the weight 2 counts as two.
        """
        raise NotImplementedError

    def value_names(self) -> tuple[str, ...]:
        """The names of the inputs that hold the value."""
        raise NotImplementedError

    def value_formulas(self, missing: bool) -> tuple[str, ...]:
        """How each of those is made from the value, in words; of a value that is missing, if it is."""
        raise NotImplementedError

    def write(self, values: ColumnValues, out: Array) -> tuple[NDArray[np.bool_], list[str], list[Note]]:
        """Write those inputs into ``out`` (N, ≥ their number), which is all zeros.

        Returns:
            Which rows count as missing, (N,); faults; and notes.
        """
        raise NotImplementedError

    def value_program(self, described: Column) -> ColumnProgram:
        """The same as :meth:`write` as data; ``described`` is the column."""
        raise NotImplementedError

    def program(self, described: Column) -> ColumnProgram:
        """How the inputs follow from a raw value, as data, from which exports are written."""
        own = self.value_program(described)
        return replace(own, inputs=(*own.inputs, Missing())) if self.missing_flag else own

    @property
    def bin_count(self) -> int:
        """How many inputs after the first are bins of it."""
        return 0

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of the inputs, the mark of a missing value last."""
        return (*self.value_names(), *([f"{self.column} missing"] if self.missing_flag else []))

    def formulas(self, missing: bool) -> tuple[str, ...]:
        """How each input is made from the value, in words."""
        return (*self.value_formulas(missing), *([MISSING_INPUT] if self.missing_flag else []))

    def encode(self, values: ColumnValues, out: Array | None = None) -> Encoded:
        """The inputs of a column, into ``out`` (N, own inputs) of zeros if it is given."""
        out = np.zeros((len(values), len(self.input_names))) if out is None else out
        if not values.is_usable:
            fault = f"Column {self.column!r} holds {values.type} values, not numbers, words or dates."
            return Encoded(out, [fault], [])
        missing, faults, notes = self.write(values, out)
        if self.missing_flag:
            out[:, -1] = missing
        elif values.missing:
            notes += self.missing_note(values)
        return Encoded(out, faults, notes)

    @property
    def missing_as(self) -> str:
        """What missing values are taken as that no input marks, in words."""
        return "the average"

    def missing_note(self, values: ColumnValues) -> list[Note]:
        """The note on missing values that no input marks."""
        found = f"Column {self.column!r} has {plural(values.missing, 'missing value')}"
        text = f"{found}, though the training rows had none; taken as {self.missing_as}."
        return [Note("new_missing", text)]

    def encoder_of_number(self) -> Callable[[float], list[float] | None] | None:
        """A function from one number to the inputs of the column, to the bit those of :meth:`encode`.

        It returns ``None`` for a number that is infinite or very large, or that stands for a missing value. ``None``
        instead of a function: the column takes numbers as words.
        """
        return None

    # -- the values that the column runs through

    @property
    def is_unscaled(self) -> bool:
        """Whether numbers reach the network in their own units."""
        return False

    def levels_of(self, described: Column) -> tuple[str, ...]:
        """The levels of the column, the most frequent first, as far as that is known."""
        return described.examples

    def grid(self, described: Column, points: int, ends: Ends) -> Grid:
        """The values that a profile runs through: all levels, or about ``points`` even steps.

        ``ends`` are those of the column's first input over the training rows, as :meth:`even` has them.
        """
        shown = self.levels_of(described)
        return Grid(np.array(shown, object), self.encode(ColumnValues(pa.array(shown))).array)

    def even(self, inputs: Array, described: Column) -> Array:
        """First inputs (K,) of the column, on a scale on which its values have even distances."""
        return inputs

    def positions(self, values: ColumnValues) -> NDArray[np.float64]:
        """Where each row lies along a continuous axis, (N,): numbers or seconds since 1970, NaN for none."""
        raise NotImplementedError

    def typical(self, described: Column, rows: ColumnValues | None) -> Any:
        """The value to hold the column at: the most frequent level, or the middle, of ``rows`` or of training."""
        if rows is not None and rows.words.texts:
            return rows.words.texts[int(rows.words.counts().argmax())]
        return self.levels_of(described)[0]

    def variances(self, factors: Array, means: Array, deviations: Array) -> Array:
        """(K,): the variance over the training rows of the column's inputs times ``factors`` (own inputs, K), summed.

        ``means`` and ``deviations`` are those of the inputs, which count as uncorrelated.
        """
        return deviations**2 @ factors**2

    def typical_statistics(self) -> tuple[Array, Array]:
        """Means and deviations of the inputs where no rows are known: of standardized numbers."""
        width = len(self.input_names)
        return np.zeros(width), np.ones(width)

    def unusual(
        self, inputs: Array, described: Column, ends: Ends, missing: NDArray[np.bool_] | None
    ) -> Array:
        """Which of the rows with these inputs (N, own inputs) are unlike the training rows, (N,)."""
        return np.zeros(len(inputs), np.bool_)

    def faults(self, described: Column) -> list[str]:
        """What is wrong with an encoder that somebody wrote down, as ends of sentences about it; empty if nothing is.

        Its fields have the types that its class declares, and ``described`` is its column.
        """
        return []

    def to_dict(self) -> dict[str, Any]:
        """A dict of plain values, and lists of such, from which it can be made again; floats keep every bit."""
        own = {each.name: getattr(self, each.name) for each in fields(self)}
        plain = {name: [*value] if isinstance(value, tuple) else value for name, value in own.items()}
        return {"type": self.type, **plain}


ENCODERS: dict[str, type[ColumnEncoder]] = {}

Registered = TypeVar("Registered", bound=type[ColumnEncoder])


def register(encoder: Registered) -> Registered:
    """Add ``encoder``, a class: columns can then be declared of its type, and models with it can be loaded."""
    ENCODERS[encoder.type] = encoder
    add_column_type(encoder.type)
    return encoder


def words_fault(column: str, words: Sequence[str], values: ColumnValues, expected: str = "numbers") -> str:
    """The message for words where ``expected`` should stand, with the first rows that they stand in."""
    shown = "; ".join(
        f"{shortened(word)!r} in row {', '.join(map(str, values.first_rows(word)[:3]))}" for word in words[:3]
    )
    more = f" and {len(words) - 3} more" if len(words) > 3 else ""
    return f"Column {column!r} must hold {expected}, but has {shown}{more}; correct them or leave them empty."
