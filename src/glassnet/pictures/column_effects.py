"""A model's importances and profiles, measured by :mod:`glassnet.inside` and drawn here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from glassnet.inside.importances import importances as importances_of
from glassnet.inside.profiles import profile as profile_of
from glassnet.pictures.column_axes import strongest_columns
from glassnet.pictures.importance_plots import importances, profile
from glassnet.pictures.prediction_data import place_of
from glassnet.pictures.theme import Theme
from glassnet.trained import TrainedModel

MOST_CLASSES = 7  # that a profile draws


def model_importances(
    model: TrainedModel,
    table: Any = None,
    *,
    method: str | Sequence[str] | None = None,
    ensemble: Iterable[TrainedModel] = (),
    most: int | None = None,
    title: str = "Which columns matter",
    ax: Axes | None = None,
    theme: str | Theme | None = None,
) -> Axes:
    """:meth:`glassnet.Model.importances`, drawn: several methods side by side, so that they can disagree.

    Args:
        table: rows with their target, for the methods that are measured on rows.
        method: one of the methods, several, or ``"all"``; as for :meth:`glassnet.Model.importances`.
        ensemble: other models of the same columns, say of other seeds; the bars are the means, the whiskers the
            spread over all.
    """
    found = importances_of([model, *ensemble], table, method)
    values = {_said(name): own for name, own in found.values.items()}
    errors = {_said(name): own for name, own in found.errors.items()}
    what = next(iter(values)) if len(values) == 1 else "importance"
    return importances(
        values,
        found.names,
        errors=errors or None,
        spread=found.spread,
        most=most,
        what=what,
        title=title,
        ax=ax,
        theme=theme,
    )


def model_profile(
    model: TrainedModel,
    table: Any = None,
    *,
    column: str | None = None,
    output: int | str | None = None,
    title: str | None = None,
    ax: Axes | None = None,
    theme: str | Theme | None = None,
) -> Axes:
    """:meth:`glassnet.Model.profile`, drawn: with rows, partial dependence and single rows' curves; else Lek's.

    Args:
        table: rows that keep their other columns while this one runs through its values.
        column: by default the one with the largest weights.
        output: one class or target, by place or name; by default every class, or the first target.
    """
    name = strongest_columns(model)[0] if column is None else column
    found = profile_of(model, name, table)
    outputs = found.outputs
    classes = model.target.classes is not None
    what = f"chance of {model.target.columns[0]}"
    note = _weekday(found.x)
    if output is None and classes and found.partial is not None and len(outputs) > 2:
        moved = np.ptp(found.partial, axis=0)
        shown = np.sort(np.argsort(-moved, kind="stable")[:MOST_CLASSES])
        curves = {outputs[at]: found.partial[:, at] for at in shown}
        if len(shown) < len(outputs):
            note = f"The {len(shown)} of {len(outputs):,} classes whose chance changes most. {note}".rstrip()
        return profile(
            found.x,
            curves,
            name=name,
            target=what,
            rows=_ticks(model, name, table),
            note=note,
            title=title,
            ax=ax,
            theme=theme,
        )
    at = place_of((len(outputs) - 1 if classes else 0) if output is None else output, outputs, "output")
    what = f"chance of {outputs[at]}" if classes else outputs[at]
    title = title or f"How {'the ' if classes else ''}{what} follows {name}"
    if found.partial is None:
        assert found.lek is not None
        lek = {
            f"others at {level:.0%}": own[:, at]
            for level, own in zip(found.quantiles, found.lek, strict=True)
        }
        return profile(
            found.x, lek, name=name, target=what, ordered=True, note=note, title=title, ax=ax, theme=theme
        )
    return profile(
        found.x,
        {"mean of the rows": found.partial[:, at]},
        name=name,
        target=what,
        each=None if found.individual is None else found.individual[:, :, at],
        rows=_ticks(model, name, table),
        note=note,
        title=title,
        ax=ax,
        theme=theme,
    )


def _weekday(x: npt.NDArray[Any]) -> str:
    """What is said of moments that are whole weeks apart."""
    if (
        x.dtype.kind != "M"
        or np.ptp(days := x.astype("datetime64[D]").astype(int)) < 7
        or (np.diff(days) % 7).any()
    ):
        return ""
    return f"All days are {x[0].item():%A}s."


def _said(kind: str) -> str:
    return {"gradient_input": "gradient × input", "permutation": kind}.get(kind, kind.capitalize())


def _ticks(model: TrainedModel, name: str, table: Any) -> Any:
    """The column's values among the rows, if they are numbers."""
    kind = next(column.type for column in model.schema.inputs if column.name == name)
    if kind != "number":
        return None
    values = model.encode(table).table.numbers(name)
    return values[values == values]
