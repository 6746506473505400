"""The importance of columns or inputs, by one method or several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Unpack

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from glassnet.errors import InputError
from glassnet.inside.checks import whole_number
from glassnet.inside.importances import importances as importances_of
from glassnet.pictures.panel import Panel, Style
from glassnet.trained import TrainedModel

PITCH = 0.27  # inches from bar to bar
FEW, CLOSEST = 8, 0.2  # so many bars are drawn, even if they have to be that close
THICK = 7.0  # points
Methods = Mapping[str, npt.ArrayLike]


def importances(
    values: npt.ArrayLike | Methods,
    names: Sequence[str],
    *,
    errors: npt.ArrayLike | Methods | None = None,
    spread: str = "the stated error",
    max_display: int | None = None,
    label: str = "importance",
    **style: Unpack[Style],
) -> Axes:
    """A bar for each input, the most important on top; several methods side by side.

    Several methods are drawn as shares of their own largest value, so that their disagreement can be seen.

    Args:
        values: (I,), or a mapping from the name of each method to (I,).
        names: (I,), of the inputs.
        errors: half the lengths of the error bars, in the same form.
        spread: what the errors are, in words.
        max_display: draw at most this many inputs; a note says how many others there are, and their share.
        label: of the axis.
    """
    if max_display is not None:
        whole_number("max_display", max_display)
    methods = by_name(values, "", len(names))
    error_bars = by_name(errors, "", len(names)) if errors is not None else {}
    if several := len(methods) > 1:
        scales = {method: float(np.abs(own).max()) or 1.0 for method, own in methods.items()}
        methods = {method: own / scales[method] for method, own in methods.items()}
        error_bars = {method: own / scales[method] for method, own in error_bars.items()}
    mean = np.mean([np.abs(own) for own in methods.values()], axis=0)
    order = np.argsort(-mean, kind="stable")
    pitch = PITCH * (0.7 * len(methods) if several else 1)
    height = 2 + pitch * min(max_display or 0, len(names))
    panel = Panel("Importances", (10, min(max(6.25, height), 60)), **style)
    axes, theme_ = panel.ax, panel.theme
    colors = {method: theme_.color(at) for at, method in enumerate(methods)}
    if several:
        for method, color in colors.items():
            panel.mark(Patch(color=color), method)
    elif any((own < 0).any() for own in methods.values()):
        panel.mark(Patch(color=theme_.positive), "positive")
        panel.mark(Patch(color=theme_.negative), "negative")
    axes.set_xlabel(f"{label}, as a share of the method's largest" if several else label)
    axes.axvline(0, color=theme_.muted, linewidth=1, zorder=1)
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    notes = [f"Error bars: ± {spread}."] if error_bars else []

    def draw_bars(panel: Panel) -> None:
        fitting = int(panel.height / pitch / panel.scale)
        crammed = min(int(panel.height / panel.scale / max(CLOSEST, 0.07 * len(methods))), FEW)
        shown = order[: max_display or max(fitting, crammed, 1)]
        thickness = 0.74 / len(methods)
        # Error bars have edges that are seen on any bar, but would hide a thin one.
        edged = thickness * panel.height / len(shown) * 72 > THICK
        for place, (method, own) in enumerate(methods.items()):
            y = np.arange(len(shown)) + (place - (len(methods) - 1) / 2) * thickness
            signs = np.where(own[shown] < 0, theme_.negative, theme_.positive)
            axes.barh(y, own[shown], thickness * 0.94, color=colors[method] if several else signs, zorder=2)
            if method not in error_bars:
                continue
            for color, width in ((theme_.background, 2.4), (theme_.ink, 1.4))[0 if edged else 1 :]:
                axes.errorbar(
                    own[shown],
                    y,
                    xerr=error_bars[method][shown],
                    fmt="none",
                    ecolor=color,
                    elinewidth=width,
                    capsize=3 * panel.scale,
                    capthick=width,
                    zorder=3,
                )
        panel.categories[axes.yaxis] = [names[at] for at in shown]
        axes.set_ylim(len(shown) - 0.4, -0.6)
        panel.note(*_not_drawn(mean, order[len(shown) :]), *notes)

    return panel.finish(draw_bars)


def model_importances(
    model: TrainedModel,
    table: Any = None,
    *,
    method: str | Sequence[str] | None = None,
    ensemble: Iterable[TrainedModel] = (),
    max_display: int | None = None,
    **style: Unpack[Style],
) -> Axes:
    """:meth:`glassnet.Model.importances` as bars, several methods side by side.

    Args:
        model: the model.
        table: rows with the target, for the methods that need rows.
        method: one of the methods, several, or ``"all"``; as for :meth:`glassnet.Model.importances`.
        ensemble: other models of the same columns, such as those of other seeds; the bars are means and the error
            bars standard deviations over all models.
        max_display: how many columns are drawn at most; by default as many as there is space for.
    """
    style.setdefault("title", "Importances of the columns")
    found = importances_of([model, *ensemble], table, method)
    values = {_spelled(name): own for name, own in found.values.items()}
    return importances(
        values,
        found.names,
        errors={_spelled(name): own for name, own in found.errors.items()} or None,
        spread=found.spread,
        max_display=max_display,
        label=next(iter(values)) if len(values) == 1 else "importance",
        **style,
    )


def by_name(values: npt.ArrayLike | Methods, name: str, count: int) -> dict[str, npt.NDArray[np.float64]]:
    """A mapping to arrays (``count``,); a single array gets the ``name``."""
    given = values if isinstance(values, Mapping) else {name: values}
    found = {each: np.asarray(own, np.float64).reshape(-1) for each, own in given.items()}
    for each, own in found.items():
        if len(own) != count:
            raise InputError(f"{each or 'values'} has {len(own)} numbers, but {count} are needed.")
    return found


def _not_drawn(mean: npt.NDArray[np.float64], rest: npt.NDArray[np.intp]) -> list[str]:
    if not len(rest):
        return []
    share = float(mean[rest].sum() / (mean.sum() or 1.0))
    others = "other has" if len(rest) == 1 else f"other {len(rest):,} have"
    return [f"{len(mean) - len(rest):,} of {len(mean):,}; the {others} {share:.0%} of the total."]


def _spelled(method: str) -> str:
    return {"gradient_input": "gradient × input", "permutation": method}.get(method, method.capitalize())
