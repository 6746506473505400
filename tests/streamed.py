"""Trainings on rows that do not fit into memory, with tables of a few thousand rows."""

import warnings
from typing import Any

import pytest

import glassnet
from glassnet.errors import AssumptionWarning
from glassnet.model import Model
from glassnet.streaming import budget, survey
from glassnet.tables.read import block_sources as reading

SETTINGS: dict[str, Any] = {"recipe": "single", "hidden": 8, "epochs": 4, "seed": 1}
ROWS = 6000


def lower_thresholds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a table of some thousand rows be one that does not fit."""
    monkeypatch.setattr(budget, "LEAST", 1)
    monkeypatch.setattr(budget, "PACKED", 1e9)
    monkeypatch.setattr(survey, "MOST", 1000)
    monkeypatch.setattr(survey, "WORDS", 200)
    monkeypatch.setattr(survey, "LABELS", 300)
    monkeypatch.setattr(reading, "ROWS", 900)


def streamed(source: Any, target: Any = "grade", memory: Any = 200_000, **settings: Any) -> Model:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AssumptionWarning)
        model = glassnet.train(source, target, memory=memory, **{**SETTINGS, **settings})
    assert model.training_rows is not None
    assert not len(model.training_rows.numbers)  # which only trainings in memory have
    return model
