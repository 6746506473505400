"""The step that an optimizer would make from a gradient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glassnet.caching import cached_property
from glassnet.net import Optimizer, Parameters
from glassnet.net.arrays import Array


@dataclass(frozen=True, eq=False)
class Step:
    """A step of ``optimizer`` with an empty state at the learning rate ``rate``; ``gradient`` is (P,)."""

    optimizer: Optimizer
    parameters: Parameters
    gradient: Array
    rate: float

    @cached_property
    def changes(self) -> Parameters:
        """The change of the parameters; computed on first access."""
        start: Array = self.parameters.vector.astype(np.float64)
        state = self.optimizer.init(start)
        end, _ = self.optimizer.update(start, self.gradient.astype(np.float64), state, self.rate)
        return Parameters(self.parameters.network, (end - start).astype(self.gradient.dtype))
