"""How predictions depend on one column: partial dependence, single rows, and profiles."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.dates import date2num
from matplotlib.lines import Line2D

from glassnet.inside.profiles import Profile
from glassnet.inside.profiles import profile as profile_of
from glassnet.net.arrays import Array
from glassnet.pictures.column_axes import ranked_columns
from glassnet.pictures.importance_plots import Methods, by_name
from glassnet.pictures.panel import MANY_MARKS, Panel, Style
from glassnet.pictures.prediction_data import position
from glassnet.trained import TrainedModel
from glassnet.training.encoded_rows import EncodedTable

MOST_CLASSES = 7  # of a model that are drawn
MOST_CURVES = 12  # in the legend


def profile(
    x: npt.ArrayLike,
    curves: npt.ArrayLike | Methods,
    *,
    name: str = "x",
    target: str = "prediction",
    individual: npt.ArrayLike | None = None,
    band: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    rug: npt.ArrayLike | None = None,
    ordered: bool = False,
    note: str = "",
    **style: Unpack[Style],
) -> Axes:
    """How the prediction depends on one column: partial dependence, a profile, or several curves.

    Args:
        x: (K,) values of the column: numbers, dates (datetime64), or the levels of a category.
        curves: (K,) predictions, or a mapping from names (classes, quantiles of the other columns) to (K,).
        name, target: the labels of the axes.
        individual: (N, K), the curves of single rows (individual conditional expectation), drawn thin.
        band: lower and upper ends (K,) of a region around the first curve.
        rug: (N,) values of the column in the rows, drawn as ticks at the bottom.
        ordered: the curves have an order, as quantiles have: their colors go from pale to strong.
        note: a sentence below the title.
    """
    values = np.asarray(x)
    named = by_name(curves, target, len(values))
    is_a_name = not target.startswith(
        ("probability of ", "prediction")
    )  # which is not written in another way
    panel = Panel(f"{target if is_a_name else target[0].upper() + target[1:]} by {name}", **style)
    axes, theme_ = panel.ax, panel.theme
    look: dict[str, Any] = {}
    if values.dtype.kind in "fiub":
        places = values.astype(np.float64)
    elif values.dtype.kind == "M":
        places, panel.dates = date2num(values), [axes.xaxis]
    else:
        places = np.arange(len(values), dtype=np.float64)
        panel.categories[axes.xaxis] = [str(level) for level in values.tolist()]
        axes.set_xlim(-0.5, len(values) - 0.5)
        look = {"marker": "o", "markersize": 8, "linestyle": (0, (1, 2))}
    if individual is not None:
        single = np.atleast_2d(np.asarray(individual, np.float64))
        faint = float(np.clip(3 / np.sqrt(len(single)), 0.06, 0.5))
        axes.plot(
            places,
            single.T,
            color=theme_.muted,
            linewidth=0.9,
            alpha=faint,
            zorder=1,
            rasterized=single.size > MANY_MARKS,
        )
        panel.mark(Line2D([], [], color=theme_.muted, linewidth=1.2), f"{len(single):,} single rows")
    colors = [theme_.color(at) for at in range(len(named))]
    if ordered:
        colors = [to_hex(theme_.sequential(share)) for share in np.linspace(0.4, 1, len(named))]
    for at, ((each, own), color) in enumerate(zip(named.items(), colors, strict=True)):
        (line,) = axes.plot(places, own, color=color, linewidth=2.6, zorder=3, **look)
        if at < MOST_CURVES and (len(named) > 1 or individual is not None or band is not None):
            panel.mark(line, each)
        if band is not None and not at:
            panel.mark(axes.fill_between(places, *band, color=color, alpha=0.2, zorder=2), "its range")
    if not panel.categories:
        margin = 0.02 * float(np.ptp(places)) or 0.5
        axes.set_xlim(places.min() - margin, places.max() + margin)
    if rug is not None and not panel.categories:
        given = np.asarray(rug, np.float64)
        (ticks,) = axes.plot(
            given,
            np.full(len(given), 0.012),
            transform=axes.get_xaxis_transform(),
            color=theme_.muted,
            marker="|",
            markersize=9,
            alpha=0.5,
            linestyle="none",
            rasterized=len(given) > MANY_MARKS,
        )
        panel.mark(ticks, "values of the rows")
    axes.set(xlabel=name, ylabel=target)
    panel.note(note)
    return panel.finish()


def model_profile(
    model: TrainedModel,
    table: Any = None,
    *,
    column: str | None = None,
    output: int | str | None = None,
    **style: Unpack[Style],
) -> Axes:
    """:meth:`glassnet.Model.profile` as curves: with rows, partial dependence and single rows; else Lek's profile.

    Args:
        model: the model.
        table: rows that keep their other columns while this one takes all its values.
        column: by default the most important one.
        output: one class or target, by position or name; by default every class, or the first target.
    """
    rows = None if table is None else model.encode(table)
    name = ranked_columns(model, rows)[0] if column is None else column
    found = profile_of(model, name, rows)
    classes, outputs = model.target.classes is not None, found.outputs
    note, options = _weekday(found.x), {"rug": _rug(model, name, rows)}
    curves: dict[str, Array]
    if output is None and classes and found.partial is not None and len(outputs) > 2:
        changes = np.ptp(found.partial, axis=0)
        shown = np.sort(np.argsort(-changes, kind="stable")[:MOST_CLASSES])
        curves = {outputs[at]: found.partial[:, at] for at in shown}
        if len(shown) < len(outputs):
            note = f"The {len(shown)} of {len(outputs):,} classes whose probability changes most. {note}"
        target = f"probability of {model.target.columns[0]}"
    else:
        default = len(outputs) - 1 if classes else 0
        at = position(default if output is None else output, outputs, "output")
        target = f"probability of {outputs[at]}" if classes else outputs[at]
        curves, more = _curves(found, at)
        options |= more
    return profile(found.x, curves, name=name, target=target, note=note, **options, **style)


def _curves(found: Profile, at: int) -> tuple[dict[str, Array], dict[str, Any]]:
    """The curves of one output, and the options that show them."""
    if found.partial is None:
        assert found.lek is not None
        levels = zip(found.quantiles, found.lek, strict=True)
        return {f"others at {level:.0%}": own[:, at] for level, own in levels}, {"ordered": True}
    individual = None if found.individual is None else found.individual[:, :, at]
    return {"mean of the rows": found.partial[:, at]}, {"individual": individual}


def _weekday(x: npt.NDArray[Any]) -> str:
    """The note on dates that are whole weeks apart."""
    if x.dtype.kind != "M":
        return ""
    days = x.astype("datetime64[D]").astype(int)
    whole_weeks = np.ptp(days) >= 7 and not (np.diff(days) % 7).any()
    return f"All days are {x[0].item():%A}s." if whole_weeks else ""


def _rug(model: TrainedModel, name: str, rows: EncodedTable | None) -> Any:
    """The column's values in the rows, if they are numbers."""
    if rows is None or model.schema[name].type != "number":
        return None
    values = rows.table.numbers(name)
    return values[np.isfinite(values)]
