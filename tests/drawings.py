"""Pictures that several tests draw: of plain data, and of models by their names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes

import glassnet
from glassnet import pictures
from glassnet.errors import InputError
from glassnet.pictures import CATALOG

RNG = np.random.default_rng(0)
X = np.linspace(0, 1, 30)
LONG = [f"a long name of a column or class, number {at}" for at in range(800)]

PLAIN: dict[str, Callable[..., Axes]] = {
    "importances of 3": lambda **to: pictures.importances([0.5, -0.2, 0.1], ["a", "b", "$c"], **to),
    "importances of 800": lambda **to: pictures.importances(
        RNG.gamma(0.3, 1, 800), LONG, errors=np.full(800, 0.1), **to
    ),
    "kinds of importances": lambda **to: pictures.importances(
        {"permutation": [1, 2, 3], "Garson": [3, 2, 1]}, ["a", "b", "c"], errors={"Garson": [1, 1, 1]}, **to
    ),
    "trials": lambda **to: pictures.trials(
        [
            {"number": at, "score": 1 / (at + 1) or None, "state": "pruned" if at % 3 == 2 else "complete",
             "settings": {"rate": 0.001 * 2**at, "hidden": [at % 2 + 1, 8]}}
            for at in range(12)
        ],
        **to,
    ),
    "profile": lambda **to: pictures.profile(
        X, X**2, individual=X + RNG.normal(size=(40, 1)), band=(X - 1, X + 1), rug=RNG.random(50), name="age", **to
    ),
    "profile of words": lambda **to: pictures.profile(
        [f"level number {at}" for at in range(30)], {"a": X, "_b": 1 - X}, name="color", **to
    ),
    "profile of dates": lambda **to: pictures.profile(
        np.datetime64("2024-01-01") + 20 * np.arange(30), X, name="day", **to
    ),
    "one epoch": lambda **to: pictures.curves({"training": [0.5]}, **to),
    "curves over a wide range": lambda **to: pictures.curves({"training": np.geomspace(0.4, 0.01, 50)}, **to),
    "curves with gaps": lambda **to: pictures.curves({"training": [1, np.nan, 1e-9, np.inf]}, **to),
    "every activation": lambda **to: pictures.activations(["relu", "gelu", "sigmoid"], **to),
    "neuron": lambda **to: pictures.neuron([1.0, -2.0, 0.0], 0.5, inputs=[1, 2, 3], **to),
    "neuron of one input": lambda **to: pictures.neuron([1.0], **to),
    "neuron of 800": lambda **to: pictures.neuron(
        RNG.normal(size=800), -12.345, "tanh", names=LONG, **to
    ),
    "first layer of 800": lambda **to: pictures.first_layer(RNG.normal(size=(800, 256)), **to),
    "first layer of one": lambda **to: pictures.first_layer([[0.0]], **to),
    "first layer as images": lambda **to: pictures.first_layer(RNG.normal(size=(64, 100)), image=True, **to),
    "first layer as tall images": lambda **to: pictures.first_layer(
        RNG.normal(size=(60, 7)), image=(20, 3), **to
    ),
    "first layer in color": lambda **to: pictures.first_layer(
        RNG.normal(size=(75, 70)), image=(5, 5, 3), **to
    ),
    "confusion of 2": lambda **to: pictures.confusion(["no", "yes", "no"], ["no", "no", "no"], **to),
    "confusion of 800": lambda **to: pictures.confusion(
        RNG.choice(LONG, 3000), RNG.choice(LONG, 3000), **to
    ),
    "roc of 60": lambda **to: pictures.roc(
        RNG.integers(0, 60, 900), RNG.dirichlet(np.ones(60), 900), classes=range(60), **to
    ),
    "precision-recall of 60": lambda **to: pictures.precision_recall(
        RNG.integers(0, 60, 900), RNG.dirichlet(np.ones(60), 900), classes=range(60), **to
    ),
    "roc of constant chances": lambda **to: pictures.roc([0, 1, 1], [0.5, 0.5, 0.5], **to),
    "reliability of certain chances": lambda **to: pictures.reliability([0, 1, 1], [0.0, 1.0, 1.0], **to),
    "constant predictions": lambda **to: pictures.predicted_vs_actual([1.0, 2.0, 3.0], [2.0, 2.0, 2.0], **to),
    "residuals of one row": lambda **to: pictures.residuals([1.0], [1.0], **to),
    "residuals of many rows": lambda **to: pictures.residuals(RNG.normal(size=30_000), RNG.normal(size=30_000), **to),
}  # fmt: skip


def of_a_model(name: str, model: glassnet.Model, table: Any, **to: Any) -> Axes | None:
    """The picture of this name, or ``None`` where the model is of a kind that it is not for."""
    classes = {"confusion", "reliability", "roc", "precision-recall"}
    others = {"predictions", "residuals"}
    rows = None if CATALOG[name].table == "no" else table
    if name == "importances" and model.network.inputs > 100:
        rows = None  # permutation shuffles each of the columns
    if name in (others if model.target.classes else classes):
        with pytest.raises(InputError, match="is for"):
            model.draw(name, rows, **to)
        return None
    return model.draw(name, rows, **to)
