"""The pictures of a model, by name: what ``model.draw`` and ``glassnet draw`` offer."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from matplotlib.axes import Axes

from glassnet.errors import Faults, InputError, nearest, unknown
from glassnet.pictures.classification import confusion, reliability
from glassnet.pictures.column_effects import model_importances, model_profile
from glassnet.pictures.curves import curves
from glassnet.pictures.first_layer import first_layer
from glassnet.pictures.functions import activations
from glassnet.pictures.histograms import activation_histograms, weights
from glassnet.pictures.network import Names, flow, gradients, network
from glassnet.pictures.predictions import predicted_vs_actual, residuals
from glassnet.pictures.surface import surface
from glassnet.pictures.theme import Theme
from glassnet.pictures.thresholds import precision_recall, roc
from glassnet.trained import TrainedModel

NO, MAY, MUST = "no", "may", "must"


@dataclass(frozen=True)
class Picture:
    """One row of the catalog. ``table`` says whether the picture takes a table: no, may or must."""

    name: str
    says: str
    draw: Callable[..., Axes]
    table: str = NO

    @property
    def options(self) -> tuple[str, ...]:
        """What can be asked for by keyword, besides ``ax`` and ``theme``."""
        parameters = inspect.signature(self.draw).parameters.values()
        own = [each.name for each in parameters if each.kind is each.KEYWORD_ONLY]
        own += ["row"] if self.draw is flow else []
        return tuple(name for name in own if name not in ("ax", "theme"))


def initial(
    model: TrainedModel,
    *,
    inputs: Names = None,
    outputs: Names = None,
    most: int | None = None,
    title: str | None = None,
    ax: Axes | None = None,
    theme: str | Theme | None = None,
) -> Axes:
    """:func:`~glassnet.pictures.network` with the parameters before training."""
    return network(
        model, model.initial, inputs=inputs, outputs=outputs, most=most, title=title, ax=ax, theme=theme
    )


CATALOG: dict[str, Picture] = {
    picture.name: picture
    for picture in (
        Picture("network", "every neuron and connection, as learnt", network),
        Picture("initial", "the same before training", initial),
        Picture("flow", "one row on its way through the network", flow, MUST),
        Picture("gradients", "how each weight would have to change for some rows", gradients, MUST),
        Picture("activations", "the activation functions in use, with their slopes", activations),
        Picture("curves", "loss and validation, epoch by epoch", curves),
        Picture("weights", "the distribution of every layer's weights, initial and learnt", weights),
        Picture(
            "activation-histograms",
            "the distribution of every layer's activations",
            activation_histograms,
            MUST,
        ),
        Picture("first-layer", "the first layer's weights as a heat map, or as images", first_layer),
        Picture("confusion", "actual classes against predicted ones", confusion, MAY),
        Picture("reliability", "whether probabilities come true as often as they say", reliability, MUST),
        Picture("roc", "found against falsely found, at every threshold", roc, MUST),
        Picture("precision-recall", "precision against recall, at every threshold", precision_recall, MUST),
        Picture("predictions", "predicted numbers against actual ones", predicted_vs_actual, MAY),
        Picture("residuals", "what is left over of numbers", residuals, MAY),
        Picture("importances", "which columns matter, by several measures", model_importances, MAY),
        Picture("profile", "how the answer follows one column", model_profile, MAY),
        Picture("surface", "the answer over any two columns, the others held", surface, MAY),
    )
}


def draw(
    model: TrainedModel,
    what: str = "network",
    table: Any = None,
    *,
    ax: Axes | None = None,
    theme: str | Theme | None = None,
    **options: Any,
) -> Axes:
    """The picture of ``model`` that is named ``what`` (see :data:`CATALOG`).

    Args:
        table: rows, for the pictures that want some.
        options: what the picture's function takes besides.

    Raises:
        InputError: no such picture; a table missing, or one too many; an option that the picture does not take.
    """
    if what not in CATALOG:
        raise InputError(unknown("the picture", what, CATALOG))
    picture = CATALOG[what]
    faults = Faults()
    if table is None and picture.table == MUST:
        faults.add(f"the picture {what!r} needs rows; hand over a table.")
    if table is not None and picture.table == NO:
        faults.add(f"the picture {what!r} shows the model alone; leave the table out.")
    for name in options:
        if name not in picture.options:
            listed = ", ".join(picture.options)
            faults.add(
                f"the picture {what!r} takes no {name!r}, only {listed}.{nearest(name, picture.options)}"
            )
    faults.raise_if_any()
    drawn = partial(picture.draw, model) if table is None else partial(picture.draw, model, table)
    return drawn(ax=ax, theme=theme, **options)
