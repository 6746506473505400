"""The rows of texts over and under a network: its layers, and the connections between them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from matplotlib.axes import Axes

from glassnet.pictures.diagram import Diagram
from glassnet.pictures.text_fit import text_width
from glassnet.pictures.theme import BODY, SMALL, Theme

LABELED = 1.2 * SMALL / 72  # inches: texts closer than this cannot be written
LINE = 1.25  # height of a line of text, in font sizes
ONE_LINE = BODY * LINE / 72 + 0.05  # inches


def headers(diagram: Diagram) -> list[list[str]]:
    """For the inputs and each layer, what stands over it, from long to short."""
    hidden = len(diagram.links) - 1
    inputs = f"{diagram.widths[0]:,}"
    found = [[f"inputs\n{inputs}", f"inputs\n{inputs}", inputs, f"inputs: {inputs}", inputs]]
    for place, layer in enumerate(diagram.network.layers):
        name = f"hidden {place + 1}" if hidden > 1 else "hidden"
        if place == hidden:
            name = "output" if layer.width == 1 else "outputs"
        rate = f"\ndropout {layer.dropout:g}" if layer.dropout else ""
        found.append(
            [
                f"{name}\n{layer.width:,} {layer.activation}{rate}",
                f"{name}\n{layer.width:,}\n{layer.activation}{rate}",
                f"{layer.width:,} {layer.activation}",
                f"{name}: {layer.width:,} {layer.activation}",
                f"{layer.width:,}",
            ]
        )
    return found


def captions(diagram: Diagram, shown: Sequence[int]) -> list[list[str]]:
    """For each pair of layers, how many connections there are, and how many of them are drawn."""
    found = []
    for (i, o), drawn in zip(diagram.network.shapes, (a * b for a, b in pairwise(shown)), strict=True):
        word = "connection" if i * o == 1 else "connections"
        elided = f"\n{drawn:,} drawn" if drawn < i * o else ""
        found.append(
            [
                f"{i:,} × {o:,} = {i * o:,} {word}{elided}",
                f"{i:,} × {o:,} = {i * o:,}\n{word}{elided}",
                f"{i:,} × {o:,}\n= {i * o:,}\n{word}{elided}",
                f"{i:,} × {o:,} = {i * o:,}" + (f",\n{drawn:,} drawn" if elided else ""),
                f"{i:,} × {o:,} = {i * o:,}" + (f", {drawn:,} drawn" if elided else ""),
                f"{i * o:,}",
            ]
        )
    return found


class Row:
    """Texts beside each other, all in the first form in which each fits its ``room``. The last form but one is for
    standing upright, where none does; the last for where that is higher than ``highest``. If that does not fit either,
    nothing is written rather than half of it."""

    def __init__(self, forms: Sequence[Sequence[str]], room: float, highest: float) -> None:
        self.upright = False
        *flat, upright, least = zip(*forms, strict=True)
        # Rather smaller or shorter than as high as possible.
        tries = [(form, size, share) for share in (0.6, 1.0) for size in (BODY, SMALL) for form in flat]
        for form, size, share in tries:
            if self._fits(form, size, room, share * highest):
                return
        self.texts, self.size = list(upright), SMALL
        self.height = max(text_width(text, SMALL) for text in upright) + 0.1
        self.upright = room > LABELED and self.height <= highest
        if not self.upright and not self._fits(least, SMALL, room, highest):
            self.texts, self.height = [""] * len(forms), 0.1

    def _fits(self, form: Sequence[str], size: float, room: float, highest: float) -> bool:
        """Whether the texts fit beside each other; then they are those to write."""
        height = (max(text.count("\n") for text in form) + 1) * size * LINE / 72 + 0.05
        if max(text_width(text, size) for text in form) > room - 0.08 or height > highest:
            return False
        self.texts, self.size, self.height = list(form), size, height
        return True

    def write(self, ax: Axes, theme: Theme, xs: Sequence[float], edge: float) -> None:
        """Under the upper ``edge`` of the axes (1), or over the lower (0), line by line in points, so that lines of
        neighbors stand at one height and stay apart if a layout makes the axes lower later."""
        top = 0.0 if edge else self.height * 72
        for x, text in zip(xs, self.texts, strict=True):
            for place, line in enumerate(text.split("\n")):
                ax.annotate(
                    line,
                    (x, edge),
                    (0, top - place * self.size * LINE - (0 if self.upright else self.size)),
                    xycoords=("data", "axes fraction"),
                    textcoords="offset points",
                    ha="center",
                    va="top" if self.upright else "baseline",
                    rotation=90 if self.upright else 0,
                    color=theme.ink,
                    fontsize=self.size,
                    annotation_clip=False,
                )
