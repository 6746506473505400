"""Constants of rules: their bounds, one message for all faults, and a rule as text."""

from collections.abc import Callable
from dataclasses import fields

import numpy as np
import pytest

from glassnet.errors import InputError
from glassnet.net import (
    LOSSES,
    OPTIMIZERS,
    SCHEDULES,
    Adam,
    AdamW,
    Cosine,
    Huber,
    Loss,
    Quantile,
    StepDecay,
    WarmUp,
)
from glassnet.net.rules import Bounds


@pytest.mark.parametrize(
    ("bounds", "text"),
    [
        (Bounds(), ""),
        (Bounds(0), "at least 0"),
        (Bounds(0, 1, above=True), "above 0 and at most 1"),
        (Bounds(maximum=1, below=True), "below 1"),
    ],
)
def test_bounds_in_words(bounds: Bounds, text: str) -> None:
    assert str(bounds) == text


@pytest.mark.parametrize("value", [0.5, 1, np.float32(0.25), np.int64(1)])
def test_a_number_within_bounds_has_no_fault(value: object) -> None:
    assert Bounds(0, 1, above=True).fault("x", value) == ""


@pytest.mark.parametrize("value", [0, 0.0, 1.5, float("nan"), float("inf"), True, "0.5", None, [0.5]])
def test_anything_else_has_one(value: object) -> None:
    fault = Bounds(0, 1, above=True).fault("x", value)
    assert fault == f"x is {value!r}, but must be a number above 0 and at most 1."


def test_an_integer_and_none_may_be_asked_for() -> None:
    assert Bounds(1).fault("x", 1.5, integer=True) == "x is 1.5, but must be an integer at least 1."
    assert Bounds(1).fault("x", None, optional=True) == ""
    assert Bounds().fault("x", "", optional=True) == "x is '', but must be a number or None."


def test_all_faults_of_a_rule_come_at_once() -> None:
    with pytest.raises(InputError) as caught:
        AdamW(beta1=1.0, epsilon=-1, weight_decay="much", max_norm=0)  # type: ignore[arg-type]
    assert len(caught.value.faults) == 4
    assert "beta1 of adamw is 1.0, but must be a number at least 0 and below 1." in caught.value.faults
    assert "max_norm of adamw is 0, but must be a number above 0 or None." in caught.value.faults


def test_constants_are_pythons_own_numbers() -> None:
    assert type(Adam(beta1=np.float64(0.5)).beta1) is float
    assert type(Adam(max_norm=1).max_norm) is float


def test_a_rule_as_text_names_what_differs_from_its_defaults() -> None:
    assert str(Adam()) == "adam"
    assert str(Adam(beta1=0.8, max_norm=2)) == "adam(max_norm=2, beta1=0.8)"
    assert Adam().text() == "adam(max_norm=None, beta1=0.9, beta2=0.999, epsilon=1e-08)"
    assert str(WarmUp(0.1, Cosine(final=0.2))) == "warm_up(share=0.1, then=cosine(final=0.2))"
    assert str(StepDecay(every=0.5)) == "step_decay(every=0.5)"


def test_a_loss_as_text() -> None:
    assert [str(loss) for loss in LOSSES.values()] == list(LOSSES)
    assert str(Huber(0.5)) == "huber(delta=0.5)"
    assert Quantile().text() == "quantile(level=0.5)"
    assert LOSSES["poisson"].text() == "poisson"


@pytest.mark.parametrize("make", [lambda: Huber(0), lambda: Quantile(1.0), lambda: Huber("wide")])  # type: ignore[arg-type]
def test_a_constant_of_a_loss_is_checked(make: Callable[[], Loss]) -> None:
    with pytest.raises(InputError, match="must be a number above 0"):
        make()


def test_every_constant_is_described() -> None:
    for rule in (*OPTIMIZERS.values(), *SCHEDULES.values()):
        for own in fields(rule):
            assert own.metadata["help"]
