"""The pictures of a model, by name: what ``model.draw`` and ``glassnet draw`` offer."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes

from glassnet.errors import Faults, InputError, nearest, unknown
from glassnet.pictures.classification import confusion, reliability
from glassnet.pictures.curves import curves
from glassnet.pictures.first_layer import first_layer
from glassnet.pictures.functions import activations
from glassnet.pictures.histograms import activation_histograms, weights
from glassnet.pictures.importance_plots import model_importances
from glassnet.pictures.network import flow, gradients, network
from glassnet.pictures.predictions import predicted_vs_actual, residuals
from glassnet.pictures.profiles import model_profile
from glassnet.pictures.surface import surface
from glassnet.pictures.theme import Theme
from glassnet.pictures.thresholds import precision_recall, roc
from glassnet.trained import TrainedModel

NO, MAY, MUST = "no", "may", "must"


@dataclass(frozen=True)
class Picture:
    """An entry of the catalog.

    Attributes:
        name: the name by which :func:`draw` finds it.
        description: what the picture shows.
        draw: the function that draws it.
        table: whether it takes a table: ``"no"``, ``"may"`` or ``"must"``.
        parameters: the parameters that are drawn instead of the learnt ones: an attribute of the model.
        of_one: whether it shows the inside of one network, and so the first of several.
    """

    name: str
    description: str
    draw: Callable[..., Axes]
    table: str = NO
    parameters: str = ""
    of_one: bool = False

    @property
    def options(self) -> tuple[str, ...]:
        """The keyword arguments besides ``ax`` and ``theme``."""
        parameters = inspect.signature(self.draw).parameters.values()
        names = [each.name for each in parameters if each.kind is each.KEYWORD_ONLY or each.name == "row"]
        return (*names, "title")


CATALOG: dict[str, Picture] = {
    picture.name: picture
    for picture in (
        Picture("network", "every neuron and connection, as learnt", network, of_one=True),
        Picture("initial", "the same before training", network, parameters="initial", of_one=True),
        Picture("flow", "the forward pass of one row", flow, MUST, of_one=True),
        Picture(
            "gradients", "the gradient of every weight and bias over some rows", gradients, MUST, of_one=True
        ),
        Picture("activations", "the activation functions of the layers, with their derivatives", activations),
        Picture("curves", "loss and validation loss, epoch by epoch", curves),
        Picture(
            "weights", "the distribution of every layer's weights, initial and learnt", weights, of_one=True
        ),
        Picture(
            "activation-histograms",
            "the distribution of every layer's activations",
            activation_histograms,
            MUST,
            of_one=True,
        ),
        Picture(
            "first-layer",
            "the weights of the first layer as a heat map, or as images",
            first_layer,
            of_one=True,
        ),
        Picture("confusion", "actual against predicted classes", confusion, MAY),
        Picture("reliability", "how often predictions of a probability come true", reliability, MAY),
        Picture("roc", "true against false positive rate, at every threshold", roc, MAY),
        Picture("precision-recall", "precision against recall, at every threshold", precision_recall, MAY),
        Picture("predictions", "predicted against actual numbers", predicted_vs_actual, MAY),
        Picture("residuals", "actual minus predicted numbers", residuals, MAY),
        Picture("importances", "the importance of each column, by several methods", model_importances, MAY),
        Picture("profile", "how the prediction depends on one column", model_profile, MAY),
        Picture("surface", "the prediction over two columns, the others fixed", surface, MAY),
    )
}


def draw(
    model: TrainedModel,
    what: str = "network",
    table: Any = None,
    *,
    ax: Axes | None = None,
    theme: str | Theme | None = None,
    member: int | None = None,
    **options: Any,
) -> Axes:
    """The picture of ``model`` that is named ``what`` (see :data:`CATALOG`).

    Args:
        table: rows, for the pictures that take some.
        ax, theme: see :class:`Style`.
        member: the number, from 0, of one of several networks; by default the picture shows all of them or, where it
            shows the inside of one, the first.
        options: further keyword arguments of the picture's function.

    Raises:
        InputError: no such picture; a table missing, or one too many; an option that the picture does not take.
    """
    if what not in CATALOG:
        raise InputError(unknown("the picture", what, CATALOG))
    picture = CATALOG[what]
    faults = Faults()
    if table is None and picture.table == MUST:
        faults.add(f"the picture {what!r} needs rows; pass a table.")
    if table is not None and picture.table == NO:
        faults.add(f"the picture {what!r} shows the model alone; pass no table.")
    for name in options:
        if name not in picture.options:
            listed = ", ".join(picture.options)
            faults.add(
                f"the picture {what!r} takes no {name!r}, only {listed}.{nearest(name, picture.options)}"
            )
    faults.raise_if_any()
    several = len(model.members)
    if several > 1 and picture.of_one:
        member = member or 0
        options["prefix"] = f"Network {member} of {several}"
    model = model.of_member(member)
    arguments = [table] if table is not None else []
    arguments += [getattr(model, picture.parameters)] if picture.parameters else []
    return picture.draw(model, *arguments, ax=ax, theme=theme, **options)
