"""The trials of a search: their scores in their order, or over the values of one setting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any, Unpack

import numpy as np
from matplotlib.axes import Axes

from glassnet.errors import InputError, plural, unknown
from glassnet.pictures.panel import Panel, Style
from glassnet.pictures.text_fit import number
from glassnet.pictures.ticks import NumberLocator

STATES = ("complete", "pruned", "stopped")  # that can have a score
WIDE_RANGE = 15.0  # numbers that span more than this factor are drawn on a logarithmic axis
INNER = 0.9  # of the scores decide the range of the axis; worse ones are drawn at its edge


def trials(
    records: Sequence[Mapping[str, Any]],
    *,
    metric: str = "score",
    greater: bool = False,
    setting: str | None = None,
    **style: Unpack[Style],
) -> Axes:
    """The score of every trial of a search, and the best so far.

    Args:
        records: of each trial ``number``, ``score``, ``state`` (complete, pruned, stopped, failed) and ``settings``, as
            :meth:`glassnet.searching.SearchResult.to_dict` gives them.
        metric: the name of the score.
        greater: whether a greater score is better.
        setting: draw the scores over the values of this setting, without the best so far.
    """
    known = sorted({name for own in records for name in own["settings"]})
    if setting is not None and setting not in known:
        raise InputError(unknown("setting", setting, known))
    shown = [own for own in records if own["score"] is not None and own["state"] in STATES]
    if setting is not None:
        shown = [own for own in shown if setting in own["settings"]]
    if not shown:
        raise InputError("there is no trial to draw: none has a score.")
    panel = Panel("Trials", **style)
    scores = np.array([own["score"] for own in shown], np.float64)
    places = _numbers(panel, shown) if setting is None else _values(panel, setting, shown)
    states = np.array([own["state"] for own in shown])
    worst = np.quantile(scores, 1 - INNER if greater else INNER)
    drawn = np.maximum(scores, worst) if greater else np.minimum(scores, worst)
    colors = (panel.theme.color(0), panel.theme.muted, panel.theme.color(1))
    for state, color in zip(STATES, colors, strict=True):
        at = states == state
        if at.any():
            points = panel.ax.scatter(places[at], drawn[at], s=28 * panel.scale, color=color, zorder=3)
            panel.mark(points, state)
    complete = states == "complete"
    if setting is None and complete.any():
        accumulate = np.maximum.accumulate if greater else np.minimum.accumulate
        best = accumulate(drawn[complete])
        (line,) = panel.ax.step(places[complete], best, where="post", color=panel.theme.ink, linewidth=1.5)
        panel.mark(line, "best so far:", f" {number(best[-1])}")
    cut = int((drawn != scores).sum())
    notes = [f"{metric}: {'greater' if greater else 'smaller'} is better."]
    if cut:
        notes.append(f"{plural(cut, 'worse trial is', 'worse trials are')} drawn at the edge.")
    panel.note(*notes)
    panel.ax.set_ylabel(metric)
    return panel.finish()


def _numbers(panel: Panel, shown: Sequence[Mapping[str, Any]]) -> Any:
    panel.ax.set_xlabel("trial")
    panel.ax.xaxis.set_major_locator(NumberLocator(integer=True))
    return np.array([own["number"] for own in shown], np.float64)


def _values(panel: Panel, setting: str, shown: Sequence[Mapping[str, Any]]) -> Any:
    """The places of the values along the axis: numbers, or one place for each other value."""
    values = [own["settings"][setting] for own in shown]
    panel.ax.set_xlabel(setting.replace("_", " "))
    if all(isinstance(value, Real) and not isinstance(value, bool) for value in values):
        places = np.array(values, np.float64)
        if places.min() > 0 and places.max() / places.min() > WIDE_RANGE:
            panel.ax.set_xscale("log")
        return places
    texts = [",".join(map(str, value)) if isinstance(value, list) else str(value) for value in values]
    names = list(dict.fromkeys(texts))
    panel.categories[panel.ax.xaxis] = names
    return np.array([names.index(text) for text in texts], np.float64)
