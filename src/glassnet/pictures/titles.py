"""What stands around a picture: its title, facts and legend over it, and labels that fit beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from itertools import pairwise

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator, MaxNLocator, NullFormatter
from matplotlib.transforms import ScaledTranslation, Transform, blended_transform_factory

from glassnet.pictures.axes_style import MARGIN, inches, label_ticks, laid_out, plain, redraw_when_resized
from glassnet.pictures.text_fit import drawable, shortened, text_width, wrapped
from glassnet.pictures.theme import SMALL, TITLE, Theme

GAP = 8.0  # points between parts of a heading
LINE, KEY_LINE = 1.25, 1.4  # heights of a line, and of one of a legend, in font sizes
NARROW, SMALLER = 6.0, 13.0  # figures of fewer inches have titles of so many points
LABEL_LINES = 2  # of the label of an axis
NARROWEST = 1.7  # inches of a column of a legend
FEWEST = 3  # lines that a legend may have in any case

Key = Sequence[tuple[Artist, str]]  # what a legend explains: a mark, and what it means


def heading(
    ax: Axes, theme: Theme, title: str, *facts: str, key: Key = (), beside: Sequence[Axes] = ()
) -> tuple[float, float]:
    """Above the axes: the title; smaller, the ``facts`` beside the picture; and the ``key`` to its marks. Returns the
    width and height that the axes are left with, in inches.

    To be called when the axes have their labels. Those, and the labels of the axes ``beside`` them, are broken
    into lines where they are too long, and ticks that would run into each other are thinned out. A heading takes
    the place of an earlier one, and is written anew when the figure gets another size. Where there is little room,
    facts give way.
    """
    redraw_when_resized(ax, partial(_write, theme, title, facts, key, beside))
    return _write(theme, title, facts, key, beside, ax)


def _write(
    theme: Theme, title: str, facts: Sequence[str], key: Key, beside: Sequence[Axes], ax: Axes
) -> tuple[float, float]:
    for axis in (axis for each in (ax, *beside) for axis in (each.xaxis, each.yaxis)):
        axis.set_label_text(drawable(axis.get_label_text()))
    for old in [text for text in ax.texts if text.get_gid() == "facts"]:
        old.remove()
    _title(ax, theme, " ", 0.0, ax.transAxes)
    whole, across, width = _field(ax)
    figure = ax.get_figure(root=True)
    assert figure is not None
    size = SMALLER if figure.get_figwidth() < NARROW else TITLE
    titles = wrapped(title, size, width, "bold", most=2)
    height = GAP + (_legend(ax, theme, key, across, width, whole) if key else 0.0)
    free = whole / 2 - height - len(titles) * size * LINE
    lines = _told(facts, width, int(free / (SMALL * LINE)))
    if lines:
        note = ax.text(
            0,
            1,
            "\n".join(lines),
            transform=_raised(ax, across, height),
            va="bottom",
            color=theme.muted,
            fontsize=SMALL,
            linespacing=LINE,
            gid="facts",
        )
        note.set_in_layout(False)
        plain(note)
        # Not as many points as there are lines: letters such as Ü make theirs higher.
        height += note.get_window_extent().height / figure.dpi * 72 + GAP / 4
    _make_room(ax, height + len(titles) * size * LINE)
    _title(ax, theme, "\n".join(titles) or " ", height, across, size)
    return _fit([ax, *beside])


def _told(facts: Sequence[str], width: float, most: int) -> list[str]:
    """As many whole sentences of the facts as there is room for, and one in any case; each fact on lines of its own."""
    lines: list[str] = []
    for fact in facts:
        sentences = fact.split(". ")
        for count in range(len(sentences), 0, -1):
            end = "." if count < len(sentences) else ""
            own = wrapped(". ".join(sentences[:count]) + end, SMALL, width)
            if len(lines) + len(own) <= most:
                lines += own
                break
    if not lines and any(facts):
        first = next(fact for fact in facts if fact).split(". ")[0]
        lines = wrapped(first, SMALL, width, most=2 if most >= 0 else 1)
    return lines


def _field(ax: Axes) -> tuple[float, Transform, float]:
    """How high the axes are without a heading, in points; and where one goes: from the left (0) of which coordinates,
    and how wide it may be, in inches.

    Axes that have the figure's whole width to themselves have it for their heading too. Their height follows from that
    of the labels below them, which costs less than a layout.
    """
    figure, place = ax.get_figure(root=True), ax.get_subplotspec()
    assert figure is not None
    if place is not None and ax.figure is figure:
        columns = place.get_gridspec().ncols
        if place == place.get_topmost_subplotspec() and len(place.colspan) == columns:
            margin = ScaledTranslation(MARGIN, 0, figure.dpi_scale_trans)
            across, width = figure.transFigure + margin, figure.get_figwidth() - 2 * MARGIN
            if ax.child_axes:
                return inches(ax)[1] * 72, across, width
            share = len(place.rowspan) / place.get_gridspec().nrows
            below = ax.xaxis.get_tightbbox() if ax.axison else None
            taken = 2 * MARGIN + (0.0 if below is None else below.height / figure.dpi)
            return (figure.get_figheight() * share - taken) * 72 - 2 * SMALL, across, width
    wide, high = inches(ax)
    return high * 72, ax.transAxes, wide


def _raised(ax: Axes, across: Transform, height: float) -> Transform:
    """Coordinates from the left of ``across`` and so many points over the axes (1)."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    up = ax.transAxes + ScaledTranslation(0, height / 72, figure.dpi_scale_trans)
    return blended_transform_factory(across, up)


