"""The calibration of probabilities, before and after the temperature."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet.evaluation import log_loss
from glassnet.inside.calibration import Bins, calibrations
from glassnet.tables import penguins_path
from glassnet.targets.encoding import tempered

RNG = np.random.default_rng(0)
QUICK: dict[str, Any] = {"recipe": "single", "hidden": 8, "epochs": 30, "seed": 1}


def drawn(rows: int, classes: int) -> tuple[Any, Any]:
    """Probabilities, and classes that are drawn from them."""
    shares = RNG.dirichlet(np.ones(classes), rows)
    codes = (shares.cumsum(axis=1) < RNG.random((rows, 1))).sum(axis=1)
    return shares, np.minimum(codes, classes - 1)


@pytest.mark.parametrize("classes", [2, 4])
def test_the_error_of_right_probabilities_is_that_of_chance(classes: int) -> None:
    each = [Bins.of(*drawn(200, classes)[::-1]) for _ in range(200)]
    assert np.mean([own.error for own in each]) == pytest.approx(
        np.mean([own.error_by_chance for own in each]), rel=0.05
    )


def test_the_error_of_wrong_probabilities_is_their_distance() -> None:
    certain = np.tile([0.05, 0.95], (1000, 1))
    found = Bins.of(np.arange(1000) % 2, certain)
    assert found.error == pytest.approx(0.45)
    assert found.counts.tolist() == [1000]


def test_before_and_after_the_temperature() -> None:
    model = glassnet.train(penguins_path(), "species", members=3, **QUICK)
    (found,) = calibrations(model)
    evaluation = model.validation
    assert evaluation is not None
    assert evaluation.probabilities is not None
    assert model.target.temperature == found.temperature != 1
    assert found.log_loss[1] == pytest.approx(evaluation["log_loss"])
    codes = np.searchsorted(model.classes, evaluation.actual)
    without = tempered(evaluation.probabilities, 1 / found.temperature)
    assert found.log_loss[0] == log_loss(codes, without)
    assert tempered(without, found.temperature) == pytest.approx(evaluation.probabilities)
    assert model.to_dict()["calibration"][0]["rows"] == len(evaluation)
    assert "without" in found.to_text(width=60)


def test_each_target_has_its_own_and_numbers_have_none() -> None:
    several = glassnet.train(penguins_path(), ["species", "sex"], **QUICK)
    assert [own.target for own in calibrations(several)] == ["species", "sex"]
    assert calibrations(glassnet.train(penguins_path(), "body_mass_g", **QUICK)) == ()
    assert calibrations(glassnet.train(penguins_path(), "species", validation=0, **QUICK)) == ()
