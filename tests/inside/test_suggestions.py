"""What is suggested follows from the curves, and can be given to ``train`` beside the model's own settings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import glassnet
from glassnet.errors import called_changes
from glassnet.tables import penguins_path

EPOCHS = 60
FALLING = np.linspace(1.0, 0.2, EPOCHS)
FLAT = np.concatenate([np.linspace(1.0, 0.6, 10), np.full(EPOCHS - 10, 0.6)])
FLAT_AND_LOW = np.concatenate([np.linspace(1.0, 0.01, 10), np.full(EPOCHS - 10, 0.01)])
RISING = np.concatenate([np.linspace(1.0, 0.5, 20), np.linspace(0.5, 0.9, EPOCHS - 20)])
FRAME = pd.read_csv(penguins_path())


def model_with(loss: Any, validation_loss: Any, ended_by: str = "epochs", **settings: Any) -> glassnet.Model:
    model = glassnet.train(FRAME, "species", epochs=1, seed=1, **settings, recipe="single")
    history = replace(
        model.history,
        loss=loss,
        validation_loss=validation_loss,
        best_epoch=int(np.argmin(validation_loss)) + 1,
        ended_by=ended_by,
        stop_reason="words",
    )
    # as if more epochs than one had been allowed
    settings_used = replace(model.settings, epochs=EPOCHS, max_time=5.0)
    return replace(model, members=(replace(model.members[0], history=history),), settings=settings_used)


@pytest.mark.parametrize(
    ("loss", "validation", "ended_by", "change"),
    [
        (FALLING, FALLING, "epochs", {"epochs": 3 * EPOCHS}),
        (FALLING, FALLING, "max_time", {"max_time": 15.0}),
        (FALLING, FALLING, "stop", {}),
        (FALLING, FALLING, "divergence", {"learning_rate": 0.0003}),
        (FALLING, RISING, "patience", {"dropout": 0.2}),
        (FALLING, RISING, "epochs", {"dropout": 0.2}),
        (FLAT, FLAT, "patience", {"hidden": (256, 128)}),
        (FLAT_AND_LOW, FLAT_AND_LOW, "patience", {}),
        (np.full(EPOCHS, 1.05), np.full(EPOCHS, 1.05), "patience", {}),
    ],
    ids=[
        "epochs",
        "time",
        "stopped",
        "diverged",
        "overfits",
        "overfits to the end",
        "flat",
        "low",
        "baseline",
    ],
)
def test_the_curves_decide(loss: Any, validation: Any, ended_by: str, change: dict[str, Any]) -> None:
    suggestion = model_with(loss, validation, ended_by).suggest()
    assert suggestion.change == change
    assert called_changes(change) in suggestion.advice
    assert suggestion.reason.endswith(".")
    if loss is validation is FALLING:
        assert "words" in suggestion.reason  # what ended it


def test_overfitting_is_not_answered_by_what_is_used_already() -> None:
    assert model_with(FALLING, RISING, dropout=0.1).suggest().change == {"l2": 0.001}
    assert model_with(FALLING, RISING, hidden=(4,)).suggest().change == {"l2": 0.001}
    assert model_with(FALLING, RISING, hidden=(4,), l2=0.1).suggest().change == {"hidden": (2,)}
    assert model_with(FALLING, RISING, hidden=(), l2=0.1).suggest().change == {"l2": 1.0}


def test_the_change_keeps_the_types_of_other_columns() -> None:
    table = FRAME.assign(price=FRAME["species"].str[:2])
    model = glassnet.train(
        table, "species", epochs=1, seed=1, column_types={"year": "category"}, recipe="single"
    )
    [leak] = [finding for finding in model.doctor() if finding.name == "target_leakage"]
    assert leak.change == {"column_types": {"year": "category", "price": "ignore"}}