def _title(ax: Axes, theme: Theme, text: str, height: float, across: Transform, size: float = SMALL) -> None:
    """A title so many points over the axes. Layouts make room for it, and so for all that is under it."""
    title = ax.set_title(text, loc="left", color=theme.ink, fontsize=size, fontweight="bold", va="bottom")
    title.set_transform(_raised(ax, across, height))
    plain(title)


def _make_room(ax: Axes, height: float) -> None:
    """Where no layout will, lower the axes by the ``height`` (points) of their heading, at most by half."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    if not laid_out(ax) and ax.get_axes_locator() is None:
        box = ax.get_position(original=True)
        taken = min(height / 72 / figure.get_figheight(), box.height / 2)
        ax.set_position((box.x0, box.y0, box.width, box.height - taken))


def _legend(ax: Axes, theme: Theme, key: Key, across: Transform, width: float, whole: float) -> float:
    """A legend over the axes; returns its height in points.

    It has as many columns as fit; where it would get too high, more, of shorter labels; and where it still would, it
    says how many marks it leaves out.
    """
    long, apart = 1.5, 1.2  # in font sizes
    beside, between = (long + 0.8 + apart) * SMALL / 72, apart * SMALL / 72
    widest = max(text_width(label, SMALL) for _, label in key)
    columns = int((width + between) / (widest + beside))
    most = max(int(0.35 * whole / (KEY_LINE * SMALL)), 1)
    columns = max(columns, min(math.ceil(len(key) / most), int(width / NARROWEST)), 1)
    if len(key) > columns * max(most, FEWEST):
        kept = columns * max(most, FEWEST) - 1
        key = [*key[:kept], (Line2D([], [], linestyle="none"), f"+ {len(key) - kept} more")]
    rows = math.ceil(len(key) / columns)
    room = (width + between) / math.ceil(len(key) / rows) - beside
    labels = [_shortened(label, room) for _, label in key]
    legend = ax.legend(
        [mark for mark, _ in key],
        ["-"] * len(key),  # a label that starts with "_" would be left out
        loc="lower left",
        bbox_to_anchor=(0, 1),
        bbox_transform=_raised(ax, across, GAP),
        ncols=math.ceil(len(labels) / rows),
        fontsize=SMALL,
        labelcolor=theme.ink,
        frameon=False,
        borderaxespad=0,
        borderpad=0,
        handlelength=long,
        columnspacing=apart,
        labelspacing=KEY_LINE - 1,
    )
    for text, label in zip(legend.get_texts(), labels, strict=True):
        text.set_text(label)
        plain(text)
    legend.set_in_layout(False)
    return rows * KEY_LINE * SMALL + GAP / 2


def _shortened(label: str, room: float) -> str:
    """A figure at the end of a label stays whole: what it is of gives way."""
    name, _, figure = label.rpartition(": ")
    if name and figure[-1].isdigit() and text_width(label, SMALL) > room:
        for end in (f": {figure}", f": {figure.split()[-1]}"):
            left = room - text_width(end, SMALL)
            if left > room / 2:
                return shortened(name, SMALL, left) + end
    return shortened(label, SMALL, room)


def _fit(every: Sequence[Axes]) -> tuple[float, float]:
    """Break labels that are longer than their axes, and thin out ticks. Each changes the room that the others have."""
    sides = [(ax, axis, axis.get_label_text()) for ax in every for axis in (ax.xaxis, ax.yaxis)]
    room = inches(every[0])
    for _ in range(3):
        changed = False
        for ax, axis, text in sides:
            size = float(axis.label.get_fontsize())
            fitted = "\n".join(wrapped(text, size, _length(ax, axis), most=LABEL_LINES))
            changed |= fitted != axis.get_label_text()
            axis.set_label_text(fitted)
        if not changed:
            break
        room = inches(every[0])
    for _, axis, _ in sides:
        _thin_out(axis)
    return room


def _length(ax: Axes, axis: Axis) -> float:
    """How long a label beside the axes may be: as they are; below them also as far to both sides as there is room."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    box = ax.get_window_extent()
    if axis.axis_name == "y":  # type: ignore[attr-defined]
        return box.height / figure.dpi
    place = ax.get_subplotspec()
    alone = place is not None and place.get_gridspec().ncols == 1
    beyond = min(box.x0, figure.bbox.x1 - box.x1) / figure.dpi - MARGIN if alone else 0.0
    return box.width / figure.dpi + 2 * max(beyond, 0.0)


