"""Label smoothing: training sees smoothed targets, every other loss the labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet.errors import SettingsError
from glassnet.net import BinaryLogLoss, CategoricalLogLoss, Loss

X = np.random.default_rng(0).normal(size=(120, 2))
LABELS = {
    "binary_log_loss": np.where(X[:, 0] > 0, "u", "v"),
    "categorical_log_loss": np.array(["a", "b", "c"])[np.digitize(X[:, 0], [-0.5, 0.5])],
}
EVERY = pytest.mark.parametrize("name", LABELS)


def trained(name: str, smoothing: float, **more: Any) -> glassnet.Model:
    given: dict[str, Any] = {"hidden": (8,), "epochs": 30, "seed": 1, "l2": 0.0, **more}
    return glassnet.train((X, LABELS[name]), loss=f"{name}(smoothing={smoothing})", **given, recipe="single")


@pytest.mark.parametrize(("loss", "classes"), [(BinaryLogLoss(0.2), 2), (CategoricalLogLoss(0.2), 4)])
def test_a_share_of_each_label_is_divided_among_the_classes(loss: Loss, classes: int) -> None:
    y = np.eye(4)[:3] if classes > 2 else np.array([[0.0], [1.0], [np.nan]])
    found = loss.training_targets(y)
    np.testing.assert_allclose(found, 0.8 * y + 0.2 / classes)
    assert loss.with_parameter(0).training_targets(y) is y


@EVERY
def test_without_smoothing_it_is_the_loss_itself(name: str) -> None:
    plain = glassnet.train((X, LABELS[name]), hidden=(8,), epochs=30, seed=1, l2=0.0, recipe="single")
    assert np.array_equal(trained(name, 0.0).learnt.vector, plain.learnt.vector)
    assert plain.settings.to_dict()["loss"] == name


@EVERY
@pytest.mark.parametrize("engine", ["reference", "native"])
def test_the_least_loss_is_at_the_smoothed_labels(name: str, engine: str) -> None:
    model = trained(name, 0.3, engine=engine, epochs=400, validation=0, hidden=(32,), patience=None)
    classes = 2 if name.startswith("binary") else 3
    shares = model.predict_proba(X).max(axis=1)
    assert np.median(shares) == pytest.approx(1 - 0.3 + 0.3 / classes, abs=0.04)


@EVERY
def test_engines_agree_and_report_the_loss_of_the_labels_elsewhere(name: str) -> None:
    models = [trained(name, 0.2, engine=engine, dtype="float64") for engine in ("reference", "native")]
    np.testing.assert_allclose(models[0].learnt.vector, models[1].learnt.vector, rtol=1e-6)
    model, history = models[0], models[0].history
    assert model.validation is not None
    best = history.validation_loss[history.best_epoch - 1]
    assert best == pytest.approx(model.validation.metrics["log_loss"], rel=1e-6)
    free = trained(name, 0.0, dtype="float64")
    assert history.loss[-1] > free.history.loss[-1]


def test_a_smoothing_out_of_its_bounds_is_refused() -> None:
    with pytest.raises(SettingsError, match="smoothing of binary_log_loss is 1"):
        trained("binary_log_loss", 1.0)
