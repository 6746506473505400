"""``TargetEncoding``: one target of classes, or targets of numbers, as a network has them, and its outputs decoded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassnet.errors import TableError
from glassnet.memory import check_memory
from glassnet.tables.column_words import Words, number_texts
from glassnet.tables.encode.column_encoder import words_fault
from glassnet.tables.encode.scaling import mean_and_scale
from glassnet.tables.number_parsing import same_unit
from glassnet.tables.schema import BINARY, REGRESSION, Schema
from glassnet.tables.table import Table
from glassnet.tables.value_text import quoted

Array = NDArray[Any]
Label = str | int | float | bool


@dataclass(frozen=True)
class TargetEncoding:
    """How targets are encoded.

    Attributes:
        columns: the names of the targets.
        task: ``"regression"``, ``"binary"`` or ``"multiclass"``.
        classes: the labels in ascending order; None for regression.
        mean: of each output of a regression; 0 when it is not standardized.
        scale: of each output of a regression; 1 when it is not standardized.
        dtype: the data type of encoded targets.
        text: whether labels that look like numbers are text.
        kept_words: labels that stand for a missing value in other columns.
        folded: whether labels count as one that differ only in case, or that all mean yes or no.
        temperature: of the probabilities, see :func:`tempered`; 1 where none was fitted.
        lowest: of each output of a regression, if predictions are kept within the range of training; else empty.
        highest: the same for the other end of the range.
        units: that each target of a regression had in training, or nothing; empty where none had one.
    """

    columns: tuple[str, ...]
    task: str
    classes: tuple[Label, ...] | None
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    dtype: str
    text: bool = False
    kept_words: tuple[str, ...] = ()
    folded: bool = False
    temperature: float = 1.0
    lowest: tuple[float, ...] = ()
    highest: tuple[float, ...] = ()
    units: tuple[str, ...] = ()

    @classmethod
    def fit(
        cls, table: Table, schema: Schema, *, standardize: bool = True, dtype: str = "float32"
    ) -> TargetEncoding:
        """Learn the classes, or means and scales, from the rows of ``table``.

        Pass all rows for the classes to be complete, or training rows only for the statistics of a regression to be
        theirs alone. ``standardize`` concerns regression. ``dtype`` is that of the encoded targets.
        """
        names = tuple(column.name for column in schema.target)
        if schema.task != REGRESSION:
            column = schema.target[0]
            as_written = column.text, column.kept_words, column.folded
            classes = _labels(_words(table, column.name, *as_written))
            return cls(names, schema.task, classes, (0.0,), (1.0,), dtype, *as_written)
        own = tuple(column.unit for column in schema.target)
        units = own if any(own) else ()
        encoding = cls(names, REGRESSION, None, (0.0,) * len(names), (1.0,) * len(names), dtype, units=units)
        return encoding.standardized(encoding._numbers(table)) if standardize else encoding

    def standardized(self, values: Array, weights: NDArray[np.float64] | None = None) -> TargetEncoding:
        """This encoding with the means and scales of ``values`` (N, O), in the targets' units; classes have none.

        ``weights`` (N,) are positive: a row with the weight 2 counts as two such rows.
        """
        if self.classes is not None:
            return self
        both = []
        for column in values.T:
            known = ~np.isnan(column)
            both.append(mean_and_scale(column[known], None if weights is None else weights[known]))
        return replace(self, mean=tuple(mean for mean, _ in both), scale=tuple(scale for _, scale in both))

    @property
    def unscaled(self) -> TargetEncoding:
        """The encoding in float64 that leaves numbers in their own units."""
        units = replace(self, mean=(0.0,) * len(self.mean), scale=(1.0,) * len(self.scale), dtype="float64")
        return units.unclamped

    @property
    def unclamped(self) -> TargetEncoding:
        """The same encoding, which keeps numbers within no range."""
        return replace(self, lowest=(), highest=())

    def clamped(self, values: Array) -> TargetEncoding:
        """This encoding, which keeps predictions within the range of ``values`` (N, O) and of its own so far."""
        if self.classes is not None:
            return self
        lowest, highest = np.fmin.reduce(values), np.fmax.reduce(values)  # NaN where a target has no value
        if self.lowest:
            lowest, highest = np.fmin(lowest, self.lowest), np.fmax(highest, self.highest)
        return replace(self, lowest=tuple(lowest.tolist()), highest=tuple(highest.tolist()))

    @property
    def untempered(self) -> TargetEncoding:
        """The same encoding without a temperature."""
        return replace(self, temperature=1.0)

    def scaled(self, values: Array) -> Array:
        """What :attr:`unscaled` gives, (N, O), as the network has it, of the encoding's dtype."""
        if self.classes is None:
            values = (values - np.array(self.mean)) / np.array(self.scale)
        return np.ascontiguousarray(values, dtype=self.dtype)

    @property
    def outputs(self) -> int:
        """How many outputs the network has: the number of targets, 1 for two classes, or C."""
        if self.classes is None:
            return len(self.columns)
        return 1 if self.task == BINARY else len(self.classes)

    @property
    def labels(self) -> NDArray[Any]:
        """``classes`` as an array (C,); empty for a regression. Whole numbers stay whole, beyond int64 too."""
        classes = self.classes or ()
        whole = [label for label in classes if type(label) is int and 0 <= label < 2**64]
        huge = len(whole) == len(classes) and max(whole, default=0) >= 2**63
        return np.array(classes, np.uint64 if huge else None)  # NumPy takes 3 and 2**63 together for floats

    def codes_of(self, labels: NDArray[Any]) -> NDArray[np.int64]:
        """(N,): the places of ``labels`` (N,) among the classes; -1 for None, a target that a row lacks."""
        places = {label: code for code, label in enumerate(self.labels.tolist())}
        return np.array([-1 if label is None else places[label] for label in labels.tolist()], np.int64)

    def encode(self, table: Table) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Targets Y (R, O) of the R rows that have one, and the numbers of those rows (R,), ascending.

        Regression: standardized numbers; of several targets a row may lack some, which are NaN. Two classes: one
        column, 1 for ``classes[1]``. Several: one-hot (R, C).

        Raises:
            TableError: no target column, labels that :meth:`fit` did not see, words among numbers.
        """
        for name in self.columns:
            if name not in table.column_names:
                raise TableError(f"The target column {name!r} is missing.")
        if self.classes is not None:
            words = _words(table, self.columns[0], self.text, self.kept_words, self.folded)
            return self._encode_labels(words)
        numbers = self._numbers(table)
        rows = np.flatnonzero(~np.isnan(numbers).all(axis=1))
        return self.scaled(numbers[rows]), rows

    def decode(self, outputs: ArrayLike) -> NDArray[Any]:
        """The target's own values for the network's ``outputs`` (N, O).

        Regression: (N,) numbers in the target's units, (N, O) for several targets. Classes: (N,) labels of
        the target's own type; outputs are probabilities, and two classes are separated at 0.5.
        """
        values = np.asarray(outputs, dtype=np.float64)
        values = values[:, None] if values.ndim == 1 else values
        if self.classes is None:
            numbers = self.in_units(values)
            return numbers[:, 0] if len(self.columns) == 1 else numbers
        chosen = (values[:, 0] > 0.5).astype(np.int64) if self.task == BINARY else values.argmax(axis=1)
        return self.labels[chosen]

    def in_units(self, outputs: Array) -> NDArray[np.float64]:
        """Predictions (N, O) of a regression in the targets' units, for the network's ``outputs`` (N, O)."""
        numbers: NDArray[np.float64] = outputs.astype(np.float64) * np.array(self.scale) + np.array(self.mean)
        return numbers.clip(self.lowest, self.highest) if self.lowest else numbers

    def out_of_range(self, outputs: Array) -> list[str]:
        """A sentence for each prediction of one row, with ``outputs`` (O,), that is kept within the range."""
        found = []
        both = zip(self.unclamped.in_units(outputs[None])[0], self.in_units(outputs[None])[0], strict=True)
        for at, (own, kept) in enumerate(both):
            if kept != own:
                ends = f"{self.lowest[at]:.6g} to {self.highest[at]:.6g}"
                found.append(
                    f"The training targets of {self.columns[at]} are from {ends}, so its prediction is {kept:.6g} in "
                    f"place of {own:.6g}."
                )
        return found

    def probabilities(self, outputs: Array) -> NDArray[np.float64]:
        """The probability of each class, (N, C), for the networks' mean ``outputs`` (N, O); every row sums to 1."""
        return tempered(self.shares(outputs), self.temperature)

    def shares(self, outputs: Array) -> NDArray[np.float64]:
        """As :meth:`probabilities`, before the temperature.

        Outputs that are not probabilities, as losses other than log loss may leave them, are clipped to 0 and 1 and
        divided by their sum.
        """
        clipped = np.clip(outputs.astype(np.float64), 0, 1)
        if clipped.shape[1] == 1:
            return np.hstack([1 - clipped, clipped])
        total = clipped.sum(axis=1, keepdims=True)
        return np.where(total > 0, clipped / np.where(total > 0, total, 1), 1 / clipped.shape[1])

    def _numbers(self, table: Table) -> NDArray[np.float64]:
        """(N, O) in the targets' units, NaN for a missing value.

        Raises:
            TableError: words, or numbers with another unit. Numbers without one are taken as in training.
        """
        columns = [table.column(name) for name in self.columns]
        known = self.units or ("",) * len(columns)
        for name, column, unit in zip(self.columns, columns, known, strict=True):
            if strays := column.text_strays:
                raise TableError(words_fault(name, strays, column))
            if column.unit and not same_unit(column.unit, unit):
                had = f"had {unit!r}" if unit else "had none"
                raise TableError(
                    f"The target {name!r} has the unit {column.unit!r}, but {had} in training; convert it."
                )
        return np.stack([column.numbers for column in columns], axis=1)

    def _encode_labels(self, words: Words) -> tuple[NDArray[Any], NDArray[np.int64]]:
        assert self.classes is not None
        place = {_text(label): at for at, label in enumerate(self.classes)}
        unseen = [text for text in words.texts if text not in place]
        if unseen:
            raise TableError(
                f"The target {self.columns[0]!r} has labels that training did not have: {quoted(unseen)};"
                f" the classes are {quoted(self.classes)}."
            )
        codes = np.array([*(place[text] for text in words.texts), -1], dtype=np.int64)[words.codes]
        rows = (codes >= 0).nonzero()[0]
        if self.task == BINARY:
            return codes[rows, None].astype(self.dtype), rows
        count = len(self.classes)
        check_memory(
            len(rows) * count * np.dtype(self.dtype).itemsize,
            lambda: f"the {count:,} classes of the target {self.columns[0]!r} in {len(rows):,} rows",
            "choose a target with fewer classes, or take fewer rows",
            TableError,
        )
        encoded = np.zeros((len(rows), count), self.dtype)
        encoded[np.arange(len(rows)), codes[rows]] = 1
        return encoded, rows


