"""The methods by which the importance of columns is measured, in one table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from glassnet.engines import Rows
from glassnet.inside.columns import evenly_spaced, over_columns
from glassnet.inside.gradients import doubled, input_gradients
from glassnet.inside.weight_importances import Weights, garson, gedeon, olden
from glassnet.net.arrays import Array
from glassnet.training.encoded_rows import EncodedTable

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel

GRADIENT_ROWS = 2000  # rows for gradient × input: their mean changes little beyond


class Measured(NamedTuple):
    """The importance (C,) of the columns, that (I, O) of the inputs, if there is one, and a spread (C,), if any."""

    columns: Array
    inputs: Array | None = None
    spread: Array | None = None


def permutation(model: TrainedModel, table: EncodedTable, repeats: int, seed: int) -> Measured:
    """By how much the loss rises when one column's values are shuffled among the rows.

    Breiman, *Random forests* (2001), for any model as Fisher, Rudin, Dominici (2019). All encoded inputs of a
    column move together. The spread is the standard deviation over ``repeats`` shuffles.
    """
    rows = model.encode_labeled(table).rows
    generator = np.random.default_rng(seed)
    before = model.run.evaluate(rows)
    shuffled = Rows(rows.inputs.copy(), rows.targets, rows.weights)
    rises = np.empty((len(model.encoder.slices), repeats))
    for own, places in zip(rises, model.encoder.slices.values(), strict=True):
        for repeat in range(repeats):
            shuffled.inputs[:, places] = rows.inputs[generator.permutation(len(rows)), places]
            own[repeat] = model.run.evaluate(shuffled) - before
        shuffled.inputs[:, places] = rows.inputs[:, places]
    return Measured(rises.mean(axis=1), spread=rises.std(axis=1, ddof=1) if repeats > 1 else None)


def gradient_input(model: TrainedModel, table: EncodedTable, repeats: int, seed: int) -> Measured:
    """Gradient times input: what each column adds to an output to first order, its size averaged over rows.

    Shrikumar et al., *Not just a black box* (2016). Inputs count from 0, which is the mean of a number.
    """
    rows = table.inputs[evenly_spaced(len(table), GRADIENT_ROWS)].astype(np.float64)
    parameters = doubled(model.learnt)
    parts = [
        input_gradients(model.network, parameters, rows, output) * rows
        for output in range(model.network.outputs)
    ]
    sizes = [np.abs(over_columns(model.encoder, each)).mean(axis=0) for each in parts]
    return Measured(_share(np.mean(sizes, axis=0)), np.array([each.mean(axis=0) for each in parts]).T)


def by_weights(model: TrainedModel, measure: Callable[[Weights], Array]) -> Measured:
    """A measure of the weights alone, of each input and of each column.

    Weights say how much an input matters where all inputs vary alike, so a column counts by how much the sum that it
    feeds varies with it over the training rows. For a standardized number this is the size of its weight; a category's
    inputs, of which one is 1 and all others are 0, do not add up: twenty levels do not matter twenty times as much.
    """
    first, *others = (layer.weights.astype(np.float64) for layer in model.learnt)
    inputs = measure([first, *others])
    signed = measure is olden  # its paths sum up with their signs, so what varies is their sum
    columns = spreads(model, inputs) if signed else measure([spreads(model, first), *others])
    return Measured(_share(columns.mean(axis=1)), inputs)


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
        found.append(np.sqrt(np.maximum(encoder.variances(factors[own], means, deviations), 0)))
    return np.array(found)


def _share(values: Array) -> Array:
    return values / (values.sum() or 1.0)


class Method(NamedTuple):
    """A row of the table: what the values are, how they are measured, and whether that is done by default."""

    about: str
    on_rows: Callable[[TrainedModel, EncodedTable, int, int], Measured] | None = None
    on_weights: Callable[[Weights], Array] | None = None
    by_default: bool = True


METHODS = {
    "permutation": Method(
        "increase of the loss when the values of the column are shuffled among the rows", permutation
    ),
    "gradient_input": Method("mean |Σ gradient × input| of the column, as a share", gradient_input),
    "olden": Method("|sum over paths of the product of weights|, as a share", on_weights=olden),
    "garson": Method(
        "share of the incoming weights, passed on to the last hidden layer",
        on_weights=garson,
        by_default=False,
    ),
    "gedeon": Method(
        "share of the incoming weights, passed on through all layers", on_weights=gedeon, by_default=False
    ),
}
