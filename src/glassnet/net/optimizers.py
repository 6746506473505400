"""Optimizers: from a gradient to the next parameters.

An optimizer is a rule with constants. Its memory between steps is a :class:`State` that ``init`` makes and
``update`` replaces; the rule itself has none. θ are the parameters, g the
gradient, η the learning rate, t the number of the step, from 1; all vectors are (P,).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from glassnet.net.arrays import Array
from glassnet.net.rules import Rule, constant

Moments = tuple[Array, ...]


class State(NamedTuple):
    """The memory of an optimizer: the number of steps done, and its running moments, each (P,)."""

    step: int
    moments: Moments


@dataclass(frozen=True)
class Optimizer(Rule, ABC):
    """The base of all optimizers. It clips the gradient to ``max_norm`` before the rule uses it.

    ``moment_count`` is the number of running moments of the rule; ``default_rate`` is the learning rate that
    :func:`glassnet.train` uses if none is given.
    """

    moment_count: ClassVar[int]
    default_rate: ClassVar[float] = 0.003
    max_norm: float | None = constant(
        None, "Largest norm of the gradient; a longer one is scaled down to it.", minimum=0, above=True
    )

    def init(self, parameters: Array) -> State:
        """The state before the first step: no steps done, all moments 0."""
        return State(0, tuple(np.zeros_like(parameters) for _ in range(self.moment_count)))

    def update(self, parameters: Array, gradient: Array, state: State, rate: float) -> tuple[Array, State]:
        """One step: the new parameters and the new state; the old ones are not changed."""
        if self.max_norm is not None:
            gradient = clip_norm(gradient, self.max_norm)
        step = state.step + 1
        change, moments = self.change(parameters, gradient, state.moments, rate, step)
        return parameters + change, State(step, moments)

    @abstractmethod
    def change(
        self, parameters: Array, gradient: Array, moments: Moments, rate: float, step: int
    ) -> tuple[Array, Moments]:
        """The rule: the change of the parameters, and the new moments."""


def clip_norm(gradient: Array, max_norm: float) -> Array:
    """Scale the gradient down to the norm ``max_norm`` if its norm is larger. Pascanu, Mikolov, Bengio (2013)."""
    norm = float(np.linalg.norm(gradient.astype(np.float64)))  # the squares may overflow float32
    return gradient * gradient.dtype.type(max_norm / norm) if norm > max_norm else gradient


@dataclass(frozen=True)
class GradientDescent(Optimizer):
    """θ ← θ - η g. Cauchy (1847)."""

    name = "gradient_descent"
    moment_count = 0
    default_rate = 0.1

    def change(
        self, parameters: Array, gradient: Array, moments: Moments, rate: float, step: int
    ) -> tuple[Array, Moments]:
        return -rate * gradient, ()


@dataclass(frozen=True)
class Momentum(Optimizer):
    """v ← μ v - η g;  θ ← θ + v. Polyak (1964)."""

    momentum: float = constant(0.9, "Share of the last step that is kept.", minimum=0, maximum=1)
    name = "momentum"
    moment_count = 1
    default_rate = 0.01

    def change(
        self, parameters: Array, gradient: Array, moments: Moments, rate: float, step: int
    ) -> tuple[Array, Moments]:
        velocity = self.momentum * moments[0] - rate * gradient
        return velocity, (velocity,)


@dataclass(frozen=True)
class Nesterov(Optimizer):
    """v ← μ v - η g;  θ ← θ + μ v - η g. Nesterov (1983), in the form of Bengio et al. (2012)."""

    momentum: float = constant(0.9, "Share of the last step that is kept.", minimum=0, maximum=1)
    name = "nesterov"
    moment_count = 1
    default_rate = 0.01

    def change(
        self, parameters: Array, gradient: Array, moments: Moments, rate: float, step: int
    ) -> tuple[Array, Moments]:
        velocity = self.momentum * moments[0] - rate * gradient
        return self.momentum * velocity - rate * gradient, (velocity,)


def _root(square: Array, epsilon: float) -> Array:
    """√s + ε, with ε at least the smallest number of the type of s, so that there is no division by 0."""
    return np.sqrt(square) + max(epsilon, float(np.finfo(square.dtype).tiny))


@dataclass(frozen=True)
class RMSprop(Optimizer):
    """s ← ρ s + (1 - ρ) g²;  θ ← θ - η g / (√s + ε). Hinton, *Neural Networks*, lecture 6e (2012)."""

    decay: float = constant(0.9, "Decay rate of the squared gradients.", minimum=0, maximum=1, below=True)
    epsilon: float = constant(1e-8, "Keeps the rule from dividing by 0.", minimum=0)
    name = "rmsprop"
    moment_count = 1

    def change(
        self, parameters: Array, gradient: Array, moments: Moments, rate: float, step: int
    ) -> tuple[Array, Moments]:
        square = self.decay * moments[0] + (1 - self.decay) * gradient**2
        return -rate * gradient / _root(square, self.epsilon), (square,)


@dataclass(frozen=True)
class Adam(Optimizer):
    """m ← β₁ m + (1 - β₁) g;  v ← β₂ v + (1 - β₂) g²;  θ ← θ - η √(1 - β₂ᵗ) / (1 - β₁ᵗ) · m / (√v + ε).

    Kingma, Ba, *Adam* (2015), in the order of computation that the end of its section 2 gives.
    """

    beta1: float = constant(0.9, "Decay rate of the gradients.", minimum=0, maximum=1, below=True)
    beta2: float = constant(0.999, "Decay rate of the squared gradients.", minimum=0, maximum=1, below=True)
    epsilon: float = constant(1e-8, "Keeps the rule from dividing by 0.", minimum=0)
    name = "adam"
    moment_count = 2

    def change(
        self, parameters: Array, gradient: Array, moments: Moments, rate: float, step: int
    ) -> tuple[Array, Moments]:
        m = self.beta1 * moments[0] + (1 - self.beta1) * gradient
        v = self.beta2 * moments[1] + (1 - self.beta2) * gradient**2
        rate *= (1 - self.beta2**step) ** 0.5 / (1 - self.beta1**step)
        return -rate * m / _root(v, self.epsilon), (m, v)


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam, then θ ← θ - η λ θ, which does not pass through the moments. Loshchilov, Hutter (2019).

    η is the rate of the step, so a schedule changes the decay as it changes the step.
    """

    weight_decay: float = constant(0.01, "Share of the parameters that a step at rate 1 removes.", minimum=0)
    name = "adamw"

    def change(
        self, parameters: Array, gradient: Array, moments: Moments, rate: float, step: int
    ) -> tuple[Array, Moments]:
        change, moments = super().change(parameters, gradient, moments, rate, step)
        return change - rate * self.weight_decay * parameters, moments


OPTIMIZERS: dict[str, type[Optimizer]] = {
    rule.name: rule for rule in (GradientDescent, Momentum, Nesterov, RMSprop, Adam, AdamW)
}
