"""The weights of the first layer, as a heat map, or as images where the inputs are pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Unpack

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize, to_rgb

from glassnet.errors import InputError, plural
from glassnet.inside.checks import whole_number
from glassnet.net.arrays import Array
from glassnet.pictures.panel import Panel, Style
from glassnet.pictures.theme import SMALL
from glassnet.pictures.ticks import NumberLocator
from glassnet.trained import TrainedModel

PITCH = 1.3 * SMALL / 72  # inches between the rows of a heat map
MOST_IMAGES = 64


def first_layer(
    source: TrainedModel | npt.ArrayLike,
    names: Sequence[str] | None = None,
    *,
    image: Sequence[int] | bool = False,
    max_display: int | None = None,
    **style: Unpack[Style],
) -> Axes:
    """The weights from every input (down) to every neuron of the first layer (across).

    Args:
        source: a model, or weights (I, O).
        names: of the inputs; by default the model's.
        image: the inputs are pixels of an image of this (height, width), row by row, or (height, width, 3) if each
            pixel has its red, green and blue beside each other; ``True`` for a gray square. Then there is one image
            per neuron.
        max_display: draw at most this many inputs, or images: those with the largest weights.
    """
    if max_display is not None:
        whole_number("max_display", max_display)
    if isinstance(source, TrainedModel):
        weights, names = source.learnt[0].weights, names or source.encoder.input_names
    else:
        weights = np.asarray(source, np.float64)
    if weights.ndim != 2:
        raise InputError(f"the weights have the shape {weights.shape}, but must have two dimensions, (I, O).")
    if image:
        shape = _image_shape(image, len(weights))
        panel = Panel("The first layer as images", (8.5, 7.4), **style)
        return _images(panel, weights, shape, max_display or MOST_IMAGES)
    names = list(names or (f"x{at + 1}" for at in range(len(weights))))
    if len(names) != len(weights):
        raise InputError(f"there are {len(names)} names for {len(weights)} inputs; pass one for each.")
    size = (10, min(max(6.25, 2 + PITCH * (max_display or 0)), 60))
    return _heat_map(Panel("The weights of the first layer", size, **style), weights, names, max_display)


def _heat_map(panel: Panel, weights: Array, names: Sequence[str], max_display: int | None) -> Axes:
    axes, (count, neurons) = panel.ax, weights.shape
    axes.grid(visible=False)
    axes.set_xlabel("neuron of the first layer")
    axes.xaxis.set_major_locator(NumberLocator(integer=True))
    total = f"{plural(count, 'input')} × {plural(neurons, 'neuron')} = {plural(count * neurons, 'weight')}."
    limit = float(np.abs(weights).max()) or 1.0
    norm, colors = Normalize(-limit, limit), panel.theme.diverging
    panel.color_bar(ScalarMappable(norm, colors), "weight")

    def draw(panel: Panel) -> None:
        drawn = max_display or max(int(panel.height / PITCH / panel.scale), 1)
        rows = np.sort(np.argsort(-np.abs(weights).sum(axis=1), kind="stable")[:drawn])
        extent = (0.5, neurons + 0.5, len(rows) - 0.5, -0.5)  # neurons count from 1
        axes.imshow(weights[rows], colors, norm, extent=extent, aspect="auto", interpolation="nearest")
        panel.categories[axes.yaxis] = [names[row] for row in rows]
        panel.note(total, *_not_drawn(len(rows), count, "input"))

    return panel.finish(draw)


def _not_drawn(drawn: int, count: int, noun: str) -> list[str]:
    """The note on what is not drawn, if there is any."""
    if drawn >= count:
        return []
    rest = f"{count - drawn:,} {'is' if count - drawn == 1 else 'are'} not drawn"
    return [f"The {plural(drawn, noun).removeprefix('1 ')} with the largest weights; {rest}."]


def _images(panel: Panel, weights: Array, shape: tuple[int, ...], max_display: int) -> Axes:
    """One image per neuron, side by side with a pixel between them, each with its own scale."""
    axes, neurons = panel.ax, weights.shape[1]
    drawn = np.sort(np.argsort(-np.linalg.norm(weights, axis=0), kind="stable")[:max_display])
    height, width = shape[:2]
    across = min(int(np.ceil(np.sqrt(len(drawn) * height / width))), len(drawn))
    down = -(-len(drawn) // across)
    mosaic = np.full((down * (height + 1) - 1, across * (width + 1) - 1, *shape[2:]), np.nan)
    for place, neuron in enumerate(drawn):
        top, left = place // across * (height + 1), place % across * (width + 1)
        own = weights[:, neuron].reshape(shape)
        mosaic[top : top + height, left : left + width] = own / (np.abs(own).max() or 1.0)
    axes.set_axis_off()
    panel.note(f"{plural(neurons, 'neuron')}, each {height} × {width} pixels.")
    panel.note(*_not_drawn(len(drawn), neurons, "neuron"))
    if len(shape) == 3:
        rgb = np.where(np.isnan(mosaic), to_rgb(panel.theme.background), (mosaic + 1) / 2)
        axes.imshow(rgb, interpolation="nearest")
        panel.note("Gray is 0: a channel is brighter for positive weights, darker for negative ones.")
    else:
        colors = panel.theme.diverging.with_extremes(bad=panel.theme.background)
        picture = axes.imshow(mosaic, cmap=colors, vmin=-1, vmax=1, interpolation="nearest")
        panel.color_bar(picture, "weight, as a share of the neuron's largest")
    axes.set_anchor("N")  # its top is beside that of its bar
    return panel.finish()


def _image_shape(image: Sequence[int] | bool, inputs: int) -> tuple[int, ...]:
    side = math.isqrt(inputs)
    shape = (side, side) if isinstance(image, bool) else tuple(image)
    if len(shape) not in (2, 3) or min(shape) < 1 or shape[2:] not in ((), (3,)):
        raise InputError(
            f"image is {image!r}, but must be (height, width), (height, width, 3) for colors, or True for a square."
        )
    if math.prod(shape) != inputs:
        raise InputError(
            f"image is {image!r}, but {inputs} inputs are not {' × '.join(map(str, shape))} pixels."
        )
    return shape
