"""What a model remembers of its training rows."""

from __future__ import annotations

import numpy as np
import pytest

import glassnet
from glassnet.training.training_stats import QUANTILES, Survey


def train(columns: dict[str, object], y: object, **settings: object) -> Survey:
    options = {"hidden": (6, 5), "epochs": 2, "validation": 0, "seed": 1, **settings}
    survey = glassnet.train({**columns, "y": y}, "y", **options).survey  # type: ignore[arg-type]
    assert survey is not None
    return survey


RNG = np.random.default_rng(0)
X = RNG.normal(size=(400, 3))


def test_the_statistics_are_those_of_the_rows() -> None:
    survey = train({"a": X[:, 0], "b": X[:, 1]}, X[:, 2], standardize=False, dtype="float64")
    assert survey.rows == 400
    np.testing.assert_allclose(survey.means, X[:, :2].mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(survey.deviations, X[:, :2].std(axis=0))
    np.testing.assert_allclose(survey.quantiles, np.quantile(X[:, :2], QUANTILES, axis=0), atol=1e-12)
    assert survey.unit_deviations.shape == survey.unit_slopes.shape == (11,)
    assert survey.first_gradients.shape == survey.last_gradients.shape == (3,)


def test_twins_are_found_and_others_are_not() -> None:
    survey = train({"a": X[:, 0], "b": X[:, 1], "c": 5 - 3 * X[:, 0], "d": X[:, 0] + 0.01 * X[:, 2]}, X[:, 2])
    assert survey.twins.tolist() == [[0, 2]]


@pytest.mark.parametrize(
    ("tells", "share"),
    [
        (lambda y: 2 * y + 1, 1.0),
        (lambda y: np.exp(y), 0.99),
        (lambda y: y + X[:, 0] * y.std(), 0.5),
        (lambda y: X[:, 0], 0.0),
    ],
    ids=["a line", "a curve", "half of it", "nothing"],
)
def test_what_a_column_tells_of_numbers(tells: object, share: float) -> None:
    survey = train({"a": tells(X[:, 2]), "b": X[:, 1]}, X[:, 2])  # type: ignore[operator]
    assert survey.tells[0] == pytest.approx(share, abs=0.08 if 0 < share < 0.9 else 0.03)
    assert survey.tells[1] < 0.05


def test_what_a_column_tells_of_classes() -> None:
    y = np.array(list("pqr"))[RNG.integers(0, 3, 400)]
    words = np.char.add(y, np.array(["1", "2"])[RNG.integers(0, 2, 400)])
    survey = train({"words": words, "noise": np.array(list("xyz"))[RNG.integers(0, 3, 400)]}, y)
    assert survey.tells[0] == pytest.approx(1)
    assert survey.tells[1] < 0.03


def test_an_id_tells_nothing() -> None:
    survey = train({"id": np.arange(400) * 7 % 401, "a": X[:, 0]}, X[:, 2])
    assert survey.tells[0] < 0.1
