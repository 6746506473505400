"""
The kernels of the native engine. Arrays are C-contiguous; native.py checks all arguments.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy
from numpy.typing import NDArray

ACTIVATIONS: tuple[str, ...]

LOSSES: tuple[str, ...]

OPTIMIZERS: tuple[str, ...]

def instruction_sets() -> tuple[str, ...]:
    """
    The compiled instruction sets that this processor can run, the best first.
    """

def processors() -> int:
    """The number of processors that this process may use."""

class Run32:
    """
    One network during training. A call ends early once the byte ``stop`` is set.
    """

    def __init__(
        self,
        instruction_set: str,
        layers: Sequence[tuple[int, int, int, float]],
        objective: tuple[int, float, float, float, float, bool],
        optimizer: tuple[int, float, float, float, float, float],
        dropout_seed: int,
        threads: int,
    ) -> None:
        """
        ``layers``: (inputs, outputs, activation, dropout) each; ``objective``: (loss, parameter, l1, l2, loss cap,
        penalty per row); ``optimizer``: (optimizer, decay, decay2, epsilon, weight decay, max norm). Activation, loss
        and optimizer are their positions in ``ACTIVATIONS``, ``LOSSES`` and ``OPTIMIZERS``.
        """

    def epochs(
        self,
        inputs: NDArray[numpy.floating[Any]]
        | tuple[NDArray[numpy.floating[Any]], NDArray[numpy.int32], NDArray[numpy.int64]],
        targets: NDArray[numpy.floating[Any]],
        weights: NDArray[numpy.floating[Any]] | None,
        batch_size: int,
        rates: NDArray[numpy.floating[Any]],
        orders: NDArray[numpy.int64] | None,
        stop: NDArray[numpy.uint8] | None,
        losses: NDArray[numpy.floating[Any]],
        penalties: NDArray[numpy.floating[Any]],
    ) -> tuple[int, int]:
        """
        The number of finished epochs, and the step that diverged (0: none). Writes ``losses`` and ``penalties``.

        Sparse ``inputs`` are the stored values, their columns, and (N + 1,) where the values of each row begin.
        """

    def predict(
        self,
        inputs: NDArray[numpy.floating[Any]]
        | tuple[NDArray[numpy.floating[Any]], NDArray[numpy.int32], NDArray[numpy.int64]],
        outputs: NDArray[numpy.floating[Any]],
        stop: NDArray[numpy.uint8] | None = None,
    ) -> None:
        """Writes ``outputs`` (N, O)."""

    def evaluate(
        self,
        inputs: NDArray[numpy.floating[Any]]
        | tuple[NDArray[numpy.floating[Any]], NDArray[numpy.int32], NDArray[numpy.int64]],
        targets: NDArray[numpy.floating[Any]],
        weights: NDArray[numpy.floating[Any]] | None,
        stop: NDArray[numpy.uint8] | None = None,
        outputs: NDArray[numpy.floating[Any]] | None = None,
        losses: NDArray[numpy.floating[Any]] | None = None,
    ) -> float:
        """
        The mean loss. Writes ``outputs`` (N, O) and the ``losses`` (N,) of the rows, if they are given.
        """

    def gradients(
        self,
        inputs: NDArray[numpy.floating[Any]]
        | tuple[NDArray[numpy.floating[Any]], NDArray[numpy.int32], NDArray[numpy.int64]],
        targets: NDArray[numpy.floating[Any]],
        weights: NDArray[numpy.floating[Any]] | None,
        gradient: NDArray[numpy.floating[Any]],
    ) -> float:
        """The objective over all rows. Writes ``gradient`` (P,)."""

    def read(
        self, parameters: NDArray[numpy.floating[Any]], moments: NDArray[numpy.floating[Any]] | None = None
    ) -> int:
        """
        The number of steps done. Writes ``parameters`` (P,), and ``moments`` (moments, P) if they are given.
        """

    def write(
        self, parameters: NDArray[numpy.floating[Any]], moments: NDArray[numpy.floating[Any]], step: int
    ) -> None:
        """Replaces what ``read`` reads."""

def predictor32(
    instruction_set: str,
    layers: Sequence[tuple[int, int, int, float]],
    parameters: NDArray[numpy.floating[Any]],
    threads: int,
    convert: Callable[[Any], Any],
) -> Callable[[Any], Any]:
    """
    A function from inputs (I,) or (N, I) to outputs. Passes inputs that are not a contiguous array of its type to
    ``convert``.
    """

class Run64:
    """
    One network during training. A call ends early once the byte ``stop`` is set.
    """

    def __init__(
        self,
        instruction_set: str,
        layers: Sequence[tuple[int, int, int, float]],
        objective: tuple[int, float, float, float, float, bool],
        optimizer: tuple[int, float, float, float, float, float],
        dropout_seed: int,
        threads: int,
    ) -> None:
        """
        ``layers``: (inputs, outputs, activation, dropout) each; ``objective``: (loss, parameter, l1, l2, loss cap,
        penalty per row); ``optimizer``: (optimizer, decay, decay2, epsilon, weight decay, max norm). Activation, loss
        and optimizer are their positions in ``ACTIVATIONS``, ``LOSSES`` and ``OPTIMIZERS``.
        """

    def epochs(
        self,
        inputs: NDArray[numpy.floating[Any]]
        | tuple[NDArray[numpy.floating[Any]], NDArray[numpy.int32], NDArray[numpy.int64]],
        targets: NDArray[numpy.floating[Any]],
        weights: NDArray[numpy.floating[Any]] | None,
        batch_size: int,
        rates: NDArray[numpy.floating[Any]],
        orders: NDArray[numpy.int64] | None,
        stop: NDArray[numpy.uint8] | None,
        losses: NDArray[numpy.floating[Any]],
        penalties: NDArray[numpy.floating[Any]],
    ) -> tuple[int, int]:
        """
        The number of finished epochs, and the step that diverged (0: none). Writes ``losses`` and ``penalties``.

        Sparse ``inputs`` are the stored values, their columns, and (N + 1,) where the values of each row begin.
        """

    def predict(
        self,
        inputs: NDArray[numpy.floating[Any]]
        | tuple[NDArray[numpy.floating[Any]], NDArray[numpy.int32], NDArray[numpy.int64]],
        outputs: NDArray[numpy.floating[Any]],
        stop: NDArray[numpy.uint8] | None = None,
    ) -> None:
        """Writes ``outputs`` (N, O)."""

    def evaluate(
        self,
        inputs: NDArray[numpy.floating[Any]]
        | tuple[NDArray[numpy.floating[Any]], NDArray[numpy.int32], NDArray[numpy.int64]],
        targets: NDArray[numpy.floating[Any]],
        weights: NDArray[numpy.floating[Any]] | None,
        stop: NDArray[numpy.uint8] | None = None,
        outputs: NDArray[numpy.floating[Any]] | None = None,
        losses: NDArray[numpy.floating[Any]] | None = None,
    ) -> float:
        """
        The mean loss. Writes ``outputs`` (N, O) and the ``losses`` (N,) of the rows, if they are given.
        """

    def gradients(
        self,
        inputs: NDArray[numpy.floating[Any]]
        | tuple[NDArray[numpy.floating[Any]], NDArray[numpy.int32], NDArray[numpy.int64]],
        targets: NDArray[numpy.floating[Any]],
        weights: NDArray[numpy.floating[Any]] | None,
        gradient: NDArray[numpy.floating[Any]],
    ) -> float:
        """The objective over all rows. Writes ``gradient`` (P,)."""

    def read(
        self, parameters: NDArray[numpy.floating[Any]], moments: NDArray[numpy.floating[Any]] | None = None
    ) -> int:
        """
        The number of steps done. Writes ``parameters`` (P,), and ``moments`` (moments, P) if they are given.
        """

    def write(
        self, parameters: NDArray[numpy.floating[Any]], moments: NDArray[numpy.floating[Any]], step: int
    ) -> None:
        """Replaces what ``read`` reads."""

def predictor64(
    instruction_set: str,
    layers: Sequence[tuple[int, int, int, float]],
    parameters: NDArray[numpy.floating[Any]],
    threads: int,
    convert: Callable[[Any], Any],
) -> Callable[[Any], Any]:
    """
    A function from inputs (I,) or (N, I) to outputs. Passes inputs that are not a contiguous array of its type to
    ``convert``.
    """
