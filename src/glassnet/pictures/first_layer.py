"""What the first layer looks at: its weights as a heat map, or as images where the inputs are pixels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import Normalize

from glassnet.errors import InputError
from glassnet.model import Model
from glassnet.net.arrays import Array
from glassnet.pictures.dressing import canvas, colour_bar, finish, heading, inches
from glassnet.pictures.lettering import shortened
from glassnet.pictures.theme import SMALL, Theme

PITCH = 0.2  # inches between the rows of a heat map
MOST_IMAGES = 64


def first_layer(
    source: Model | npt.ArrayLike,
    names: Sequence[str] | None = None,
    *,
    image: tuple[int, int] | bool = False,
    most: int | None = None,
    title: str | None = None,
    ax: Axes | None = None,
    theme: str | Theme | None = None,
) -> Axes:
    """The weights from every input (down) to every neuron of the first layer (across).

    Args:
        source: a model, or weights (I, O).
        names: of the inputs; a model brings its own.
        image: the height and width of the pixels that the inputs are, row by row; ``True`` for a square.
            Then there is one small image a neuron.
        most: draw at most so many inputs, or images: those with the largest weights.
    """
    if isinstance(source, Model):
        weights, names = source.learnt[0].weights, names or source.encoder.input_names
    else:
        weights = np.asarray(source, np.float64)
    if weights.ndim != 2:
        raise InputError(f"the weights have the shape {weights.shape}, but must have two dimensions, (I, O).")
    if image:
        shape = _image_shape(image, len(weights))
        return _images(weights, shape, most or MOST_IMAGES, title or "The first layer as images", ax, theme)
    names = list(names or (f"x{number}" for number in range(1, len(weights) + 1)))
    if len(names) != len(weights):
        raise InputError(f"there are {len(names)} names for {len(weights)} inputs; give one for each.")
    return _heat_map(weights, names, most, title or "The first layer's weights", ax, theme)


def _heat_map(
    weights: Array, names: list[str], most: int | None, title: str, ax: Axes | None, theme: str | Theme | None
) -> Axes:
    count, neurons = weights.shape
    axes, chosen = canvas(ax, theme, (10, min(max(6.25, 2 + PITCH * (most or 0)), 60)))
    most = most or max(int((inches(axes)[1] - 0.8) / PITCH), 1)
    strongest = np.argsort(-np.abs(weights).sum(axis=1), kind="stable")[:most]
    rows = np.sort(strongest)
    largest = float(np.abs(weights).max()) or 1.0
    picture = axes.imshow(
        weights[rows],
        cmap=chosen.diverging,
        norm=Normalize(-largest, largest),
        aspect="auto",
        interpolation="nearest",
    )
    axes.grid(visible=False)
    axes.set_yticks(range(len(rows)), [shortened(names[row], SMALL, 2.2) for row in rows])
    axes.set_xticks(_some(neurons), [f"{at + 1}" for at in _some(neurons)])
    axes.set_xlabel("neuron of the first layer")
    colour_bar(axes, chosen, picture, "weight")
    facts = f"{count:,} inputs × {neurons:,} neurons = {count * neurons:,} weights."
    if len(rows) < count:
        facts += f" The {len(rows):,} inputs with the largest; {count - len(rows):,} are not drawn."
    heading(axes, chosen, title, facts)
    return finish(axes)


def _some(count: int) -> list[int]:
    """At most about ten places among ``count``, evenly spread."""
    step = max(1, -(-count // 10))
    return list(range(0, count, step))


def _images(
    weights: Array,
    shape: tuple[int, int],
    most: int,
    title: str,
    ax: Axes | None,
    theme: str | Theme | None,
) -> Axes:
    """One image a neuron, side by side with a pixel between them, each with its own scale."""
    neurons = weights.shape[1]
    chosen_neurons = np.sort(np.argsort(-np.linalg.norm(weights, axis=0), kind="stable")[:most])
    axes, chosen = canvas(ax, theme, (8.5, 7.4))
    height, width = shape
    across = int(np.ceil(np.sqrt(len(chosen_neurons) * height / width)))
    down = -(-len(chosen_neurons) // across)
    tall, wide = height + 1, width + 1
    mosaic = np.full((down * tall - 1, across * wide - 1), np.nan)
    for place, neuron in enumerate(chosen_neurons):
        top, left = place // across * tall, place % across * wide
        own = weights[:, neuron].reshape(shape)
        mosaic[top : top + height, left : left + width] = own / (np.abs(own).max() or 1.0)
    shades = chosen.diverging.with_extremes(bad=chosen.background)
    picture = axes.imshow(mosaic, cmap=shades, vmin=-1, vmax=1, interpolation="nearest")
    axes.set_axis_off()
    colour_bar(axes, chosen, picture, "weight, as a share of the neuron's largest")
    facts = f"{neurons:,} neurons, each {height} × {width} pixels."
    if len(chosen_neurons) < neurons:
        rest = neurons - len(chosen_neurons)
        facts += f" The {len(chosen_neurons):,} with the largest weights; {rest:,} are not drawn."
    heading(axes, chosen, title, facts)
    return finish(axes)


def _image_shape(image: tuple[int, int] | bool, inputs: int) -> tuple[int, int]:
    side = int(np.sqrt(inputs))
    shape = (side, side) if image is True else image
    assert not isinstance(shape, bool)
    if shape[0] * shape[1] != inputs:
        raise InputError(f"image is {image!r}, but {inputs} inputs are no {shape[0]} × {shape[1]} pixels.")
    return shape
