"""Mutations of model files: whether a changed file is refused, raises an error when it is used, or works."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import glassnet
from glassnet.cli.show import _model as shown
from glassnet.errors import GlassnetError, ModelFileError
from glassnet.estimators import TableClassifier
from glassnet.targets.group import TargetGroup
from glassnet.text import to_text
from glassnet.training.encoded_rows import EncodedTable
from model_mutations import Tensors, taken_apart

Source = tuple[dict[str, Any], tuple[dict[str, Any], Tensors]]

ROWS = 60
NUMBER = np.random.default_rng(0).normal(size=ROWS)
TABLE: dict[str, Any] = {
    "number": [None if at % 20 == 7 else float(value) for at, value in enumerate(NUMBER)],
    "mass": [f"{20 + at % 7} kg" for at in range(ROWS)],
    "color": [("red", "green", "blue")[at % 3] for at in range(ROWS)],
    "glad": [("yes", "no")[at % 2] for at in range(ROWS)],
    "day": [f"{1 + at % 28:02}/{1 + at % 12:02}/20{10 + at % 9}" for at in range(ROWS)],
    "at": [f"{at % 24:02}:{at % 60:02}:00" for at in range(ROWS)],
    "same": ["x"] * ROWS,
    "kind": [("a", "b", "c")[int(value > 0) + int(value > 1)] for value in NUMBER],
    "big": [bool(value > 0) for value in NUMBER],
    "size": (3 * NUMBER + 1).tolist(),
    "age": (NUMBER**2).tolist(),
}


def table(*targets: str) -> dict[str, Any]:
    return {
        name: own
        for name, own in TABLE.items()
        if name in targets or name not in ("kind", "big", "size", "age")
    }


def sources(folder: Path) -> list[Source]:
    """Tables, and what a model file of each holds; the files are written to ``folder``."""
    found: list[Source] = []
    given: dict[str, Any] = {"epochs": 4, "hidden": (5, 4), "seed": 1, "holdout": 0.2, "threads": 1}
    different: dict[tuple[str, ...], dict[str, Any]] = {
        ("kind",): {"snapshots": 3, "dropout": 0.1},
        ("big",): {"metric": "auc", "class_weight": "balanced", "hidden": ()},
        ("size",): {
            "loss": "huber(delta=2)",
            "dtype": "float64",
            "scaling": "none",
            "bins": 5,
            "clamp": True,
            "validation": 0.0,
        },
        ("size", "age"): {"optimizer": "adamw", "schedule": "warm_up(share=0.1, then=cosine)"},
        ("kind", "big"): {},
    }
    for number, (targets, own) in enumerate(different.items()):
        data = table(*targets)
        model = glassnet.train(
            data, list(targets) if len(targets) > 1 else targets[0], **given | own, recipe="single"
        )
        model.save(folder / f"{number}")
        found.append((data, taken_apart(folder / f"{number}")))
    data = table("kind")
    columns = pd.DataFrame({name: own for name, own in data.items() if name != "kind"})
    several = TableClassifier(members=2, epochs=2, hidden=(3,), random_state=1).fit(columns, data["kind"])
    several.model_.save(folder / "several")
    return [*found, (data, taken_apart(folder / "several"))]


def use(model: glassnet.Model, data: dict[str, Any]) -> None:
    """Whatever is done with a model; every prediction is a number or a label."""
    few = predict(model, data)
    to_text(shown(model))
    for number in range(len(model.members)):
        member = model.member(number)
        repr(member)
        member.summary().to_text()
        member.doctor().to_text()
        member.doctor(few).to_text()
        member.explain({name: own[:1] for name, own in data.items()}).to_text()


def predict(model: glassnet.Model, data: dict[str, Any]) -> EncodedTable:
    """Predict a few rows, and return them."""
    few = model.encode({name: own[:6] for name, own in data.items()})
    predicted = model.predict(few)
    if isinstance(model.target, TargetGroup):
        for encoding, own in zip(model.target.each, predicted.T, strict=True):
            assert set(own.tolist()) <= set(encoding.classes or ())
    elif model.target.classes is None:
        assert np.isfinite(predicted).all()
    else:
        assert set(predicted.tolist()) <= set(model.target.classes)
        np.testing.assert_allclose(model.predict_proba(few).sum(axis=1), 1, rtol=1e-5)
    return few


def loaded(path: Path) -> glassnet.Model | None:
    """The model of a file; ``None`` if it is refused."""
    try:
        return glassnet.load(path)
    except ModelFileError:
        return None


Use = Callable[[glassnet.Model, dict[str, Any]], None]


def outcome(model: glassnet.Model | None, data: dict[str, Any], how: Use = use) -> str:
    """Use a model with ``data``: ``"refused"``, ``"told"`` or ``"works"``, or it raises an error."""
    if model is None:
        return "refused"
    try:
        how(model, data)
    except GlassnetError:
        return "told"
    return "works"


def memory_of_load(path: Path) -> int:
    """The most bytes that Python has allocated at a time while it loads a file."""
    tracemalloc.start()
    try:
        loaded(path)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
