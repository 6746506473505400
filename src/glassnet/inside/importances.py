"""The importance of each column by several methods, which may disagree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError, InputTypeError, called, one_report, unknown
from glassnet.inside.checks import whole_number
from glassnet.inside.columns import encoded
from glassnet.inside.frames import to_frame
from glassnet.inside.importance_methods import METHODS, Measured, by_weights
from glassnet.inside.ranks import rank_correlations, ranks
from glassnet.net.arrays import Array
from glassnet.text import Block, Heading, Paragraph, Printable, Table, plain
from glassnet.trained import TrainedModel


@dataclass(frozen=True, eq=False, repr=False)
class Importances(Printable):
    """The importance of every column by several methods.

    Attributes:
        names: the columns.
        values: (C,) for each method. The encoded inputs of a column are shuffled together, their contributions are
            summed up, and their weights matter by how much their weighted sum varies; outputs are averaged.
            Permutation is in units of the loss, all other methods are shares of 1.
        errors: (C,) for the methods that have a spread: the standard deviation over the networks, where there are
            several, else over the repeats of permutation.
        inputs: (I, O) for each method but permutation, signed for Olden and gradient × input.
        input_names: the names of the I inputs.
        output_names: the names of the O outputs.
    """

    names: tuple[str, ...]
    values: dict[str, Array]
    errors: dict[str, Array]
    inputs: dict[str, Array]
    input_names: tuple[str, ...]
    output_names: tuple[str, ...]
    networks: int = 1
    repeats: int = 1

    @property
    def spread(self) -> str:
        """A description of the errors; empty if there are none."""
        over = f"{self.networks} networks" if self.networks > 1 else f"{self.repeats} shuffles"
        return f"the standard deviation over {over}" if self.errors else ""

    @property
    def methods(self) -> tuple[str, ...]:
        """The names of the methods that were used."""
        return tuple(self.values)

    @property
    def rank_correlations(self) -> Array:
        """(K, K): how much two methods agree on the order of the columns, from -1 to 1 (Spearman, 1904)."""
        return rank_correlations(list(self.values.values()))

    def ranking(self, method: str) -> list[str]:
        """The columns by this method, the most important first."""
        if method not in self.values:
            raise InputError(unknown("method", method, self.methods))
        return [self.names[at] for at in np.argsort(-self.values[method], kind="stable")]

    def to_frame(self) -> Any:
        """A DataFrame with a row for each column: the value, error and rank (1 is first) of each method."""
        columns: dict[str, Any] = {"column": np.array(self.names, dtype=object)}
        for method, own in self.values.items():
            columns[method] = own
            if method in self.errors:
                columns[f"{method}_error"] = self.errors[method]
            columns[f"{method}_rank"] = ranks(-own)
        return to_frame(columns)

    def inputs_to_frame(self) -> Any:
        """A DataFrame with a row for each encoded input and output, and a column for each method that has them."""
        count = len(self.output_names)
        columns: dict[str, Any] = {
            "input": np.repeat(np.array(self.input_names, dtype=object), count),
            "output": np.tile(np.array(self.output_names, dtype=object), len(self.input_names)),
        }
        return to_frame(columns | {method: own.ravel() for method, own in self.inputs.items()})

    @property
    def order(self) -> npt.NDArray[np.intp]:
        """(C,), the columns by permutation where it was measured, else by mean rank, the most important first."""
        if "permutation" in self.values:
            return np.argsort(-self.values["permutation"], kind="stable")
        return np.argsort(np.mean([ranks(-own) for own in self.values.values()], axis=0), kind="stable")

    def to_dict(self) -> dict[str, Any]:
        """The fields, the places of the columns in their :attr:`order`, and how much the methods agree."""
        return super().to_dict() | plain({"order": self.order, "rank_correlations": self.rank_correlations})

    def blocks(self, most: int | None = 20) -> list[Block]:
        """The columns in their order, with the value of every method, and how far the methods agree.

        Args:
            most: how many columns are shown; ``None`` shows all.
        """
        shown = self.order[:most]
        rows = [(self.names[at], *(self._cell(method, int(at)) for method in self.methods)) for at in shown]
        left = len(self.names) - len(shown)
        more = (
            [Paragraph(f"+ {left} less important columns; {called('most', None)} prints all.")]
            if left
            else []
        )
        units = [f"{method}: {METHODS[method].about}." for method in self.methods]
        spread = [f"± is {self.spread}."] if self.errors else []
        return [
            Heading("Importance of the columns"),
            Table(("column", *self.methods), rows),
            *more,
            Paragraph(" ".join(units + spread)),
            *self._agreement(),
        ]

    def _cell(self, method: str, at: int) -> str:
        error = f" ± {self.errors[method][at]:.4f}" if method in self.errors else ""
        return f"{self.values[method][at]:.4f}{error}"

    def _agreement(self) -> list[Block]:
        if len(self.methods) < 2 or len(self.names) < 3:
            return []
        matrix = self.rank_correlations
        rows = [
            (method, *(f"{value:.2f}" for value in own))
            for method, own in zip(self.methods, matrix, strict=True)
        ]
        places = np.array([ranks(-own) for own in self.values.values()])
        widest = int(np.argmax(np.ptp(places, axis=0)))
        best, worst = int(places[:, widest].argmin()), int(places[:, widest].argmax())
        return [
            Heading("Agreement on the order of the columns (rank correlation)", 3),
            Table(("", *self.methods), rows),
            Paragraph(
                f"They disagree most about {self.names[widest]}: {self.methods[best]} ranks it "
                f"{places[best, widest]:g}, {self.methods[worst]} ranks it {places[worst, widest]:g} "
                f"of {len(self.names)}."
            ),
        ]


@one_report()
def importances(
    models: TrainedModel | Iterable[TrainedModel],
    table: Any = None,
    method: str | Sequence[str] | None = None,
    *,
    repeats: int = 5,
    seed: int = 0,
) -> Importances:
    """The importances in one network, or their mean and spread over the networks of all models, of the same columns.

    See :meth:`glassnet.Model.importances`.
    """
    several = [models] if isinstance(models, TrainedModel) else list(models)
    _check_alike(several)
    given = [member for model in several for member in model.each_member]
    whole_number("repeats", repeats)
    whole_number("seed", seed, 0)
    methods = _methods(method, table is not None)
    measured = [_measure(model, methods, table, repeats, seed) for model in given]
    values: dict[str, Array] = {}
    errors: dict[str, Array] = {}
    inputs: dict[str, Array] = {}
    for each in methods:
        found = [own[each] for own in measured]
        columns = np.array([own.columns for own in found])
        values[each] = columns.mean(axis=0)
        if len(given) > 1:
            errors[each] = columns.std(axis=0, ddof=1)
        elif found[0].spread is not None:
            errors[each] = found[0].spread
        if parts := [own.inputs for own in found if own.inputs is not None]:
            inputs[each] = np.mean(parts, axis=0)
    return Importances(
        names=tuple(given[0].encoder.slices),
        values=values,
        errors=errors,
        inputs=inputs,
        input_names=given[0].encoder.input_names,
        output_names=given[0].output_names,
        networks=len(given),
        repeats=repeats,
    )


def _measure(
    model: TrainedModel, methods: Sequence[str], table: Any, repeats: int, seed: int
) -> dict[str, Measured]:
    found: dict[str, Measured] = {}
    rows = None if table is None else encoded(model, table)
    for name in methods:
        _, on_rows, on_weights, _ = METHODS[name]
        if on_rows is not None and rows is not None:
            found[name] = on_rows(model, rows, repeats, seed)
        elif on_weights is not None:
            found[name] = by_weights(model, on_weights)
    return found


def _methods(method: str | Sequence[str] | None, with_table: bool) -> list[str]:
    """The names of the methods; those that need rows only where there are some, or where they are named."""
    measurable = [name for name, own in METHODS.items() if with_table or own.on_weights]
    if method is None:
        return [name for name in measurable if METHODS[name].by_default]
    wanted = (
        list(method) if isinstance(method, Iterable) and not isinstance(method, (str, bytes)) else [method]
    )
    if wanted == ["all"]:
        return measurable
    if not wanted:
        raise InputError(f"method names none; name at least one of {', '.join(METHODS)}.")
    for each in wanted:
        if each not in METHODS:
            raise InputError(unknown("method", each, ["all", *METHODS]))
        if each not in measurable:
            raise InputError(
                f"{each} is measured on rows, which a model does not keep; give some as {called('table')}."
            )
    return wanted


def _check_alike(models: Sequence[TrainedModel]) -> None:
    if not models:
        raise InputError("there is no model; pass one, or several of the same columns.")
    for model in models:
        if not isinstance(model, TrainedModel):
            raise InputTypeError(
                f"the ensemble has {model!r:.80}, but takes models; glassnet.load reads one."
            )
    if any(model.encoder.input_names != models[0].encoder.input_names for model in models):
        raise InputError(
            "the models do not have the same inputs; an ensemble is trained on the same columns of the same rows."
        )
