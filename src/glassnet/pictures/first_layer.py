"""What the first layer looks at: its weights as a heat map, or as images where the inputs are pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, to_rgb

from glassnet.errors import InputError
from glassnet.inside.checks import whole_number
from glassnet.net.arrays import Array
from glassnet.pictures.axes_style import canvas, color_bar, finish, name_ticks
from glassnet.pictures.text_fit import counted, shortened
from glassnet.pictures.theme import SMALL, Theme
from glassnet.pictures.titles import heading
from glassnet.trained import TrainedModel

PITCH = 0.2  # inches between the rows of a heat map
MOST_IMAGES = 64


def first_layer(
    source: TrainedModel | npt.ArrayLike,
    names: Sequence[str] | None = None,
    *,
    image: Sequence[int] | bool = False,
    most: int | None = None,
    title: str | None = None,
    ax: Axes | None = None,
    theme: str | Theme | None = None,
) -> Axes:
    """The weights from every input (down) to every neuron of the first layer (across).

    Args:
        source: a model, or weights (I, O).
        names: of the inputs; a model brings its own.
        image: the (height, width) of the pixels that the inputs are, row by row, or (height, width, 3) where each
            has its red, green and blue beside each other; ``True`` for a gray square. Then there is one small image
            a neuron.
        most: draw at most so many inputs, or images: those with the largest weights.
    """
    if most is not None:
        whole_number("most", most)
    if isinstance(source, TrainedModel):
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
    axes.grid(visible=False)
    axes.set_xlabel("neuron of the first layer")
    facts = (
        f"{counted(count, 'input')} × {counted(neurons, 'neuron')} = {counted(count * neurons, 'weight')}."
    )
    width, height = heading(axes, chosen, title, f"{facts} {_elided(count, count)}")
    most = most or max(int(height / PITCH), 1)
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
    name_ticks(axes.yaxis, [shortened(names[row], SMALL, min(2.2, 0.4 * width)) for row in rows])
    axes.set_xticks(_some(neurons), [f"{at + 1}" for at in _some(neurons)])
    bar = color_bar(axes, chosen, picture, "weight")
    if len(rows) < count:
        facts = f"{facts} {_elided(len(rows), count)}"
    heading(axes, chosen, title, facts, beside=[bar])
    return finish(axes)


def _elided(drawn: int, count: int) -> str:
    inputs = "input" if drawn == 1 else f"{drawn:,} inputs"
    return f"The {inputs} with the largest; {_not_drawn(count - drawn)}."


def _not_drawn(count: int) -> str:
    return "1 is not drawn" if count == 1 else f"{count:,} are not drawn"


def _some(count: int) -> list[int]:
    """At most about a dozen places among ``count``: the first, and those that are round numbers when counted from 1."""
    steps = (digit * 10**power for power in range(9) for digit in (1, 2, 5))
    step = next(step for step in steps if count <= 12 * step)
    first = [0] if step > 2 else []
    return [*first, *range(step - 1, count, step)]


def _images(
    weights: Array,
    shape: tuple[int, ...],
    most: int,
    title: str,
    ax: Axes | None,
    theme: str | Theme | None,
) -> Axes:
    """One image a neuron, side by side with a pixel between them, each with its own scale."""
    neurons = weights.shape[1]
    chosen_neurons = np.sort(np.argsort(-np.linalg.norm(weights, axis=0), kind="stable")[:most])
    axes, chosen = canvas(ax, theme, (8.5, 7.4))
    height, width = shape[:2]
    across = min(int(np.ceil(np.sqrt(len(chosen_neurons) * height / width))), len(chosen_neurons))
    down = -(-len(chosen_neurons) // across)
    tall, wide = height + 1, width + 1
    mosaic = np.full((down * tall - 1, across * wide - 1, *shape[2:]), np.nan)
    for place, neuron in enumerate(chosen_neurons):
        top, left = place // across * tall, place % across * wide
        own = weights[:, neuron].reshape(shape)
        mosaic[top : top + height, left : left + width] = own / (np.abs(own).max() or 1.0)
    axes.set_axis_off()
    facts = f"{counted(neurons, 'neuron')}, each {height} × {width} pixels."
    if len(chosen_neurons) < neurons:
        rest = neurons - len(chosen_neurons)
        facts += f" The {len(chosen_neurons):,} with the largest weights; {_not_drawn(rest)}."
    bars = []
    if len(shape) == 3:
        shown = np.where(np.isnan(mosaic), to_rgb(chosen.background), (mosaic + 1) / 2)
        axes.imshow(shown, interpolation="nearest")
        facts += " Gray is 0: a channel is brighter for positive weights, darker for negative ones."
    else:
        shades = chosen.diverging.with_extremes(bad=chosen.background)
        picture = axes.imshow(mosaic, cmap=shades, vmin=-1, vmax=1, interpolation="nearest")
        bars = [color_bar(axes, chosen, picture, "weight, as a share of the neuron's largest")]
    axes.set_anchor("N")  # its top is beside that of its bar
    heading(axes, chosen, title, facts, beside=bars)
    return finish(axes)


def _image_shape(image: Sequence[int] | bool, inputs: int) -> tuple[int, ...]:
    side = math.isqrt(inputs)
    shape = (side, side) if isinstance(image, bool) else tuple(image)
    said = " × ".join(map(str, shape))
    if len(shape) not in (2, 3) or min(shape) < 1 or shape[2:] not in ((), (3,)):
        raise InputError(
            f"image is {image!r}, but must be (height, width), (height, width, 3) for colors, or True for a square."
        )
    if math.prod(shape) != inputs:
        raise InputError(f"image is {image!r}, but {inputs} inputs are no {said} pixels.")
    return shape
