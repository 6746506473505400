"""Why the model says what it says: importances, and profiles of single columns. Plain arrays in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from glassnet.errors import InputError
from glassnet.inside.checks import whole_number
from glassnet.pictures.axes_style import MANY_MARKS, canvas, finish, inches, label_ticks, name_ticks
from glassnet.pictures.text_fit import shortened, text_width
from glassnet.pictures.theme import SMALL, Theme
from glassnet.pictures.titles import heading

BAR = 0.27  # inches from bar to bar
FEW, CLOSEST = 8, 0.2  # so many are drawn, even if they have to be that close
THICK = 7.0  # points
Numbers = npt.NDArray[np.float64]
Kinds = Mapping[str, npt.ArrayLike]


def importances(
    values: npt.ArrayLike | Kinds,
    names: Sequence[str],
    *,
    errors: npt.ArrayLike | Kinds | None = None,
    spread: str = "the stated error",
    most: int | None = None,
    what: str = "importance",
    title: str = "Which inputs matter",
    ax: Axes | None = None,
    theme: str | Theme | None = None,
) -> Axes:
    """A bar for each input, the most important on top; several kinds of importance side by side.

    Kinds are drawn as shares of their own largest, so that where they disagree can be seen.

    Args:
        values: (I,), or a mapping from the name of each kind of importance to (I,).
        names: (I,), of the inputs.
        errors: half the length of the error bars, in the same form.
        spread: what the errors are, in words.
        most: draw at most so many inputs; of the others it is said how many there are, and how large.
    """
    if most is not None:
        whole_number("most", most)
    kinds = _kinds(values, "", len(names))
    spreads = _kinds(errors, "", len(names)) if errors is not None else {}
    if several := len(kinds) > 1:
        scales = {kind: float(np.abs(own).max()) or 1.0 for kind, own in kinds.items()}
        kinds = {kind: own / scales[kind] for kind, own in kinds.items()}
        spreads = {kind: own / scales[kind] for kind, own in spreads.items()}
    mean = np.mean([np.abs(own) for own in kinds.values()], axis=0)
    space = BAR * (1 if not several else 0.7 * len(kinds))
    axes, chosen = canvas(ax, theme, (10, min(max(6.25, 2 + space * min(most or 0, len(names))), 60)))
    hues = {kind: chosen.series[place % len(chosen.series)] for place, kind in enumerate(kinds)}
    key: list[tuple[Artist, str]] = [(Patch(color=hue), kind) for kind, hue in hues.items()]
    if not several:
        signs = (next(iter(kinds.values())) < 0).any()
        key = [(Patch(color=chosen.positive), "positive"), (Patch(color=chosen.negative), "negative")]
        key = key if signs else []
    axes.set_xlabel(f"{what}, as a share of the largest of its kind" if several else what)
    whiskers = f"Whiskers: ± {spread}." if spreads else ""
    width, height = heading(axes, chosen, title, _shown(len(names), len(names), 1.0), whiskers, key=key)
    most = most or max(int(height / space), min(int(height / max(CLOSEST, 0.07 * len(kinds))), FEW), 1)
    order = np.argsort(-mean, kind="stable")
    shown, rest = order[:most], order[most:]
    thick = 0.74 / len(kinds)
    # Whiskers are seen on any bar by their edges, which would hide a thin one.
    edges = [(chosen.background, 2.4)] if thick * height / len(shown) * 72 > THICK else []
    for place, (kind, own) in enumerate(kinds.items()):
        y = np.arange(len(shown)) + (place - (len(kinds) - 1) / 2) * thick
        colors = np.where(own[shown] < 0, chosen.negative, chosen.positive) if not several else hues[kind]
        axes.barh(y, own[shown], thick * 0.94, color=colors, zorder=2)
        if kind in spreads:
            for color, points in (*edges, (chosen.ink, 1.4)):
                axes.errorbar(
                    own[shown],
                    y,
                    xerr=spreads[kind][shown],
                    fmt="none",
                    ecolor=color,
                    elinewidth=points,
                    capsize=3,
                    capthick=points,
                    zorder=3,
                )
    name_ticks(axes.yaxis, [shortened(names[at], SMALL, min(2.4, 0.4 * width)) for at in shown])
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.axvline(0, color=chosen.muted, linewidth=1, zorder=1)
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    share = float(mean[rest].sum() / (mean.sum() or 1.0))
    facts = _shown(len(shown), len(names), share) if len(rest) else ""
    heading(axes, chosen, title, facts, whiskers, key=key)
    return finish(axes)


def _shown(some: int, of: int, rest: float) -> str:
    others = "other has" if of - some == 1 else f"other {of - some:,} have"
    return f"{some:,} of {of:,}; the {others} {rest:.0%} of the total."


def profile(
    x: npt.ArrayLike | Sequence[str],
    curves: npt.ArrayLike | Kinds,
    *,
    name: str = "x",
    target: str = "prediction",
    each: npt.ArrayLike | None = None,
    band: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    rows: npt.ArrayLike | None = None,
    ordered: bool = False,
    note: str = "",
    title: str | None = None,
    ax: Axes | None = None,
    theme: str | Theme | None = None,
) -> Axes:
    """How the prediction follows one column: a partial dependence, a profile, or several.

    Args:
        x: (K,) values of the column; words, for a category, are drawn as dots; moments have their dates.
        curves: (K,) predictions, or a mapping from names (classes, quantiles of the others) to (K,).
        each: (N, K), single rows' own curves (individual conditional expectation), drawn thin.
        band: lower and upper ends (K,) of a region around the first curve.
        ordered: the curves have an order, as quantiles have: their colors then go from pale to strong.
        rows: (N,) values of the column among the rows, drawn as ticks at the foot.
        note: what else is to be said, below the title.
    """
    places, ticks = _places(np.asarray(x))
    words = np.asarray(x).dtype.kind not in "fiubM"
    named = _kinds(curves, target, len(places))
    axes, chosen = canvas(ax, theme)
    key: list[tuple[Artist, str]] = []
    style = {"marker": "o", "markersize": 8, "linestyle": (0, (1, 2))} if words else {}
    if each is not None:
        single = np.atleast_2d(np.asarray(each, np.float64))
        faint = float(np.clip(3 / np.sqrt(len(single)), 0.06, 0.5))
        thin = axes.plot(places, single.T, color=chosen.muted, linewidth=0.9, alpha=faint, zorder=1)
        for line in thin:
            line.set_rasterized(single.size > MANY_MARKS)
        key.append((_solid(chosen.muted), f"{len(single):,} single rows"))
    shades = [chosen.series[place % len(chosen.series)] for place in range(len(named))]
    if ordered:
        shades = [to_hex(chosen.sequential(share)) for share in np.linspace(0.4, 1, len(named))]
    for place, ((kind, own), color) in enumerate(zip(named.items(), shades, strict=True)):
        line = axes.plot(places, own, color=color, linewidth=2.6, zorder=3, **style)[0]  # type: ignore[arg-type]
        if len(named) > 1 or each is not None or band is not None:
            key.append((line, kind))
        if band is not None and not place:
            low, high = (np.asarray(end, np.float64) for end in band)
            key.append((axes.fill_between(places, low, high, color=color, alpha=0.2, zorder=2), "its range"))
    if rows is not None and not words:
        at = np.asarray(rows, np.float64)
        (foot,) = axes.plot(
            at,
            np.full(len(at), 0.012),
            transform=axes.get_xaxis_transform(),
            color=chosen.muted,
            marker="|",
            markersize=9,
            alpha=0.5,
            linestyle="none",
            rasterized=len(at) > MANY_MARKS,
        )
        key.append((foot, "where the rows lie"))
    if words and ticks is not None:
        _words(axes, ticks[1])
    elif ticks is not None:
        label_ticks(axes.xaxis, *ticks)
    axes.set_xlabel(name)
    axes.set_ylabel(target)
    heading(axes, chosen, title or f"How the {target} follows {name}", note, key=key[:12])
    return finish(axes)


def _kinds(values: npt.ArrayLike | Kinds, name: str, count: int) -> dict[str, Numbers]:
    given = values if isinstance(values, Mapping) else {name: values}
    found = {kind: np.asarray(own, np.float64).reshape(-1) for kind, own in given.items()}
    for kind, own in found.items():
        if len(own) != count:
            raise InputError(f"{kind or 'values'} has {len(own)} numbers, but {count} are needed.")
    return found


def _places(x: npt.NDArray[Any]) -> tuple[Numbers, tuple[list[float], list[str]] | None]:
    """Where the values lie along the axis, and its ticks where numbers would say nothing."""
    if x.dtype.kind in "fiub":
        return x.astype(np.float64), None
    if x.dtype.kind == "M":
        places = x.astype("datetime64[s]").astype(np.float64)
        shown = np.linspace(0, len(x) - 1, min(len(x), 5)).round().astype(int)
        moments = x.astype("datetime64[D]" if np.ptp(places) > 4 * 86_400 else "datetime64[m]")
        return places, (
            places[shown].tolist(),
            [str(moments[at]) for at in shown],
        )
    return np.arange(len(x), dtype=np.float64), (list(range(len(x))), [str(word) for word in x.tolist()])


def _words(ax: Axes, words: list[str]) -> None:
    """Words along the x axis: upright where they are too wide for their places."""
    width, height = inches(ax)
    room, longest = width / len(words), min(1.8, 0.2 * height)
    upright = max(text_width(word, SMALL) for word in words) > room - 0.1
    step = max(1, int(np.ceil(0.19 / room)))
    shown = range(0, len(words), step)
    label_ticks(
        ax.xaxis, shown, [shortened(words[at], SMALL, longest) for at in shown], rotation=90 if upright else 0
    )
    ax.set_xlim(-0.5, len(words) - 0.5)


def _solid(color: str) -> Artist:
    return Line2D([], [], color=color, linewidth=1.2)
