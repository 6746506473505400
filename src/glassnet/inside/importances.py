"""Which columns matter, by five measures side by side, so that their disagreement shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.engines import Rows
from glassnet.errors import InputError, InputTypeError, unknown
from glassnet.inside.checks import whole_number
from glassnet.inside.columns import column_slices, encoded, evenly_spaced, over_columns
from glassnet.inside.frames import to_frame
from glassnet.inside.gradients import doubled, input_gradients
from glassnet.inside.ranks import rank_correlations, ranks
from glassnet.inside.weight_importances import WEIGHT_METHODS
from glassnet.net.arrays import Array
from glassnet.text import Block, Heading, Paragraph, Printable, Table
from glassnet.trained import TrainedModel

GRADIENT_ROWS = 2000  # rows for gradient × input: their mean changes little beyond
UNITS = {
    "permutation": "increase of the loss when the values of the column are shuffled among the rows",
    "gradient_input": "mean |Σ gradient × input| of the column, as a share",
    "garson": "share of the incoming weights, passed on to the last hidden layer",
    "olden": "|sum over paths of the product of weights|, as a share",
    "gedeon": "share of the incoming weights, passed on through all layers",
}


# A measure gives (C,) for columns, (I, O) for inputs or None, and the spread (C,) or None.
Measured = tuple[Array, Array | None, Array | None]


@dataclass(frozen=True, eq=False, repr=False)
class Importances(Printable):
    """The importance of every column by several methods.

    Attributes:
        names: the columns.
        values: (C,) for each method. The encoded inputs of a column are shuffled together, their contributions are
            summed up, and their weights matter by how much their weighted sum varies; outputs are averaged.
            Permutation is in units of the loss, all other methods are shares of 1.
        errors: (C,) for the methods that have a spread: the standard deviation over the models, where there are
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
    models: int = 1
    repeats: int = 1

    @property
    def spread(self) -> str:
        """What the errors are, in words; empty where there are none."""
        over = f"{self.models} models" if self.models > 1 else f"{self.repeats} shuffles"
        return f"the standard deviation over {over}" if self.errors else ""

    @property
    def methods(self) -> tuple[str, ...]:
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

    def blocks(self, most: int | None = 20) -> list[Block]:
        """The columns by their mean rank, with the value of every method, and how far the methods agree.

        Args:
            most: how many columns are shown; ``None`` shows all.
        """
        placed = np.mean([ranks(-own) for own in self.values.values()], axis=0)
        order = np.argsort(placed, kind="stable")
        rows = [
            (self.names[at], *(self._cell(method, int(at)) for method in self.methods), f"{placed[at]:.3g}")
            for at in order[:most]
        ]
        blocks: list[Block] = [
            Heading("Importance of the columns"),
            Table(("column", *self.methods, "mean rank"), rows),
        ]
        if most is not None and len(order) > most:
            blocks.append(
                Paragraph(f"+ {len(order) - most} columns of lower mean rank; most=None prints all.")
            )
        spread = f"± is {self.spread}." if self.errors else ""
        units = ". ".join(f"{method}: {UNITS[method]}" for method in self.methods)
        blocks.append(Paragraph(f"{units}. {spread}"))
        return blocks + self._agreement()

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


def importances(
    models: TrainedModel | Iterable[TrainedModel],
    table: Any = None,
    method: str | Sequence[str] = "all",
    *,
    repeats: int = 5,
    seed: int = 0,
) -> Importances:
    """The importances of one model, or the mean and spread of several that know the same columns.

    See :meth:`glassnet.Model.importances`.
    """

    given = [models] if isinstance(models, TrainedModel) else list(models)
    _check_alike(given)
    whole_number("repeats", repeats)
    whole_number("seed", seed, 0)
    methods = _methods(method, table is not None)
    measured = [_measure(model, methods, table, repeats, seed) for model in given]
    values, errors = {}, {}
    for each in methods:
        own = np.array([found[each][0] for found in measured])
        values[each] = own.mean(axis=0)
        if len(given) > 1:
            errors[each] = own.std(axis=0, ddof=1)
        elif (spread := measured[0][each][2]) is not None:
            errors[each] = spread
    return Importances(
        names=tuple(column_slices(given[0].encoder)),
        values=values,
        errors=errors,
        inputs=_mean_inputs(measured),
        input_names=given[0].encoder.input_names,
        output_names=given[0].output_names,
        models=len(given),
        repeats=repeats,
    )


def _mean_inputs(measured: Sequence[dict[str, Measured]]) -> dict[str, Array]:
    found: dict[str, list[Array]] = {}
    for model in measured:
        for method, (_, inputs, _) in model.items():
            if inputs is not None:
                found.setdefault(method, []).append(inputs)
    return {method: np.mean(several, axis=0) for method, several in found.items()}


