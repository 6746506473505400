"""``TargetGroup``: several targets of classes, each with outputs of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple, NoReturn, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassnet.caching import cached_property
from glassnet.errors import InputError, called
from glassnet.tables.schema import BINARY, MULTICLASS, MULTILABEL, Schema
from glassnet.tables.table import Table
from glassnet.targets.encoding import TargetEncoding, class_codes

Array = NDArray[Any]


@dataclass(frozen=True)
class TargetGroup:
    """Several targets of classes: one output for a target of two classes, else one for each class.

    Every output is a class against the rest of its target; the probabilities of a target's classes are its outputs,
    divided by their sum. A row may lack some of its targets, which are then NaN for the network.

    What is only defined for a single target, such as ``classes``, raises :class:`~glassnet.errors.InputError`; it is
    found in ``each``, or in the model of one target, :meth:`glassnet.Model.for_target`.

    Attributes:
        each: the encodings of the targets.
    """

    each: tuple[TargetEncoding, ...]

    @classmethod
    def fit(cls, table: Table, schema: Schema, dtype: str = "float32") -> TargetGroup:
        """Learn the classes of each target from all rows of ``table``."""
        alone = []
        for column in schema.target:
            task = BINARY if column.levels == 2 else MULTICLASS
            alone.append(TargetEncoding.fit(table, replace(schema, target=(column,), task=task), dtype=dtype))
        return cls(tuple(alone))

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the targets."""
        return tuple(own.columns[0] for own in self.each)

    @property
    def task(self) -> str:
        """``"multilabel"``."""
        return MULTILABEL

    @property
    def dtype(self) -> str:
        """The data type of encoded targets."""
        return self.each[0].dtype

    def of_dtype(self, dtype: str) -> TargetGroup:
        """The same encoding with targets of another data type."""
        return TargetGroup(tuple(replace(own, dtype=dtype) for own in self.each))

    @property
    def untempered(self) -> TargetGroup:
        """The same encoding without temperatures."""
        return TargetGroup(tuple(own.untempered for own in self.each))

    @property
    def unscaled(self) -> TargetGroup:
        """The encoding in float64."""
        return self.of_dtype("float64")

    @property
    def outputs(self) -> int:
        """The number of outputs of the network."""
        return sum(own.outputs for own in self.each)

    @property
    def output_names(self) -> tuple[str, ...]:
        """A name for each output: the target and the class for which it stands."""
        return tuple(
            f"{own.columns[0]}={label}" for own in self.each for label in own.labels[-own.outputs :].tolist()
        )

    @cached_property
    def slices(self) -> dict[str, slice]:
        """Which of the outputs each target has."""
        ends = np.cumsum([own.outputs for own in self.each]).tolist()
        starts = [0, *ends]
        return {name: slice(a, b) for name, a, b in zip(self.columns, starts, ends, strict=False)}

    @property
    def classes(self) -> NoReturn:
        """Only of a single target: raises an :class:`~glassnet.errors.InputError`."""
        raise self._several("classes")

    @property
    def labels(self) -> NoReturn:
        """Only of a single target: raises an :class:`~glassnet.errors.InputError`."""
        raise self._several("labels")

    @property
    def mean(self) -> NoReturn:
        """Only of a single target: raises an :class:`~glassnet.errors.InputError`."""
        raise self._several("means")

    @property
    def scale(self) -> NoReturn:
        """Only of a single target: raises an :class:`~glassnet.errors.InputError`."""
        raise self._several("scales")

    @property
    def temperature(self) -> NoReturn:
        """Only of a single target: raises an :class:`~glassnet.errors.InputError`."""
        raise self._several("temperature")

    @property
    def single(self) -> NoReturn:
        """Only of a single target: raises an :class:`~glassnet.errors.InputError`."""
        raise self._several("values")

    def _several(self, what: str) -> InputError:
        names = ", ".join(map(repr, self.columns[:5])) + (", …" if len(self.columns) > 5 else "")
        return InputError(
            f"this model has {len(self.columns)} targets of classes ({names}), but this needs the {what} of one: "
            f"choose it, for example by {called('for_target', self.columns[0])}."
        )

    def encode(self, table: Table) -> tuple[Array, NDArray[np.int64]]:
        """Targets Y (R, O) of the R rows that have at least one, and the numbers of those rows (R,), ascending.

        Raises:
            TableError: a target column is missing, or labels that :meth:`fit` did not see.
        """
        values = np.full((table.num_rows, self.outputs), np.nan, self.dtype)
        for own, at in zip(self.each, self.slices.values(), strict=True):
            encoded, rows = own.encode(table)
            values[rows, at] = encoded
        known = np.flatnonzero(~np.isnan(values).all(axis=1))
        return values[known], known

    def scaled(self, values: Array) -> Array:
        """``values`` (N, O) in the encoding's dtype."""
        return np.ascontiguousarray(values, dtype=self.dtype)

    def decode(self, outputs: ArrayLike) -> Array:
        """The labels (N, K) of the K targets for the network's ``outputs`` (N, O); None where those are NaN."""
        values = np.asarray(outputs, dtype=np.float64)
        found = np.empty((len(values), len(self.each)), object)
        for place, (own, at) in enumerate(zip(self.each, self.slices.values(), strict=True)):
            part = values[:, at]
            known = ~np.isnan(part).any(axis=1)
            found[known, place] = own.decode(part[known]).tolist()
        return found

    def labels_of(self, codes: NDArray[np.int64]) -> Array:
        """The labels (N, K) for the places (N, K) of classes; None for -1."""
        found = np.empty(codes.shape, object)
        for place, own in enumerate(self.each):
            known = codes[:, place] >= 0
            found[known, place] = own.labels[codes[known, place]].tolist()
        return found

    def probabilities(self, outputs: Array) -> NoReturn:
        """Only of a single target: raises an :class:`~glassnet.errors.InputError`."""
        raise self._several("probabilities")

    def probabilities_of_each(self, outputs: Array) -> dict[str, NDArray[np.float64]]:
        """For each target the probabilities of its classes, (N, C), for the network's ``outputs`` (N, O)."""
        return {
            own.columns[0]: own.probabilities(outputs[:, at])
            for own, at in zip(self.each, self.slices.values(), strict=True)
        }


