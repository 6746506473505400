"""The calibration of probabilities, before and after the temperature."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet.evaluation import log_loss
from glassnet.inside.calibration import Bins, calibrations
from glassnet.tables import penguins_path
from glassnet.targets import TargetEncoding
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
    shares = RNG.dirichlet((0.02, 0.02, 0.02), len(codes))  # some are below what a logarithm is taken of
    for temperature in (0.2, 3.0):
        own = replace(evaluation, probabilities=tempered(shares, temperature))
        assert isinstance(model.target, TargetEncoding)
        target = replace(model.target, temperature=temperature)
        (before,) = calibrations(replace(model, target=target, validation=own))
        assert before.log_loss[0] == pytest.approx(log_loss(codes, shares))
    assert model.to_dict()["calibration"][0]["rows"] == len(evaluation)
    assert "without" in found.to_text(width=60)


def test_weights_of_rows_count_as_copies_of_rows() -> None:
    shares, codes = drawn(300, 3)
    weights = RNG.integers(0, 4, 300)
    once, copied = (
        Bins.of(codes, shares, weights=weights.astype(float)),
        Bins.of(np.repeat(codes, weights), np.repeat(shares, weights, axis=0)),
    )
    for name in ("counts", "means", "shares", "error"):
        assert getattr(once, name) == pytest.approx(getattr(copied, name))
    assert once.error_by_chance > copied.error_by_chance  # copies are not further rows


def test_each_target_has_its_own_and_numbers_have_none() -> None:
    several = glassnet.train(penguins_path(), ["species", "sex"], **QUICK)
    assert [own.target for own in calibrations(several)] == ["species", "sex"]
    assert calibrations(glassnet.train(penguins_path(), "body_mass_g", **QUICK)) == ()
    assert calibrations(glassnet.train(penguins_path(), "species", validation=0, **QUICK)) == ()
