"""Values that a column of one row could have instead, as a search for another prediction tries them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError, TableError, unknown
from glassnet.inside.grids import input_range, usual_range
from glassnet.inside.unlike import known_range
from glassnet.net.arrays import Array
from glassnet.tables import Column
from glassnet.tables._arrow import pa
from glassnet.tables.column_values import ColumnValues
from glassnet.tables.encode.boolean import BooleanEncoder
from glassnet.tables.encode.column_encoder import ColumnEncoder
from glassnet.tables.encode.date import DAY, DateEncoder
from glassnet.tables.encode.number import NumberEncoder
from glassnet.tables.read.in_memory import from_columns
from glassnet.tables.read.plain_types import one_array, plain
from glassnet.tables.text_columns import infer_text_type

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel

MOST = 400  # values of a number
STEPS = 61  # values of a date
FINEST = 100  # steps within the middle 90 % of the training rows, at least
SMALLEST, LARGEST = float(np.finfo(np.float64).tiny), float(np.finfo(np.float64).max)


@dataclass(frozen=True, eq=False)
class Choices:
    """The values of one column: first that of the row, then others.

    Attributes:
        column: its name.
        values: K values, as a table has them.
        inputs: (K, own inputs), encoded.
        distances: (K,), to the value of the row: of numbers and dates in units of the range of the middle 90 % of the
            training rows; 1 for another level (after Gower, *A general coefficient of similarity*, 1971).
    """

    column: str
    values: list[Any]
    inputs: Array
    distances: npt.NDArray[np.float64]


def choices_of(
    model: TrainedModel, column: str, values: ColumnValues, own: Array, allowed: Collection[Any] | None
) -> Choices:
    """The choices of a column for the one row that has ``values`` there, encoded as ``own`` (own inputs,).

    Args:
        allowed: the two ends of the range of a number, or levels; ``None`` for what the training table had.

    Raises:
        InputError: ``allowed`` does not fit the column, or nothing is known of what it had in training.
    """
    encoder, described = model.encoder[column], model.schema[column]
    (now,) = values.to_list()
    if isinstance(encoder, NumberEncoder):
        (position,) = encoder.positions(values).tolist()
        low, high = _allowed_range(described, allowed)
        unit = _unit(model, encoder, min(high - low, LARGEST))
        position = encoder.fill if math.isnan(position) else position
        whole = _is_whole(described) and float(position).is_integer()
        numbers = _numbers(low, high, unit, whole)
        numbers = numbers[numbers != position]
        shown = [int(number) if whole else number for number in numbers.tolist()]
        inputs, distances = encoder.encode(ColumnValues(numbers)).array, np.abs(numbers - position) / unit
    elif isinstance(encoder, DateEncoder):
        if allowed is not None:
            raise InputError(
                f"change[{column!r}]: the values of a date cannot be chosen; give its name alone."
            )
        (position,) = encoder.positions(values).tolist()
        position = encoder.mean if math.isnan(position) else position
        shown = _dates(model, encoder, described)
        dates = ColumnValues(pa.array(shown))
        unit = _unit(model, encoder, DAY / 2) if encoder.elapsed else DAY / 2
        inputs, distances = encoder.encode(dates).array, np.abs(encoder.positions(dates) - position) / unit
    else:
        given = _levels(encoder, described, allowed)
        every = encoder.encode(ColumnValues(pa.array(given, pa.string()))).array
        others = [at for at, row in enumerate(every) if not np.array_equal(row, own)]
        shown = _typed([given[at] for at in others], values, described)
        inputs, distances = every[others], np.ones(len(others))
    every = np.concatenate([own[None], inputs.astype(own.dtype)])
    return Choices(column, [now, *shown], every, np.concatenate([[0.0], distances]))


def _levels(encoder: ColumnEncoder, described: Column, allowed: Collection[Any] | None) -> list[str]:
    """The levels that are ``allowed``, as words."""
    levels = [*encoder.levels_of(described)]
    if allowed is None:
        return levels
    if isinstance(allowed, str) or not isinstance(allowed, Iterable):
        raise InputError(f"change[{described.name!r}] is {allowed!r:.80}, but must be a list of levels.")
    truths: dict[str, str] = {}
    if isinstance(encoder, BooleanEncoder):  # which has other words for the same
        for words in (encoder.no, encoder.yes):
            truths |= {word: level for word in words for level in levels if level.lower() in words}
    given = [*dict.fromkeys(truths.get(word.lower(), word) for word in map(_word, allowed))]
    for level in given:
        if level not in levels:
            raise InputError(unknown(f"change[{described.name!r}]: the level", level, levels))
    return given


def _word(value: Any) -> str:
    """A value as the words of a column have it: ``true`` for True, ``3`` for 3.0."""
    if isinstance(value, str):
        return value
    try:
        column = plain("level", one_array("level", from_columns({"level": [value]}).column(0)))
        texts = ColumnValues(column).words.texts
    except (pa.ArrowException, TableError):
        texts = []
    return texts[0] if texts else str(value)


def _typed(words: list[str], values: ColumnValues, described: Column) -> list[Any]:
    """Different words as values of the type of ``values``, or else of the training table, if one can hold them all."""
    texts = pa.array(words, pa.string())
    types = [] if pa.types.is_null(values.type) else [values.type]
    for own in [*types, *([] if described.text or values.is_text else [infer_text_type(texts).values.type])]:
        try:
            found = texts.cast(own)
        except pa.ArrowException:
            continue
        if ColumnValues(found).words.texts == words:
            return [*found.to_pylist()]
    return [*words]


def _allowed_range(described: Column, allowed: Collection[Any] | None) -> tuple[float, float]:
    if allowed is not None:
        try:
            low, high = map(float, allowed)
        except (TypeError, ValueError):
            low = high = math.nan
        if not -math.inf < low <= high < math.inf:
            raise InputError(
                f"change[{described.name!r}] is {allowed!r:.80}, but must be the lowest and the highest number."
            )
        return low, high
    known = known_range(described)
    if known is None:
        raise InputError(
            f"the range that {described.name!r} had in training is not known; say which numbers are possible, as in "
            f"change={{{described.name!r}: (0, 1)}}."
        )
    return known


def _unit(model: TrainedModel, encoder: NumberEncoder | DateEncoder, otherwise: float) -> float:
    low, high = usual_range(model, encoder.column)
    return (high - low) * encoder.scale or otherwise or 1.0


def _is_whole(described: Column) -> bool:
    """Whether the training table had whole numbers alone, as far as its description says."""
    ends = described.minimum, described.maximum
    try:
        examples = [float(text) for text in described.examples]
    except ValueError:
        examples = []
    return all(end is not None and float(end).is_integer() for end in (*ends, *examples))


def _numbers(low: float, high: float, unit: float, whole: bool) -> Array:
    """Numbers from ``low`` to ``high`` that are short to write, and these ends."""
    finest = max(unit / FINEST, high / MOST - low / MOST, np.spacing(max(abs(low), abs(high))), SMALLEST)
    exponent = math.floor(math.log10(finest))
    exponent = max(exponent, 0) if whole else exponent
    factors = [1, 2, 5]
    at = 0
    while True:
        step = factors[at % 3] * 10.0 ** (exponent + at // 3)
        first, last = math.ceil(low / step), math.floor(high / step)
        if last - first < MOST:
            break
        at += 1
    digits = max(-(exponent + at // 3), 0)
    inner = np.round(np.arange(first, last + 1) * step, min(digits, 300))
    ends = [end for end in (low, high) if not whole or float(end).is_integer()]
    return np.unique(np.concatenate([ends, inner[(inner >= low) & (inner <= high)]]))


def _dates(model: TrainedModel, encoder: DateEncoder, described: Column) -> list[Any]:
    """Dates from the first to the last of the training rows, written as those."""
    found = encoder.grid(described, STEPS, input_range(model, encoder.column)).values.astype(object)
    if encoder.format is None:
        return [*found]
    return [own.strftime(encoder.format.partition(" from ")[0]) for own in found]
