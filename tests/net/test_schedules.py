"""Every schedule: its ends, its bounds, and that it fits a training of any length."""

import math

import numpy as np
import pytest

from glassnet.net import SCHEDULES, Schedule, WarmUp
from glassnet.net.schedules import (
    Constant,
    Cosine,
    CosLog4,
    Exponential,
    FlatCosine,
    InverseScaling,
    OneCycle,
    StepDecay,
)

EVERY = pytest.mark.parametrize("schedule", [kind() for kind in SCHEDULES.values()], ids=SCHEDULES)
TOTALS = pytest.mark.parametrize("total", [1, 2, 7, 1000])


def all_factors(schedule: Schedule, total: int) -> np.ndarray:
    return schedule.factor(np.arange(total, dtype=float), total)


@EVERY
@TOTALS
def test_factors_lie_between_zero_and_one(schedule: Schedule, total: int) -> None:
    factors = all_factors(schedule, total)
    assert factors.shape == (total,)
    assert (factors >= 0).all()
    assert (factors <= 1 + 1e-12).all()
    assert (factors[:-1] > 0).all() or isinstance(schedule, CosLog4)  # each cycle of which begins at 0


@EVERY
def test_the_shape_of_the_steps_is_kept_and_each_is_computed_alone(schedule: Schedule) -> None:
    steps = np.arange(12.0)
    grid = schedule.factor(steps.reshape(3, 4), 12)
    assert grid.shape == (3, 4)
    single = [schedule.factor(np.array(step), 12) for step in steps]
    np.testing.assert_allclose(grid.ravel(), single, rtol=1e-14)


@pytest.mark.parametrize("kind", [Constant, StepDecay, InverseScaling, Exponential, Cosine, FlatCosine])
def test_most_start_at_one_and_never_rise(kind: type[Schedule]) -> None:
    factors = all_factors(kind(), 500)
    assert factors[0] == 1
    assert (np.diff(factors) <= 0).all()


ENDS: list[tuple[Schedule, float]] = [
    (Constant(), 1.0),
    (StepDecay(drop=0.5, every=0.25), 0.5**4),
    (InverseScaling(power=1.0), 1 / 101),
    (Exponential(final=0.02), 0.02),
    (Cosine(final=0.1), 0.1),
    (FlatCosine(final=0.1), 0.1),
    (CosLog4(), 0.0),
    (OneCycle(final=0.003), 0.003),
    (WarmUp(share=0.1, then=Cosine(final=0.2)), 0.2),
]


def test_every_schedule_has_its_end_written_out() -> None:
    assert [type(schedule) for schedule, _ in ENDS] == list(SCHEDULES.values())


@pytest.mark.parametrize(("schedule", "end"), ENDS)
def test_the_end_is_the_constant_that_names_it(schedule: Schedule, end: float) -> None:
    assert schedule.factor(np.array(100.0), 100) == pytest.approx(end, rel=1e-12, abs=1e-12)


def test_step_drops_at_every_share() -> None:
    factors = all_factors(StepDecay(drop=0.1, every=0.25), 8)
    np.testing.assert_allclose(factors, [1, 1, 0.1, 0.1, 0.01, 0.01, 0.001, 0.001])


def test_exponential_loses_the_same_share_at_every_step() -> None:
    factors = all_factors(Exponential(final=0.01), 50)
    np.testing.assert_allclose(factors[1:] / factors[:-1], 0.01 ** (1 / 50))


def test_cosine_is_half_way_at_half_time() -> None:
    assert Cosine(final=0.2).factor(np.array(50.0), 100) == pytest.approx(0.6)
    assert Cosine().factor(np.array(25.0), 100) == pytest.approx((1 + math.cos(math.pi / 4)) / 2)


def test_flat_cosine_is_flat_and_then_a_cosine_over_the_rest() -> None:
    factors = all_factors(FlatCosine(flat=0.25, final=0.1), 100)
    assert (factors[:26] == 1).all()
    np.testing.assert_allclose(factors[25:], all_factors(Cosine(final=0.1), 75))


def test_coslog4_has_four_cycles_each_twice_as_long_as_the_one_before() -> None:
    factors = all_factors(CosLog4(), 15 * 64)
    tops = 64 * (np.sqrt(2) * 2 ** np.arange(4) - 1)  # halfway of a cycle in the logarithm
    np.testing.assert_allclose(factors[64 * np.array([0, 1, 3, 7])], 0, atol=1e-12)
    np.testing.assert_allclose(factors[tops.round().astype(int)], 1, atol=1e-3)
    turns = np.flatnonzero(np.diff(np.sign(np.diff(factors))) < 0)
    assert len(turns) == 4


def test_inverse_scaling_is_the_formula() -> None:
    np.testing.assert_allclose(
        InverseScaling(power=0.5).factor(np.array([0.0, 3.0, 8.0]), 9), [1, 1 / 2, 1 / 3]
    )


def test_one_cycle_rises_to_one_and_falls() -> None:
    factors = all_factors(OneCycle(rise=0.3, start=0.04), 1000)
    assert factors[0] == pytest.approx(0.04)
    assert factors.argmax() == 300
    assert factors[300] == pytest.approx(1)
    assert (np.diff(factors[:301]) > 0).all()
    assert (np.diff(factors[300:]) < 0).all()
    assert np.abs(np.diff(factors)).max() < 0.01  # no jump


@EVERY
def test_a_warm_up_rises_evenly_and_hands_over_without_a_jump(schedule: Schedule) -> None:
    warm = WarmUp(9 / 109, schedule)
    factors = all_factors(warm, 109)
    np.testing.assert_allclose(factors[:9], np.arange(1, 10) / 10)
    np.testing.assert_allclose(factors[9:], all_factors(schedule, 100), rtol=1e-12)
    if schedule.name not in ("one_cycle", "warm_up", "coslog4"):  # which rise themselves
        np.testing.assert_allclose(np.diff(factors[:10]), 0.1, rtol=1e-9)


@EVERY
@pytest.mark.parametrize("share", [0, 1])
def test_a_warm_up_may_be_nothing_or_the_whole_training(schedule: Schedule, share: int) -> None:
    factors = all_factors(WarmUp(share, schedule), 5)
    assert np.isfinite(factors).all()
    assert (factors >= 0).all()
    assert (factors <= 1 + 1e-12).all()
    if share == 0:
        np.testing.assert_array_equal(factors, all_factors(schedule, 5))
    else:
        assert (np.diff(factors) > 0).all()


def test_schedules_have_their_names_and_formulas() -> None:
    for name, kind in SCHEDULES.items():
        assert kind.name == name
        assert kind.__doc__
