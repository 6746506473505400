"""Which rows were trained on is known by their numbers, and recognized in other tables by their values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import glassnet
from glassnet import ResultWarning
from glassnet.engines import Rows
from glassnet.tables import penguins_path
from glassnet.training.training_rows import ALL, TrainingRows, row_hashes

RNG = np.random.default_rng(0)
TABLE = pd.DataFrame(RNG.normal(size=(300, 3)), columns=list("abc")).assign(y=lambda t: t["a"] * 2)
PENGUINS = pd.read_csv(penguins_path())


def rows(count: int, seed: int = 0, dtype: str = "float32") -> Rows:
    rng = np.random.default_rng(seed)
    return Rows(rng.normal(size=(count, 4)).astype(dtype), rng.normal(size=(count, 1)).astype(dtype))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_equal_rows_have_equal_hashes_and_others_do_not(dtype: str) -> None:
    own = rows(5000, dtype=dtype)
    hashes = row_hashes(own)
    assert len(np.unique(hashes)) == 5000
    assert (hashes >= 0).all()
    order = np.random.default_rng(1).permutation(5000)
    np.testing.assert_array_equal(row_hashes(Rows(own.inputs[order], own.targets[order])), hashes[order])
    assert (row_hashes(Rows(own.inputs[:, ::-1].copy(), own.targets)) != hashes).all()
    assert (row_hashes(Rows(own.inputs, own.targets + 1)) != hashes).all()


def test_zero_has_one_hash() -> None:
    zero = np.zeros((1, 2), np.float32)
    assert row_hashes(Rows(-zero, zero)) == row_hashes(Rows(zero, -zero))


def test_of_many_rows_a_random_sample_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassnet.training.training_rows.MOST", 1000)
    own, other = rows(20_000), rows(20_000, seed=1)
    known = TrainingRows.of(np.arange(20_000), own)
    assert len(known.hashes) == 1000
    assert known.limit < ALL
    half = Rows(
        np.concatenate([own.inputs[::2], other.inputs[::2]]),
        np.concatenate([own.targets[::2], other.targets[::2]]),
    )
    assert known.count_among(half) == pytest.approx(10_000, rel=0.15)
    assert known.count_among(own) == 20_000
    assert known.count_among(other) == 0


@pytest.mark.parametrize("holdout", [0.0, 0.25])
def test_the_numbers_are_those_of_the_table(holdout: float, tmp_path: Any) -> None:
    gaps = TABLE.copy()
    gaps.loc[[0, 7, 299], "y"] = np.nan  # rows without a target belong to no part
    model = glassnet.train(gaps, "y", seed=1, epochs=2, holdout=holdout, recipe="single")
    model.save(tmp_path / "m")
    for own in (model, glassnet.load(tmp_path / "m")):
        assert own.training_rows is not None
        assert own.validation is not None
        parts: list[Any] = [own.training_rows.numbers, own.validation.rows]
        if own.holdout is not None:
            parts.append(own.holdout.rows)
            np.testing.assert_array_equal(own.holdout.actual, gaps["y"][own.holdout.rows])
        assert np.concatenate(parts).tolist() != sorted(np.concatenate(parts).tolist())
        assert sorted(np.concatenate(parts).tolist()) == [at for at in range(300) if at not in (0, 7, 299)]


@pytest.mark.parametrize("load", [False, True])
def test_training_rows_that_are_evaluated_are_named(load: bool, tmp_path: Any) -> None:
    model = glassnet.train(TABLE, "y", seed=1, epochs=2, recipe="single")
    if load:
        model.save(tmp_path / "m")
        model = glassnet.load(tmp_path / "m")
    assert model.training_rows is not None
    assert model.validation is not None
    numbers = model.training_rows.numbers
    with pytest.warns(ResultWarning, match=f"{len(numbers)} of 300 rows were training rows"):
        assert model.evaluate(TABLE).training_rows == len(numbers)
    some = pd.concat([TABLE.iloc[numbers[:12]], TABLE.iloc[model.validation.rows]])
    with pytest.warns(ResultWarning, match=f"12 of {len(some)} rows were training rows"):
        model.evaluate(some)
    assert model.evaluate(TABLE.iloc[model.validation.rows]).training_rows == 0
    assert model.evaluate(TABLE + 1e-3).training_rows == 0


def test_rows_that_are_equal_by_chance_are_not_called_training_rows() -> None:
    """Few different rows: those held out are equal to training rows, and so are new ones."""
    rng = np.random.default_rng(3)
    draws = [
        pd.DataFrame(
            {"a": rng.integers(0, 3, 400), "b": rng.choice(list("xy"), 400), "y": rng.integers(0, 2, 400)}
        )
        for _ in range(2)
    ]
    model = glassnet.train(draws[0], "y", seed=1, epochs=2, recipe="single")
    assert model.training_rows is not None
    assert model.training_rows.chance == 1
    assert model.evaluate(draws[1]).training_rows == 0


def test_rows_of_a_training_that_was_continued_are_recognized() -> None:
    first = glassnet.train(TABLE[:150], "y", seed=1, epochs=2, validation=0, recipe="single")
    model = glassnet.train_more(first, TABLE[150:], epochs=2, seed=1, validation=0)
    assert model.evaluate(TABLE).training_rows == 300
    assert model.training_rows is not None
    assert model.training_rows.numbers.tolist() == list(range(150))


def test_the_doctor_names_training_rows() -> None:
    model = glassnet.train(TABLE, "y", seed=1, epochs=2, recipe="single")
    [finding] = [each for each in model.doctor(TABLE) if each.name == "trained_on"]
    assert finding.title == "240 of 300 rows were trained on."
    assert "trained_on" not in model.doctor(TABLE + 1e-3).names
