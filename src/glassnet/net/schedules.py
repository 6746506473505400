"""Schedules: how the learning rate changes while training goes on.

A schedule gives the factor by which the learning rate is multiplied at ``step`` (from 0) of ``total``
steps. Its constants are shares of the whole training, so that they fit a training of any length.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

Factors = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Schedule(ABC):
    """A rule for the learning rate, with its constants."""

    name: ClassVar[str]

    @abstractmethod
    def factor(self, step: Factors, total: int) -> Factors:
        """The factor at every ``step`` (any shape), of the same shape."""


@dataclass(frozen=True)
class Constant(Schedule):
    """1."""

    name = "constant"

    def factor(self, step: Factors, total: int) -> Factors:
        return np.ones_like(step)


@dataclass(frozen=True)
class Step(Schedule):
    """``drop`` once every ``every`` of the training: drop^⌊t / (every·T)⌋."""

    drop: float = 0.5
    every: float = 0.2
    name = "step"

    def factor(self, step: Factors, total: int) -> Factors:
        return self.drop ** np.floor(step / (self.every * total))


@dataclass(frozen=True)
class InverseScaling(Schedule):
    """1 / (1 + t)^power. Robbins, Monro (1951) ask for a power above ½ and at most 1."""

    power: float = 0.5
    name = "inverse_scaling"

    def factor(self, step: Factors, total: int) -> Factors:
        return (1 + step) ** -self.power


@dataclass(frozen=True)
class Exponential(Schedule):
    """final^(t / T): the same share is lost at every step, down to ``final``."""

    final: float = 0.01
    name = "exponential"

    def factor(self, step: Factors, total: int) -> Factors:
        return self.final ** (step / total)


@dataclass(frozen=True)
class Cosine(Schedule):
    """final + (1 - final) ½ (1 + cos(π t / T)). Loshchilov, Hutter, SGDR (2017), without restarts."""

    final: float = 0.0
    name = "cosine"

    def factor(self, step: Factors, total: int) -> Factors:
        return _ease(step / total, 1.0, self.final)


@dataclass(frozen=True)
class OneCycle(Schedule):
    """Up from ``start`` to 1 during the share ``rise``, then down to ``final``, on cosines.

    Smith, Topin, *Super-convergence* (2018).
    """

    rise: float = 0.3
    start: float = 0.04
    final: float = 1e-4
    name = "one_cycle"

    def factor(self, step: Factors, total: int) -> Factors:
        share = step / total
        up = _ease(share / self.rise, self.start, 1.0)
        down = _ease((share - self.rise) / (1 - self.rise), 1.0, self.final)
        return np.where(share < self.rise, up, down)


@dataclass(frozen=True)
class WarmUp(Schedule):
    """(t + 1) / (steps + 1) for the first ``steps`` steps; then ``after``, over what is left.

    Goyal et al., *Accurate, large minibatch SGD* (2017).
    """

    steps: int
    after: Schedule
    name = "warm_up"

    def factor(self, step: Factors, total: int) -> Factors:
        rising = (step + 1) / (self.steps + 1)
        rest = self.after.factor(np.maximum(step - self.steps, 0), max(total - self.steps, 1))
        return np.where(step < self.steps, rising, rest)


def _ease(share: Factors, start: float, end: float) -> Factors:
    """Half a cosine from ``start`` at share 0 to ``end`` at share 1."""
    return end + (start - end) * (1 + np.cos(np.pi * share)) / 2


SCHEDULES: dict[str, type[Schedule]] = {
    schedule.name: schedule for schedule in (Constant, Step, InverseScaling, Exponential, Cosine, OneCycle)
}
