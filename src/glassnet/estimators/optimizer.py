"""The state of a stochastic solver between epochs, with scikit-learn's names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.engines.protocol import Rates
from glassnet.net import Network, Optimizer, Parameters, State
from glassnet.net.arrays import Array
from glassnet.net.optimizers import Adam, Momentum, Nesterov

SMALLEST_RATE = 1e-6  # the adaptive rate is not divided below it


@dataclass
class OptimizerState:
    """The rule, the learning rate and the moments of ``solver="sgd"`` or ``"adam"``.

    ``learning_rate`` is that of the next epoch under sgd; under adam that of the last step, its
    correction for the first steps included, as scikit-learn shows it.
    """

    rule: Optimizer
    network: Network
    state: State
    schedule: str
    power_t: float
    learning_rate_init: float
    learning_rate: float

    @classmethod
    def of(cls, estimator: Any, network: Network, start: Array) -> OptimizerState:
        """The rule for the parameters of ``estimator``, before its first step."""
        rule: Optimizer
        if estimator.solver == "adam":
            rule = Adam(beta1=estimator.beta_1, beta2=estimator.beta_2, epsilon=estimator.epsilon)
        else:
            rule = (Nesterov if estimator.nesterovs_momentum else Momentum)(momentum=estimator.momentum)
        schedule = estimator.learning_rate if estimator.solver == "sgd" else "constant"
        rate = float(estimator.learning_rate_init)
        return cls(rule, network, rule.init(start), schedule, estimator.power_t, rate, rate)

    def rates(self, epochs: int, steps: int, rows: int, seen: int) -> Rates:
        """(epochs, steps): the learning rate of every step of the next epochs; ``seen`` rows were trained on before."""
        own = np.full(epochs, self.learning_rate_init if isinstance(self.rule, Adam) else self.learning_rate)
        if self.schedule == "invscaling":
            own[1:] = [self._scaled(seen + epoch * rows) for epoch in range(1, epochs)]
        return np.repeat(own[:, None], steps, axis=1)

    def epochs_done(self, state: State, seen: int) -> None:
        """Record the run's ``state`` after training on ``seen`` rows."""
        self.state = state
        if self.schedule == "invscaling":
            self.learning_rate = self._scaled(seen)
        elif isinstance(self.rule, Adam) and self.t:
            correction = np.sqrt(1 - self.rule.beta2**self.t) / (1 - self.rule.beta1**self.t)
            self.learning_rate = float(self.learning_rate_init * correction)

    def _scaled(self, seen: int) -> float:
        return float(self.learning_rate_init / (seen + 1) ** self.power_t)

    def trigger_stopping(self, message: str, verbose: Any) -> bool:
        """Whether training ends after epochs without improvement; the adaptive rate is divided by 5 instead."""
        if self.schedule == "adaptive" and self.learning_rate > SMALLEST_RATE:
            self.learning_rate /= 5.0
            if verbose:
                print(f"{message} Setting learning rate to {self.learning_rate:f}")
            return False
        if verbose:
            small = " Learning rate too small." if self.schedule == "adaptive" else ""
            print(f"{message}{small} Stopping.")
        return True

    @property
    def t(self) -> int:
        """Steps done."""
        return self.state.step

    @property
    def velocities(self) -> list[Array]:
        return self._moment(0)

    @property
    def ms(self) -> list[Array]:
        return self._moment(0)

    @property
    def vs(self) -> list[Array]:
        return self._moment(1)

    def _moment(self, number: int) -> list[Array]:
        layers = Parameters(self.network, self.state.moments[number])
        return [*(layer.weights for layer in layers), *(layer.biases for layer in layers)]
