"""Schedules: how the learning rate changes during training.

A schedule gives the factor by which the learning rate is multiplied at ``step`` (from 0) of ``total``
steps. Its constants are shares of the whole training, so that they apply to any length.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.net.rules import Rule, constant

Factors = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Schedule(Rule, ABC):
    """A rule for the learning rate, with its constants."""

    @abstractmethod
    def factor(self, step: Factors, total: int) -> Factors:
        """The factor at every ``step`` (any shape), of the same shape."""


@dataclass(frozen=True)
class Constant(Schedule):
    """1: the learning rate does not change."""

    name = "constant"

    def factor(self, step: Factors, total: int) -> Factors:
        return np.ones_like(step)


@dataclass(frozen=True)
class StepDecay(Schedule):
    """drop^⌊t / (every·T)⌋: multiplied by ``drop`` after each share ``every`` of the training."""

    drop: float = constant(0.5, "Factor at each drop.", minimum=0, maximum=1, above=True)
    every: float = constant(0.2, "Share of the training between drops.", minimum=0, maximum=1, above=True)
    name = "step_decay"

    def factor(self, step: Factors, total: int) -> Factors:
        return self.drop ** np.floor(step / (self.every * total))


@dataclass(frozen=True)
class InverseScaling(Schedule):
    """1 / (1 + t)^power. Robbins, Monro (1951) ask for a power above ½ and at most 1."""

    power: float = constant(0.5, "Exponent.", minimum=0)
    name = "inverse_scaling"

    def factor(self, step: Factors, total: int) -> Factors:
        return (1 + step) ** -self.power


@dataclass(frozen=True)
class Exponential(Schedule):
    """final^(t / T): each step multiplies the rate by the same factor, down to ``final``."""

    final: float = constant(0.01, "Factor at the end.", minimum=0, above=True)
    name = "exponential"

    def factor(self, step: Factors, total: int) -> Factors:
        return self.final ** (step / total)


@dataclass(frozen=True)
class Cosine(Schedule):
    """final + (1 - final) ½ (1 + cos(π t / T)). Loshchilov, Hutter, SGDR (2017), without restarts."""

    final: float = constant(0.0, "Factor at the end.", minimum=0)
    name = "cosine"

    def factor(self, step: Factors, total: int) -> Factors:
        return _ease(step / total, 1.0, self.final)


@dataclass(frozen=True)
class FlatCosine(Schedule):
    """1 during the share ``flat``, then down to ``final`` on a cosine."""

    flat: float = constant(0.5, "Share of the training before it falls.", minimum=0, maximum=1, below=True)
    final: float = constant(0.0, "Factor at the end.", minimum=0)
    name = "flat_cosine"

    def factor(self, step: Factors, total: int) -> Factors:
        share = (step / total - self.flat) / (1 - self.flat)
        return _ease(np.maximum(share, 0), 1.0, self.final)


@dataclass(frozen=True)
class CosLog4(Schedule):
    """½ (1 - cos(2π log₂(1 + 15 t / T))): four times from 0 up to 1 and down, each twice as long as the one before.

    Holzmüller, Grinsztajn, Steinwart, *Better by default* (2024).
    """

    name = "coslog4"

    def factor(self, step: Factors, total: int) -> Factors:
        return (1 - np.cos(2 * np.pi * np.log2(1 + 15 * step / total))) / 2


@dataclass(frozen=True)
class OneCycle(Schedule):
    """Up from ``start`` to 1 during the share ``rise``, then down to ``final``, on cosines.

    Smith, Topin, *Super-convergence* (2018).
    """

    rise: float = constant(
        0.3, "Share of the training in which it rises.", minimum=0, maximum=1, above=True, below=True
    )
    start: float = constant(0.04, "Factor at the start.", minimum=0)
    final: float = constant(1e-4, "Factor at the end.", minimum=0)
    name = "one_cycle"

    def factor(self, step: Factors, total: int) -> Factors:
        share = step / total
        up = _ease(share / self.rise, self.start, 1.0)
        down = _ease((share - self.rise) / (1 - self.rise), 1.0, self.final)
        return np.where(share < self.rise, up, down)


@dataclass(frozen=True)
class WarmUp(Schedule):
    """(t + 1) / (S + 1) for the first S = ``share``·T steps; then ``then``, over the remaining steps.

    Goyal et al., *Accurate, large minibatch SGD* (2017).
    """

    share: float = constant(0.05, "Share of the training in which the rate rises.", minimum=0, maximum=1)
    then: Schedule = field(default=Constant(), metadata={"help": "The schedule after it."})
    name = "warm_up"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.then, Schedule):
            raise InputError(f"then of warm_up is {self.then!r}, but must be a schedule, such as Cosine().")

    def factor(self, step: Factors, total: int) -> Factors:
        steps = round(self.share * total)
        rising = (step + 1) / (steps + 1)
        rest = self.then.factor(np.maximum(step - steps, 0), max(total - steps, 1))
        return np.where(step < steps, rising, rest)


def _ease(share: Factors, start: float, end: float) -> Factors:
    """Half a cosine from ``start`` at share 0 to ``end`` at share 1."""
    return end + (start - end) * (1 + np.cos(np.pi * share)) / 2


SCHEDULES: dict[str, type[Schedule]] = {
    schedule.name: schedule
    for schedule in (
        Constant,
        StepDecay,
        InverseScaling,
        Exponential,
        Cosine,
        FlatCosine,
        CosLog4,
        OneCycle,
        WarmUp,
    )
}
