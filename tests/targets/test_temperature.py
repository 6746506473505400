"""Temperatures: probabilities that fit known rows best, and are as certain as they are right."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

import glassnet
from glassnet.evaluation import log_loss
from glassnet.tables import penguins_path
from glassnet.targets import TargetEncoding, TargetGroup, calibrated
from glassnet.targets.encoding import tempered
from glassnet.targets.temperature import HIGHEST, LOWEST, fit_temperature

PENGUINS = penguins_path()


def drawn(rows: int, classes: int, seed: int = 0) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.intp]]:
    """Probabilities, and classes that are drawn from them."""
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.full(classes, 0.7), rows)
    codes = (shares.cumsum(axis=1) < rng.random((rows, 1))).sum(axis=1)
    return shares, np.minimum(codes, classes - 1)


@pytest.mark.parametrize("classes", [2, 5])
@pytest.mark.parametrize("wrong", [0.4, 1.0, 2.5])
def test_probabilities_of_the_wrong_temperature_are_mended(classes: int, wrong: float) -> None:
    shares, codes = drawn(20_000, classes)
    given = tempered(shares, 1 / wrong)  # too certain by that factor
    found = fit_temperature(given, codes).temperature
    assert found == pytest.approx(wrong, rel=0.05)
    losses = [log_loss(codes, tempered(given, own)) for own in (found, 1.0, found * 1.05, found / 1.05)]
    assert losses[0] == min(losses)


def test_the_temperature_has_bounds_also_where_all_is_right_or_wrong() -> None:
    shares = np.tile([0.9, 0.1], (50, 1))
    found = fit_temperature(shares, np.zeros(50, int)).temperature
    assert tempered(shares, found)[0, 1] == pytest.approx(
        1 / 52, rel=0.01
    )  # not certain, as one row may be wrong
    assert fit_temperature(np.tile([0.6, 0.4], (50, 1)), np.zeros(50, int)).temperature == pytest.approx(
        LOWEST, rel=0.01
    )
    assert fit_temperature(shares, np.ones(50, int)).temperature == pytest.approx(HIGHEST, rel=0.01)
    certain = np.tile([1.0, 0.0], (50, 1))
    assert LOWEST <= fit_temperature(certain, np.arange(50) % 2).temperature <= HIGHEST


def test_weights_count_as_rows() -> None:
    shares, codes = drawn(300, 3)
    counts = 1 + np.arange(300) % 3
    many = np.repeat(np.arange(300), counts)
    assert fit_temperature(shares, codes, counts.astype(np.float64)).temperature == pytest.approx(
        fit_temperature(shares[many], codes[many]).temperature, rel=0.02
    )


def test_the_most_probable_class_stays_and_rows_sum_to_one() -> None:
    shares, _ = drawn(500, 4)
    for temperature in (LOWEST, 1.7, HIGHEST):
        own = tempered(shares, temperature)
        np.testing.assert_allclose(own.sum(axis=1), 1)
        np.testing.assert_array_equal(own.argmax(axis=1), shares.argmax(axis=1))
    np.testing.assert_array_equal(tempered(shares, 1.0), shares)


@pytest.mark.parametrize("target", ["species", "sex", ["species", "sex"]])
def test_several_networks_are_calibrated_on_out_of_fold_rows(target: str | list[str]) -> None:
    model = glassnet.train(PENGUINS, target, hidden=16, epochs=40, members=3, seed=1)
    found = model.target.each if isinstance(model.target, TargetGroup) else (model.target,)
    assert all(own.temperature != 1 for own in found)
    assert "temperature" in repr(model)
    single = glassnet.train(PENGUINS, target, hidden=16, epochs=4, seed=1, recipe="single")
    assert single.target == single.target.untempered == model.target.untempered
    assert "temperature" not in repr(single)


def test_the_evaluation_and_the_predictions_have_the_temperature() -> None:
    model = glassnet.train(PENGUINS, "species", hidden=16, epochs=40, members=5, seed=1)
    assert isinstance(model.target, TargetEncoding)
    assert model.validation is not None
    assert model.validation.probabilities is not None
    codes = np.searchsorted(model.classes, model.validation.actual)
    raw = tempered(model.validation.probabilities, 1 / model.target.temperature)
    assert model.validation["log_loss"] < log_loss(codes, raw)
    shares = model.target.shares(model.outputs(model.encode(PENGUINS).inputs))
    np.testing.assert_array_equal(model.predict_proba(PENGUINS), tempered(shares, model.target.temperature))
    more = glassnet.train_more(model.member(0), PENGUINS, epochs=1, seed=1)
    assert more.target.untempered == model.target.untempered


def test_numbers_have_no_temperature() -> None:
    model = glassnet.train(PENGUINS, "body_mass_g", hidden=4, epochs=2, members=2, seed=1)
    assert calibrated(model.target, np.zeros((3, 1)), np.zeros((3, 1)), None) is model.target