def _measure(
    model: TrainedModel, methods: Sequence[str], table: Any, repeats: int, seed: int
) -> dict[str, Measured]:
    found: dict[str, Measured] = {}
    rows = None if table is None else encoded(model, table)
    for method in methods:
        if method == "permutation":
            found[method] = permutation(model, model.encode_labeled(rows).rows, repeats, seed)
        elif rows is not None and method == "gradient_input":
            found[method] = gradient_input(model, rows.inputs)
        else:
            found[method] = by_weights(model, method)
    return found


def permutation(model: TrainedModel, rows: Rows, repeats: int, seed: int) -> Measured:
    """By how much the loss rises when one column's values are shuffled among the rows.

    Breiman, *Random forests* (2001), for any model as Fisher, Rudin, Dominici (2019). All encoded inputs of a
    column move together. The spread is the standard deviation over ``repeats`` shuffles.
    """
    generator = np.random.default_rng(seed)
    before = model.run.evaluate(rows)
    shuffled = Rows(rows.inputs.copy(), rows.targets, rows.weights)
    rises = []
    for places in column_slices(model.encoder).values():
        own = rows.inputs[:, places]
        losses = []
        for _ in range(repeats):
            shuffled.inputs[:, places] = own[generator.permutation(len(rows))]
            losses.append(model.run.evaluate(shuffled))
        shuffled.inputs[:, places] = own
        rises.append((np.mean(losses) - before, np.std(losses, ddof=1) if repeats > 1 else 0.0))
    values, spread = np.array(rises).T
    return values, None, spread if repeats > 1 else None


def gradient_input(model: TrainedModel, inputs: Array) -> Measured:
    """Gradient times input: what each column adds to an output to first order, its size averaged over rows.

    Shrikumar et al., *Not just a black box* (2016). ``inputs`` count from 0, which is the mean of a number.
    """
    rows = inputs[evenly_spaced(len(inputs), GRADIENT_ROWS)].astype(np.float64)
    parameters = doubled(model.learnt)
    signed, sizes = [], []
    for output in range(model.network.outputs):
        parts = input_gradients(model.network, parameters, rows, output) * rows
        signed.append(parts.mean(axis=0))
        sizes.append(np.abs(over_columns(model.encoder, parts)).mean(axis=0))
    return _share(np.mean(sizes, axis=0)), np.array(signed).T, None


def by_weights(model: TrainedModel, method: str) -> Measured:
    """One of the measures that look at the weights alone, of each input and of each column.

    Weights say how much an input matters where all inputs vary alike, so a column counts by how much the sum that it
    feeds varies with it over the training rows. For a standardized number this is the size of its weight; a category's
    inputs, of which one is 1 and all others are 0, do not add up: twenty levels do not matter twenty times as much.
    """
    first, *others = (layer.weights.astype(np.float64) for layer in model.learnt)
    inputs = WEIGHT_METHODS[method]([first, *others])
    columns = (
        spreads(model, inputs)
        if method == "olden"
        else WEIGHT_METHODS[method]([spreads(model, first), *others])
    )
    return _share(columns.mean(axis=1)), inputs, None


def spreads(model: TrainedModel, factors: Array) -> Array:
    """(C, K): how much each column's inputs, times ``factors`` (I, K), vary in sum: the standard deviation.

    Over the training rows, as far as their statistics go: inputs of a number or a date count as uncorrelated. A model
    without statistics is taken to have seen standardized numbers, and all levels alike.
    """
    found, rows = [], None if model.stats is None else model.stats.rows
    for encoder in model.encoder.encoders:
        own = model.encoder.slices[encoder.column]
        means, deviations = encoder.typical_statistics()
        if rows is not None:
            means, deviations = rows.means[own], rows.deviations[own]
        variances = encoder.variances(factors[own], means, deviations)
        found.append(np.sqrt(np.maximum(variances, 0)))
    return np.array(found)


def _share(values: Array) -> Array:
    return values / (values.sum() or 1.0)


def _methods(method: str | Sequence[str], with_table: bool) -> list[str]:
    wanted = (
        list(method) if isinstance(method, Iterable) and not isinstance(method, (str, bytes)) else [method]
    )
    if wanted == ["all"]:
        return [each for each in UNITS if with_table or each in WEIGHT_METHODS]
    if not wanted:
        raise InputError(f"method names no measure; name at least one of {', '.join(UNITS)}.")
    for each in wanted:
        if each not in UNITS:
            raise InputError(unknown("method", each, ["all", *UNITS]))
        if each not in WEIGHT_METHODS and not with_table:
            raise InputError(f"{each} is measured on rows, which a model does not keep; pass table=.")
    return wanted


def _check_alike(models: Sequence[TrainedModel]) -> None:

    if not models:
        raise InputError("there is no model; pass one, or several of the same columns.")
    for model in models:
        if not isinstance(model, TrainedModel):
            raise InputTypeError(
                f"the ensemble has {model!r:.80}, but takes models; glassnet.load reads one."
            )
    names: Callable[[TrainedModel], tuple[str, ...]] = lambda model: model.encoder.input_names  # noqa: E731
    if any(names(model) != names(models[0]) for model in models):
        raise InputError(
            "the models do not have the same inputs; an ensemble is trained on the same columns of the same rows."
        )
