"""What a training loop remembers between two epochs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.engines import Snapshot
from glassnet.training.history import History
from glassnet.training.result import Kept


@dataclass(frozen=True, eq=False)
class LoopState:
    """All that a training loop needs to go on as if it had not been ended; nothing in it changes later.

    The dropout masks follow from the seed and from the step of the run.

    Attributes:
        run: the parameters, and the state of the optimizer.
        order: the state of the generator that draws the orders of the rows; ``None`` if each step takes all rows.
        history: the curves and the snapshots, and why training ended, if it has.
        best: what is kept of the best epoch; ``None`` without validation rows, or before the first finite score.
        epochs: the length of the training that its schedule is planned for.
    """

    run: Snapshot
    order: Mapping[str, Any] | None
    history: History
    best: Kept | None
    epochs: int


def state_of(generator: np.random.Generator | None) -> Mapping[str, Any] | None:
    """The state of a generator, for :func:`set_state`."""
    return None if generator is None else generator.bit_generator.state


def set_state(generator: np.random.Generator | None, state: Mapping[str, Any] | None) -> None:
    """Let the generator draw what the one of that state would have drawn."""
    if generator is not None and state is not None:
        generator.bit_generator.state = state