def _thin_out(axis: Axis) -> None:
    """Fewer ticks, as long as their labels run into each other: first none between the major ones; of fixed ones every
    second; of others at last the outer two, without which there is no scale."""
    if _collide(axis, _ticks(axis)[1] + _ticks(axis, minor=True)[1]):
        axis.set_minor_formatter(NullFormatter())
    locator = axis.get_major_locator()
    outer = _ticks(axis)[0]
    for bins in range(6, 0, -1):
        places, labels = _ticks(axis)
        if len(places) >= min(len(outer), 2) and not _collide(axis, labels):
            return
        if isinstance(locator, FixedLocator):
            label_ticks(axis, places[::2], [label.get_text() for label in labels[::2]])
        elif isinstance(locator, MaxNLocator):
            locator.set_params(nbins=max(min(bins, len(places)), 1))
    if isinstance(locator, MaxNLocator):
        for few in ([outer[0], outer[-1]], outer[:1]) if outer else ():
            axis.set_ticks(few)
            if not _collide(axis, _ticks(axis)[1]):
                return


def _ticks(axis: Axis, minor: bool = False) -> tuple[list[float], list[Text]]:
    """The major or the minor ticks that are in view, and their labels."""
    low, high = sorted(axis.get_view_interval())
    places, labels = axis.get_ticklocs(minor=minor), axis.get_ticklabels(minor=minor)
    every = zip(places, labels, strict=False)  # no labels, where those are hidden
    found = [(float(place), label) for place, label in every if low <= place <= high]
    return [place for place, _ in found], [label for _, label in found]


def _collide(axis: Axis, labels: Sequence[Text]) -> bool:
    along = 0 if axis.axis_name == "x" else 1  # type: ignore[attr-defined]
    figure = axis.get_figure(root=True)
    assert figure is not None
    apart = 0.0 if along else SMALL / 4 / 72 * figure.dpi
    boxes = [label.get_window_extent().get_points()[:, along] for label in labels if label.get_text()]
    boxes.sort(key=lambda box: float(box[0]))
    return any(one[1] + apart > two[0] for one, two in pairwise(boxes))
