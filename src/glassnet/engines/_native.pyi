"""The C++ core (``native/``). Arrays are C-contiguous; arguments were checked in ``native.py``."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating[Any]]
"""Of the dtype of the run: float32 of Run32 and predictor32, float64 of Run64 and predictor64."""

Entries = tuple[Array, npt.NDArray[np.int32], npt.NDArray[np.intp]]
"""Sparse inputs (N, I): the stored numbers, their columns, and (N + 1,) where each row's numbers begin."""

Rates = npt.NDArray[np.float64]

Layers = Sequence[tuple[int, int, int, float]]
"""(inputs, outputs, number of the activation, dropout) of each layer."""

Loss = tuple[int, float, float, float, float, bool]
"""(number of the loss, its parameter, l1, l2, loss cap, penalty per row)."""

Optimizer = tuple[int, float, float, float, float, float]
"""(number of the optimizer, momentum or decay or beta1, beta2, epsilon, weight decay, max norm)."""

ACTIVATIONS: tuple[str, ...]
LOSSES: tuple[str, ...]
OPTIMIZERS: tuple[str, ...]

def instruction_sets() -> tuple[str, ...]:
    """The instruction sets that this build has and this processor can run, the best first."""

def processors() -> int:
    """The number of processors that this process may use."""

class _Run:
    def __init__(
        self,
        instruction_set: str,
        layers: Layers,
        loss: Loss,
        optimizer: Optimizer,
        dropout_seed: int,
        threads: int,
        /,
    ) -> None: ...
    def epochs(
        self,
        inputs: Array | Entries,
        targets: Array,
        weights: Array | None,
        batch_size: int,
        rates: Rates,
        orders: npt.NDArray[np.intp] | None,
        stop: npt.NDArray[np.uint8] | None,
        losses: Rates,
        penalties: Rates,
    ) -> tuple[int, int]:
        """Finished epochs, and the step that diverged (0: none); fills ``losses`` and ``penalties``."""

    def predict(self, inputs: Array | Entries, outputs: Array) -> None: ...
    def evaluate(self, inputs: Array | Entries, targets: Array, weights: Array | None) -> float: ...
    def gradients(
        self, inputs: Array | Entries, targets: Array, weights: Array | None, gradient: Array
    ) -> float: ...
    def read(self, parameters: Array, moments: Array) -> int:
        """Fills both, ``moments`` (moments, P), and gives the number of steps done."""

    def write(self, parameters: Array, moments: Array, step: int) -> None: ...

class Run32(_Run): ...
class Run64(_Run): ...

def predictor32(
    instruction_set: str, layers: Layers, parameters: Array, threads: int, convert: Callable[[Any], Any], /
) -> Callable[[Any], Any]: ...
def predictor64(
    instruction_set: str, layers: Layers, parameters: Array, threads: int, convert: Callable[[Any], Any], /
) -> Callable[[Any], Any]: ...