class TargetPart(NamedTuple):
    """One target of a group in some rows.

    Attributes:
        encoding: that of the target.
        outputs: which of the network's outputs it has.
        rows: (R,), the rows that have a value of the target.
        codes: (R,), the places of their classes.
    """

    encoding: TargetEncoding
    outputs: slice
    rows: NDArray[np.intp]
    codes: NDArray[np.intp]

    def probabilities(self, outputs: Array) -> NDArray[np.float64]:
        """The probabilities of its classes in these rows, (R, C), for the outputs (N, O) of all rows."""
        return self.encoding.probabilities(outputs[self.rows, self.outputs])


def target_parts(group: TargetGroup, targets: Array) -> list[TargetPart]:
    """The targets of ``group`` in rows whose encoded targets are ``targets`` (N, O)."""
    parts = []
    for own, at in zip(group.each, group.slices.values(), strict=True):
        rows = np.flatnonzero(~np.isnan(targets[:, at]).any(axis=1))
        parts.append(TargetPart(own, at, rows, class_codes(targets[rows, at])))
    return parts


Targets: TypeAlias = TargetEncoding | TargetGroup


def single(target: Targets) -> TargetEncoding:
    """``target``, unless it is several of classes.

    Raises:
        InputError: it is several.
    """
    return target.single if isinstance(target, TargetGroup) else target


def encodings_of(target: Targets) -> tuple[TargetEncoding, ...]:
    """Those of several targets of classes, or the one that ``target`` is."""
    return target.each if isinstance(target, TargetGroup) else (target,)


def fit_targets(table: Table, schema: Schema, dtype: str = "float32") -> Targets:
    """The encoding of the targets of ``schema``, numbers in their own units."""
    if schema.task == MULTILABEL:
        return TargetGroup.fit(table, schema, dtype)
    return TargetEncoding.fit(table, schema, standardize=False, dtype=dtype)


def probabilities_of(target: Targets, outputs: Array) -> Any:
    """The probabilities of the classes, (N, C); of several targets a dict of such arrays by their names."""
    return (
        target.probabilities_of_each(outputs)
        if isinstance(target, TargetGroup)
        else target.probabilities(outputs)
    )