def _words(table: Table, name: str, text: bool, kept_words: tuple[str, ...], folded: bool) -> Words:
    """A column of labels as words; ``text``, ``kept_words`` and ``folded`` as for :class:`TargetEncoding`."""
    column = table.column(name)
    if kept_words or (text and not column.is_text):
        column = column.as_text(kept_words)
    return column.words.folded() if folded else column.words


def _labels(words: Words) -> tuple[Label, ...]:
    """The different values of a column, ascending, as Python values; whole floats as ints."""
    found = [value for value in words.levels.tolist() if value is not None]
    if all(isinstance(value, float) and value.is_integer() for value in found):
        found = [int(value) for value in found]
    if not all(isinstance(value, (bool, int, float, str)) for value in found):
        found = words.texts
    return tuple(sorted(found))


def _text(label: Label) -> str:
    if isinstance(label, bool):
        return "true" if label else "false"
    return number_texts(np.array([label]))[0] if isinstance(label, float) else str(label)


def tempered(shares: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """Probabilities (N, C) as the softmax of log(``shares``) / T: less certain for T above 1, more certain below.

    A share below 2.2e-16 counts as so much. The most probable class stays the same.
    """
    if temperature == 1:
        return shares
    logarithms = np.log(np.maximum(shares, np.finfo(np.float64).eps)) / temperature
    powers = np.exp(logarithms - logarithms.max(axis=1, keepdims=True))
    found: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return found


def class_codes(encoded: NDArray[Any]) -> NDArray[np.intp]:
    """(N,): the place of each row's class, from encoded targets: one column a class, or one for the second of two."""
    return encoded.argmax(axis=1) if encoded.shape[1] > 1 else encoded[:, 0].astype(np.intp)
