"""When early stopping ends a training: counted in epochs if asked, else in steps and in what few rows can tell."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import glassnet
from glassnet.engines.protocol import EachRow
from glassnet.training.early_stopping import EarlyStopping, epochs_allowed, standard_error
from glassnet.training.history import Recorder


def each_row(count: int) -> EachRow:
    rng = np.random.default_rng(count)
    return EachRow(rng.normal(size=(count, 1)), rng.normal(size=count) ** 2)


def test_a_small_table_is_trained_for_as_many_steps_as_a_larger_one() -> None:
    assert epochs_allowed("auto", 500) == 200
    assert epochs_allowed("auto", 5) == 1000
    assert epochs_allowed("auto", 1) == 5000
    assert epochs_allowed(7, 5) == 7


def ended_at(
    curve: list[float], patience: int | str | None, steps: int, validation: EachRow
) -> tuple[int, str]:
    """The epoch after which early stopping ends a training with this validation curve, and its reason."""
    record, stopping = Recorder(), EarlyStopping(patience, steps, None)
    for loss in curve:
        record.loss.extend([loss])
        record.validation_loss.extend([loss])
        if record.best_epoch == 0 or loss < record.validation_loss.values[record.best_epoch - 1]:
            record.best_epoch = record.epochs
        if reason := stopping.reason(record, validation):
            return record.epochs, reason
    return 0, ""


CURVE = [1.0, 0.5]  # the second epoch is the best


def test_a_number_counts_epochs_and_none_never_stops() -> None:
    assert ended_at(CURVE + [0.6] * 30, 5, 10, each_row(50)) == (7, "no better validation loss for 5 epochs")
    assert ended_at(CURVE + [9.0] * 999, None, 10, each_row(50)) == (0, "")


def test_a_clearly_worse_loss_ends_after_a_thousand_steps_and_a_flat_one_after_three_thousand() -> None:
    validation = each_row(50)
    error = standard_error(validation.losses)
    worse, why = ended_at(CURVE + [0.5 + 1.01 * error] * 999, "auto", 10, validation)
    assert worse == 2 + 100
    assert why == "the validation loss was clearly higher than the lowest for 100 epochs (1,000 steps)"
    flat, why = ended_at(CURVE + [0.5 + 0.99 * error] * 999, "auto", 10, validation)
    assert flat == 2 + 300
    assert why == "no better validation loss for 300 epochs (3,000 steps)"


def test_one_epoch_that_is_as_good_as_the_best_makes_it_wait_again() -> None:
    curve = CURVE + [50.0] * 60 + [0.5001] + [50.0] * 999
    assert ended_at(curve, "auto", 10, each_row(50))[0] == 2 + 60 + 1 + 100


def test_a_single_validation_row_tells_nothing_of_its_noise() -> None:
    assert ended_at(CURVE + [50.0] * 999, "auto", 10, each_row(1))[0] == 2 + 300


@pytest.mark.parametrize("loss", [0.50001, 50.0])
def test_on_large_tables_twenty_epochs_are_enough(loss: float) -> None:
    assert ended_at(CURVE + [loss] * 99, "auto", 500, each_row(50))[0] == 2 + 20


@pytest.mark.parametrize("count", [2, 40, 64, 1000])
def test_the_standard_error_is_that_of_the_mean_loss(count: int) -> None:
    losses = each_row(count).losses
    expected = losses.std(ddof=1) / np.sqrt(count)
    assert standard_error(losses) == pytest.approx(expected, rel=1e-9 if count <= 64 else 0.35)


def test_rows_without_weight_have_no_part_in_the_standard_error() -> None:
    losses = each_row(40).losses
    # the factor n / (n - 1) counts all rows
    weighted = standard_error(losses, np.repeat([2.0, 0.0], 20))
    assert weighted == pytest.approx(standard_error(losses[:20]), rel=0.03)


def rings(count: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    outer, angle = rng.integers(0, 2, count), rng.uniform(0, 2 * np.pi, count)
    radius = 1 + outer + 0.1 * rng.normal(size=count)
    return pd.DataFrame(
        {"x": radius * np.cos(angle), "y": radius * np.sin(angle), "ring": np.where(outer, "outer", "inner")}
    )


@pytest.mark.parametrize("seed", range(5))
def test_two_rings_are_learnt_from_two_hundred_rows(seed: int) -> None:
    model = glassnet.train(
        rings(200, seed), "ring", hidden=(4, 3), activation="tanh", seed=seed, recipe="single"
    )
    assert model.evaluate(rings(1000, 100 + seed))["accuracy"] > 0.95
