"""What a scikit-learn pipeline computes of a table, feature by feature, and the column encoders that compute the same.

A feature follows from one column: a number, shifted and scaled; a number for each level; or a mark of a missing value.
It is a sum of the inputs that column encoders make, times constants. So the first layer's weights of the features
become weights of the inputs; where the feature is an input, they are the same to the bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from glassnet.convert.record import Dense, Inputs
from glassnet.errors import Faults
from glassnet.net.arrays import Array
from glassnet.tables import Note
from glassnet.tables.column_words import number_texts
from glassnet.tables.encode.category import CategoryEncoder
from glassnet.tables.encode.column_encoder import ColumnEncoder
from glassnet.tables.encode.number import NumberEncoder
from glassnet.tables.missing_tokens import MISSING
from glassnet.tables.read.options import AS_FOUND, ReadOptions
from glassnet.tables.schema import CATEGORY, NUMBER, UNUSABLE, Column
from glassnet.tables.value_text import quoted


@dataclass(frozen=True)
class Number:
    """``(x - center) / scale`` of the column's number x; of a missing value as of the number ``fill``.

    A column as it is, which may hold words, is a number with the center 0 and the scale 1; ``fill`` may be a word.
    """

    column: int
    center: float = 0.0
    scale: float = 1.0
    fill: Any = None

    @property
    def is_raw(self) -> bool:
        return self.center == 0 and self.scale == 1

    def scaled(self, center: float, scale: float) -> Number:
        if self.is_raw:
            return replace(self, center=center, scale=scale)
        return replace(self, center=self.center + center * self.scale, scale=self.scale * scale)

    def filled(self, value: Any) -> Number:
        if self.fill is not None:
            return self
        return replace(self, fill=value if self.is_raw else value * self.scale + self.center)


@dataclass(frozen=True)
class Levels:
    """A number for each level of a column, ``other`` for other levels, ``missing`` for a missing value."""

    column: int
    values: Mapping[Any, float]
    other: float
    missing: float | None = None

    def scaled(self, center: float, scale: float) -> Levels:
        values = {level: (value - center) / scale for level, value in self.values.items()}
        missing = None if self.missing is None else (self.missing - center) / scale
        return replace(self, values=values, other=(self.other - center) / scale, missing=missing)

    def filled(self, value: Any) -> Levels:
        return replace(self, missing=float(value)) if self.missing is None else self


@dataclass(frozen=True)
class Mark:
    """``missing`` for a missing value, else ``present``."""

    column: int
    present: float = 0.0
    missing: float = 1.0

    def scaled(self, center: float, scale: float) -> Mark:
        return replace(self, present=(self.present - center) / scale, missing=(self.missing - center) / scale)

    def filled(self, value: Any) -> Mark:
        return self


Feature = Number | Levels | Mark


class Encoding(NamedTuple):
    """How a column is encoded, and what each of its features is made of.

    ``factors`` (own inputs, own features) and ``constants`` (own features,): the features are the inputs times the
    factors, plus the constants.
    """

    column: Column
    encoder: ColumnEncoder
    factors: Array
    constants: Array


def encode_features(
    features: Sequence[Feature], names: Sequence[str], first: Dense, faults: Faults
) -> tuple[Inputs, Dense] | None:
    """The columns ``names`` and their encoders, and the first layer with weights of their inputs.

    Args:
        features: the features that the first layer takes.
        names: the columns of the table.
        first: that layer.
        faults: gets what cannot be converted; the result is then ``None``.
    """
    columns, encoders, factors = [], [], []
    constants = np.zeros(len(features))
    for number, name in enumerate(names):
        places = [place for place, own in enumerate(features) if own.column == number]
        if not places:
            columns.append(Column(name, UNUSABLE, Note("declared", "the converted model does not use it")))
            continue
        own = [features[place] for place in places]
        encoding = _encoding(name, own, faults)
        if encoding is None:
            continue
        columns.append(encoding.column)
        encoders.append(encoding.encoder)
        block = np.zeros((len(encoding.factors), len(features)))
        block[:, places] = encoding.factors
        factors.append(block)
        constants[places] = encoding.constants
    if faults.messages:
        return None
    weights = first.weights.astype(np.float64)
    inputs = Inputs(tuple(columns), tuple(encoders), _read_options(columns))
    whole = np.concatenate(factors) @ weights
    return inputs, replace(first, weights=whole, biases=first.biases + constants @ weights)


def _encoding(name: str, features: Sequence[Feature], faults: Faults) -> Encoding | None:
    numbers = [own for own in features if isinstance(own, Number)]
    levels = [own for own in features if isinstance(own, Levels)]
    if numbers and levels:
        faults.add(f"the column {name!r} is used as a number and as a category; use it as one of both.")
        return None
    if levels:
        return _of_levels(name, features, levels, faults)
    return _of_numbers(name, features, numbers, faults)


def _of_numbers(
    name: str, features: Sequence[Feature], numbers: Sequence[Number], faults: Faults
) -> Encoding | None:
    fills = [own.fill for own in numbers if own.fill is not None]
    if any(isinstance(fill, str) for fill in fills):
        faults.add(f"the column {name!r} is filled with the word {fills[0]!r}, but is used as a number.")
        return None
    own = numbers[0] if numbers else Number(0)
    fill = float(fills[0]) if fills else own.center
    flagged = len({*fills}) > 1 or len(numbers) < len(features)
    encoder = NumberEncoder(name, flagged, fill, own.center, own.scale, filled=bool(fills) and not flagged)
    factors, constants = np.zeros((1 + flagged, len(features))), np.zeros(len(features))
    for place, feature in enumerate(features):
        if isinstance(feature, Mark):
            constants[place] = feature.present
            factors[-1, place] = feature.missing - feature.present
            continue
        assert isinstance(feature, Number)
        factors[0, place] = own.scale / feature.scale
        constants[place] = (own.center - feature.center) / feature.scale
        if feature.fill is not None and feature.fill != fill:
            factors[-1, place] = (feature.fill - fill) / feature.scale
    return Encoding(Column(name, NUMBER), encoder, factors, constants)


def _of_levels(
    name: str, features: Sequence[Feature], levels: Sequence[Levels], faults: Faults
) -> Encoding | None:
    texts = {level: level_text(level) for own in levels for level in own.values}
    known = tuple(sorted({*texts.values()}))
    if len(known) < len(texts):
        twice = [level for level in texts if list(texts.values()).count(texts[level]) > 1]
        faults.add(f"the column {name!r} has the levels {quoted(twice)}, which are the same in a table.")
        return None
    flagged = any(own.missing not in (None, own.other) for own in levels) or len(levels) < len(features)
    encoder = CategoryEncoder(name, flagged, known, False)
    factors, constants = np.zeros((len(known) + flagged, len(features))), np.zeros(len(features))
    for place, feature in enumerate(features):
        if isinstance(feature, Mark):
            constants[place] = feature.present
            factors[-1, place] = feature.missing - feature.present
            factors[: len(known), place] = 0.0
            continue
        assert isinstance(feature, Levels)
        constants[place] = feature.other
        for level, value in feature.values.items():
            factors[known.index(texts[level]), place] = value - feature.other
        if flagged and feature.missing is not None:
            factors[-1, place] = feature.missing - feature.other
    words = any(isinstance(level, str) for level in texts)
    column = Column(name, CATEGORY, levels=len(known), examples=known, text=words)
    return Encoding(column, encoder, factors, constants)


def level_text(level: Any) -> str:
    """A level as the text that the reader of tables makes of it."""
    if isinstance(level, (bool, np.bool_)):
        return "true" if level else "false"
    if isinstance(level, (int, float, np.number)):
        return number_texts(np.array([level]))[0]
    return str(level).strip()


def _read_options(columns: Sequence[Column]) -> ReadOptions:
    """Options that keep levels such as "NA", which would be read as a missing value."""
    words: dict[str, tuple[str, ...]] = {
        own.name: () for own in columns if own.type == CATEGORY and {*own.examples} & {*MISSING}
    }
    return replace(AS_FOUND, missing=words) if words else AS_FOUND
