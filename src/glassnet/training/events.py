"""Events of a training, for callbacks.

Callbacks are functions of one event. They get frozen records, and act on the training only through the event's
stop token. They are called in the thread that called ``train``, also where several networks are trained side by side.
A callback that fails is detached with a warning; one that is slow is called less often, so that it takes
at most a tenth of the time.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.engines import Rows, Snapshot
from glassnet.engines.protocol import Order
from glassnet.errors import InputError, InputTypeError
from glassnet.net import Network
from glassnet.net.arrays import Array
from glassnet.tables import Schema
from glassnet.training.history import History
from glassnet.training.pace import Pace
from glassnet.training.stop import StopToken

EVENTS_PER_SECOND = 20
SLOW_SHARE = 0.1  # a callback gets at most this share of the time


class CurrentParameters:
    """The parameters of the network at an event: (P,), copied when they are asked for."""

    def __init__(self, copy: Callable[[], Array] | None) -> None:
        self._copy = copy

    def read(self) -> Array:
        if self._copy is None:
            raise InputError("the parameters of an event can be read only until the callback returns.")
        return self._copy()

    def close(self) -> None:
        self._copy = None


@dataclass(frozen=True)
class Event:
    """What a callback gets.

    Attributes:
        stop: the token by which a callback ends the training, of all networks.
        current: the network's parameters, which :meth:`parameters` reads.
        member: the number of the network, from 0, that the event is about.
        members: the number of networks that are trained (the setting of this name).
    """

    stop: StopToken = field(repr=False)
    current: CurrentParameters = field(repr=False)
    member: int = field(default=0, kw_only=True)
    members: int = field(default=1, kw_only=True)

    def parameters(self) -> Array:
        """A copy of the network's parameters (P,) at this event; see :class:`glassnet.net.Parameters`.

        Raises:
            InputError: the callback has returned, and training has gone on.
        """
        return self.current.read()


@dataclass(frozen=True)
class RowsRead(Event):
    """More rows were read of a table that does not fit into memory, before training starts; there are no parameters.

    Attributes:
        doing: what is done with them: ``reading``, the first pass over the table, or ``encoding``, the second.
        rows: the number of rows so far.
        of: the number of all rows; 0 while it is not known.
        elapsed: seconds since the first pass began.
    """

    doing: str
    rows: int
    of: int
    elapsed: float


@dataclass(frozen=True)
class TrainingStarted(Event):
    """Training is about to start. Sent once, also where several networks are trained.

    Attributes:
        network: the network that is trained.
        engine: the name of the engine.
        rows: the number of training rows.
        validation_rows: the number of validation rows; with folds, of the rows that are validation rows of a network.
        epochs: the maximum number of epochs.
        schema: the columns of the table.
        model: the model before training, a :class:`glassnet.Model`.
        parts: the numbers of the table's rows, from 0, in each part of it: ``train``, ``validation`` and ``holdout``.
        folds: the number of folds of the training rows, each of which is the validation rows of a network; 0 if all
            networks have the same training rows.
        seconds: of the training of all networks if none stops early, estimated from a few steps.
    """

    network: Network
    engine: str
    rows: int
    validation_rows: int
    epochs: int
    schema: Schema = field(repr=False)
    model: Any = field(default=None, repr=False)
    parts: Mapping[str, npt.NDArray[np.int64]] = field(default_factory=dict, repr=False)
    folds: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class EpochsDone(Event):
    """One or more further epochs of a network are done.

    Attributes:
        epochs: the maximum number of epochs.
        remaining: the expected seconds until the end, if all epochs are run.
        history: the record so far.
    """

    epochs: int
    remaining: float
    history: History = field(repr=False)

    @property
    def epoch(self) -> int:
        """The number of epochs done."""
        return self.history.epochs

    @property
    def loss(self) -> float:
        """The mean loss of the training rows over the last epoch."""
        return float(self.history.loss[-1])

    @property
    def validation_loss(self) -> float | None:
        """After the last epoch; ``None`` without validation rows."""
        losses = self.history.validation_loss
        return float(losses[-1]) if len(losses) else None

    @property
    def best_epoch(self) -> int:
        """The epoch with the best validation result so far; without validation rows, the last one."""
        return self.history.best_epoch or self.epoch

    @property
    def rate(self) -> float:
        """The learning rate of the last step."""
        return float(self.history.rate[-1])

    @property
    def elapsed(self) -> float:
        """The seconds since training started."""
        return self.history.seconds


@dataclass(frozen=True)
class StepDone(Event):
    """One step of the optimizer is done, in an epoch that a :class:`Pace` runs step by step.

    It is step ``place`` of the ``steps`` of the epoch, on ``batch``: the training rows at the positions ``rows``, in
    this order. ``loss`` is the objective over the batch before the step, ``rate`` the learning rate. ``before`` and
    ``after`` hold the parameters and the optimizer's state.
    """

    epoch: int
    place: int
    steps: int
    batch: Rows = field(repr=False)
    rows: Order = field(repr=False)
    rate: float
    loss: float
    before: Snapshot = field(repr=False)
    after: Snapshot = field(repr=False)


@dataclass(frozen=True)
class TrainingEnded(Event):
    """The training of a network has ended, and so has all training if it is the last of the ``members``.

    ``history`` is the whole record of the network, and the parameters are those that are kept.
    """

    history: History

    @property
    def reason(self) -> str:
        """Why training ended."""
        return self.history.stop_reason


@dataclass(frozen=True)
class ModelTrained(Event):
    """The call that trains is about to return ``model``, a :class:`glassnet.Model`; no event comes after this one.

    Its parameters are those of the first network.
    """

    model: Any = field(repr=False)


@dataclass(frozen=True)
class TrainingFailed(Event):
    """Training had started, and the call that trains is about to raise ``error``; there are no parameters."""

    error: BaseException


Callback = Callable[[Event], object]


def callbacks_of(given: Callback | Iterable[Callback] | None) -> list[Callback]:
    """One callback, several or none as a list.

    Raises:
        InputTypeError: something that is not a function.
    """
    if given is None:
        return []
    callbacks: list[Any] = [given] if callable(given) or not isinstance(given, Iterable) else list(given)
    for callback in callbacks:
        if not callable(callback):
            raise InputTypeError(f"callbacks takes functions of one event, but got {callback!r}.")
    return callbacks


class Callbacks:
    """Calls every callback with each event, and keeps training safe from their errors and delays."""

    def __init__(self, callbacks: Callback | Iterable[Callback] | None = None) -> None:
        self._resting_until = dict.fromkeys(callbacks_of(callbacks), 0.0)

        self.pace = next((each for each in self._resting_until if isinstance(each, Pace)), None)

    def __bool__(self) -> bool:
        return bool(self._resting_until)

    @contextmanager
    def told_of_failure(self, stop: StopToken, members: int) -> Iterator[None]:
        """A context whose errors are sent as a :class:`TrainingFailed`, and raised."""
        try:
            yield
        except BaseException as error:
            self.send(TrainingFailed(stop, CurrentParameters(None), error, members=members))
            raise

    def send(self, event: Event) -> bool:
        """Call every callback; one that is slow is not called for some epochs. Returns whether all were called."""
        whole = True
        paused = self.pace is not None and self.pace.waits  # then nothing later tells of these epochs
        skippable = isinstance(event, EpochsDone) and event.epoch < event.epochs and not paused
        for callback, resting_until in list(self._resting_until.items()):
            started = time.perf_counter()
            if skippable and started < resting_until:
                whole = False
                continue
            try:
                callback(event)
            except Exception as error:
                del self._resting_until[callback]
                warnings.warn(
                    f"the callback {callback!r} failed and is not called any more: {type(error).__name__}: {error}",
                    RuntimeWarning,
                    stacklevel=2,
                )
                continue
            ended = time.perf_counter()
            self._resting_until[callback] = ended + (ended - started) / SLOW_SHARE
        event.current.close()
        return whole
