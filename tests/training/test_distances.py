"""Distances of rows from the mean of the training rows."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.training.distances import MOST, RIDGE, WITHIN, Distances

RNG = np.random.default_rng(0)


def correlated(rows: int) -> np.ndarray:
    first = RNG.normal(size=rows)
    return np.stack([first, first + 0.1 * RNG.normal(size=rows), RNG.normal(size=rows)], axis=1)


def test_the_distance_is_that_of_mahalanobis() -> None:
    inputs = correlated(500)
    found = Distances.of(inputs)
    clipped = inputs.clip(-3, 3)
    covariance = clipped.T @ clipped / 500 + RIDGE * np.eye(3)
    one = np.array([0.5, -1.0, 2.0])
    assert found.to(one[None])[0] == pytest.approx(np.sqrt(one @ np.linalg.inv(covariance) @ one))
    assert found.shares(one[None]).sum() == pytest.approx(found.to(one[None])[0] ** 2)


def test_the_limit_is_the_distance_of_rows_without_themselves() -> None:
    inputs = correlated(40)
    found = Distances.of(inputs)
    alone = []
    for row in range(40):
        others = np.delete(inputs, row, axis=0).clip(-3, 3)
        inverse = np.linalg.inv(others.T @ others / 40 + RIDGE * np.eye(3))
        alone.append(np.sqrt(inputs[row].clip(-3, 3) @ inverse @ inputs[row].clip(-3, 3)))
    assert found.limit == pytest.approx(np.sort(alone)[int(np.ceil(WITHIN * 40)) - 1])


def test_new_rows_are_within_the_limit_and_broken_correlations_are_not() -> None:
    found = Distances.of(correlated(1000))
    each = [Distances.of(correlated(1000)) for _ in range(20)]
    shares = [(own.to(correlated(1000)) > own.limit).mean() for own in each]
    assert np.mean(shares) == pytest.approx(0.01, abs=0.002)
    assert found.to(np.array([[1.5, -1.5, 0.0]]))[0] > found.limit > found.to(np.array([[1.5, 1.5, 0.0]]))[0]


def test_an_input_that_never_varied_is_no_direction_without_variance() -> None:
    inputs = correlated(100)
    inputs[:, 2] = 0
    found = Distances.of(inputs)
    assert np.isfinite(found.inverse).all()
    assert found.to(np.array([[0.0, 0.0, 1.0]]))[0] > found.limit * 0.5


@pytest.mark.parametrize("shape", [(5, 3), (1000, MOST + 1)])
def test_too_few_rows_or_too_many_inputs_have_no_distance(shape: tuple[int, int]) -> None:
    assert not Distances.of(RNG.normal(size=shape)).known
