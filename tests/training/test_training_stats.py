"""Statistics of the training rows, and of the network on them."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet.training.training_stats import QUANTILES, NetworkStats, RowStats, TrainingStats


def train(columns: dict[str, object], y: object, **settings: object) -> glassnet.Model:
    options = {"hidden": (6, 5), "epochs": 2, "validation": 0, "seed": 1, **settings}
    return glassnet.train({**columns, "y": y}, "y", **options, recipe="single")  # type: ignore[arg-type]


def stats_of(model: glassnet.Model) -> TrainingStats:
    assert model.stats is not None
    return model.stats


def row_stats(columns: dict[str, object], y: object, **settings: object) -> RowStats:
    return stats_of(train(columns, y, **settings)).rows


RNG = np.random.default_rng(0)
X = RNG.normal(size=(400, 3))


def test_the_statistics_are_those_of_the_rows() -> None:
    model = train({"a": X[:, 0], "b": X[:, 1]}, X[:, 2], scaling="none", dtype="float64")
    rows, networks = stats_of(model).rows, stats_of(model).networks
    assert rows.count == 400
    np.testing.assert_allclose(rows.means, X[:, :2].mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(rows.deviations, X[:, :2].std(axis=0))
    np.testing.assert_allclose(rows.quantiles, np.quantile(X[:, :2], QUANTILES, axis=0), atol=1e-12)
    assert [list(each) for each in networks] == [[0, 2]]
    inputs = model.encode({"a": X[:, 0], "b": X[:, 1]}).inputs
    for epoch, own in networks[0].items():
        activations = model.at(epoch).tracer(inputs).activations
        np.testing.assert_allclose(own.activation_deviations[:6], activations[0].std(axis=0))
        np.testing.assert_allclose(own.activation_slopes[:6], (activations[0] > 0).mean(axis=0))
        assert own.activation_deviations.shape == own.activation_slopes.shape == (11,)
        assert own.gradients.shape == (3,)


def _parts(statistic: Any) -> tuple[Any, ...]:
    return statistic if isinstance(statistic, tuple) else (statistic,)


def assert_same_stats(one: TrainingStats, other: TrainingStats) -> None:
    for name, own in vars(one.rows).items():
        for mine, others in zip(*(_parts(each) for each in (own, getattr(other.rows, name))), strict=True):
            np.testing.assert_array_equal(mine, others, err_msg=name)
    assert [list(each) for each in one.networks] == [list(each) for each in other.networks]
    for mine, others in zip(one.networks, other.networks, strict=True):
        for epoch, own in mine.items():
            for name, values in vars(own).items():
                np.testing.assert_array_equal(values, getattr(others[epoch], name), err_msg=name)


def test_statistics_are_the_same_before_and_after_saving_and_copying(tmp_path: Path) -> None:
    model = train({"a": X[:, 0], "b": X[:, 1]}, X[:, 2], epochs=5, snapshots=4)
    at_start = model.at(0)
    copied, copied_start = copy.deepcopy(model), copy.deepcopy(at_start)
    model.save(tmp_path / "m")
    at_start.save(tmp_path / "start")
    again, start_again = glassnet.load(tmp_path / "m"), glassnet.load(tmp_path / "start")
    assert list(stats_of(model).networks[0]) == [0, 2, 4, 5]
    for other in (copied, at_start, copied_start, again, again.at(0), again.at(4), start_again):
        assert_same_stats(stats_of(model), stats_of(other))
    assert repr(at_start.doctor()) == repr(again.at(0).doctor()) == repr(start_again.doctor())


def test_statistics_are_computed_when_they_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RowStats, "of", lambda *_: pytest.fail("computed"))
    monkeypatch.setattr(NetworkStats, "of", lambda *_: pytest.fail("computed"))
    train({"a": X[:, 0]}, X[:, 2]).predict({"a": [1.0]})


def test_duplicates_are_found_and_others_are_not() -> None:
    stats = row_stats(
        {"a": X[:, 0], "b": X[:, 1], "c": 5 - 3 * X[:, 0], "d": X[:, 0] + 0.01 * X[:, 2]}, X[:, 2]
    )
    assert stats.duplicates.tolist() == [[0, 2]]


@pytest.mark.parametrize(
    ("column_of", "share"),
    [
        (lambda y: 2 * y + 1, 1.0),
        (lambda y: np.exp(y), 0.99),
        (lambda y: y + X[:, 0] * y.std(), 0.5),
        (lambda y: X[:, 0], 0.0),
    ],
    ids=["a line", "a curve", "half of it", "nothing"],
)
def test_the_variance_of_numbers_that_a_column_explains(column_of: object, share: float) -> None:
    stats = row_stats({"a": column_of(X[:, 2]), "b": X[:, 1]}, X[:, 2])  # type: ignore[operator]
    assert stats.variance_explained[0] == pytest.approx(share, abs=0.08 if 0 < share < 0.9 else 0.03)
    assert stats.variance_explained[1] < 0.05


def test_the_variance_of_classes_that_a_column_explains() -> None:
    y = np.array(list("pqr"))[RNG.integers(0, 3, 400)]
    words = np.char.add(y, np.array(["1", "2"])[RNG.integers(0, 2, 400)])
    stats = row_stats({"words": words, "noise": np.array(list("xyz"))[RNG.integers(0, 3, 400)]}, y)
    assert stats.variance_explained[0] == pytest.approx(1)
    assert stats.variance_explained[1] < 0.03


def test_an_id_explains_nothing() -> None:
    stats = row_stats({"id": np.arange(400) * 7 % 401, "a": X[:, 0]}, X[:, 2])
    assert stats.variance_explained[0] < 0.1
