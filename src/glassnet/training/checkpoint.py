"""Checkpoints: a file from which a training goes on after it was killed or stopped."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from glassnet.engines import Engine
from glassnet.errors import (
    CheckpointError,
    CheckpointWarning,
    DivergenceError,
    InputError,
    InputTypeError,
    called,
    report_result,
    warn_at_caller,
)
from glassnet.net import Parameters
from glassnet.tables.seeds import drawn_seed
from glassnet.training.checkpoint_file import CHECKPOINT, Shapes, read, states_of, write
from glassnet.training.loop_state import LoopState
from glassnet.training.prepare import Prepared
from glassnet.training.stop import StopToken
from glassnet.training.training_identity import TrainingIdentity

SECONDS = 60.0


@dataclass(frozen=True)
class Checkpoint:
    """Where and how often a training writes down all that it needs to go on.

    Args:
        path: of the file.
        seconds: from one time that it is written to the next; 0 writes it after every call of the engine, which is
            an epoch or, without validation rows, may be several.
        keep: whether the file stays after a training that ended by itself; by default it is removed.

    Raises:
        InputError: ``seconds`` is no number that is at least 0.
        InputTypeError: ``path`` is no path.
    """

    path: str | os.PathLike[str]
    seconds: float = SECONDS
    keep: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.path, (str, os.PathLike)):
            raise InputTypeError(
                f"{called('checkpoint')} is {self.path!r:.80}, but must be a path or a Checkpoint."
            )
        if (
            not isinstance(self.seconds, (int, float))
            or isinstance(self.seconds, bool)
            or not self.seconds >= 0
        ):
            raise InputError(f"seconds is {self.seconds!r:.80}, but must be a number at least 0.")

    @property
    def name(self) -> str:
        """The path as text."""
        return os.fsdecode(self.path)

    def remove(self) -> None:
        """Remove the file, if it is there.

        Warns:
            CheckpointWarning: it cannot be removed.
        """
        try:
            os.unlink(os.path.realpath(self.name))
        except FileNotFoundError:
            pass
        except OSError as error:  # the model must not be lost for it
            reason = error.strerror or error
            message = (
                f"the checkpoint {self.name!r} cannot be removed: {reason}. Remove it before you train again."
            )
            warn_at_caller()(CheckpointWarning(message))


class OpenCheckpoint:
    """A checkpoint during a training. The states of several networks are independent of each other.

    Raises:
        CheckpointError: there is a file, but it is damaged or no checkpoint.
        OSError: the file cannot be written.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.states: dict[int, LoopState] = {}
        self._own, self._name = checkpoint, checkpoint.name
        self._writing = threading.Lock()
        self._changed = False
        self._written = time.monotonic()
        self._failed = False
        self._found = None
        if os.path.exists(self._name):  # a pipe is refused before it is opened for writing
            self._found = read(self._name)
        CHECKPOINT.check_path(self._name)

    @classmethod
    def of(cls, given: str | os.PathLike[str] | Checkpoint | None) -> OpenCheckpoint | None:
        """The one that the argument ``checkpoint`` of ``train`` asks for."""
        if given is None:
            return None
        return cls(given if isinstance(given, Checkpoint) else Checkpoint(given))

    @property
    def seed(self) -> int | None:
        """The seed of the training that the file is of; ``None`` without a file."""
        seed = None if self._found is None else self._found[0].training.settings.get("seed")
        return seed if isinstance(seed, int) and seed >= 0 else None

    def begin(self, prepared: Prepared, first: Sequence[Parameters], engine: Engine) -> None:
        """Take the states from the file, or write a first file if there is none.

        Args:
            first: the parameters of each network before training.

        Warns:
            CheckpointWarning: training goes on from the file.

        Raises:
            CheckpointError: the file is of another training; all differences at once.
            OSError: the file cannot be written.
        """
        self._training = training = TrainingIdentity.of(prepared, first, engine)
        if self._found is None:
            write(self._name, training, {})
            return
        found, tensors = self._found
        if differences := [*training.differences(found.training)]:
            start = f"{self._name!r} is a checkpoint of another training:"
            advice = "To begin this training, name another file, or remove that one; it was not changed."
            raise CheckpointError([*(f"{start} {fault}" for fault in differences), advice])
        self.states = states_of(self._name, found, tensors, _shapes(prepared, first))
        self._found = None
        report_result(self._note(found.training, len(first)), CheckpointWarning, to_reports=True)

    def _note(self, earlier: TrainingIdentity, members: int) -> str:
        epochs = [own.history.epochs for own in self.states.values()]
        epochs += [0] * (members - len(epochs))
        count = (
            f"{epochs[0]:,} epochs" if len(set(epochs)) == 1 else f"{min(epochs):,} to {max(epochs):,} epochs"
        )
        note = f"Training goes on from the checkpoint {self._name!r}, after {count}."
        if changes := self._training.changes(earlier):
            note += f" It was written elsewhere ({'; '.join(changes)}), so the last digits of the result may differ."
        return note

    def record(self, number: int, state: LoopState) -> None:
        """Take the state of the loop of that network, and write the file if it is time.

        Warns:
            CheckpointWarning: the file could not be written, for the first time.
        """
        self.states[number] = state
        self._changed = True
        due = time.monotonic() - self._written >= self._own.seconds
        if due and self._writing.acquire(blocking=False):  # while a thread writes, the others go on
            try:
                self._write()
            finally:
                self._writing.release()

    def end(self, stop: StopToken) -> None:
        """Training has ended: remove the file if it has ended by itself, write it if it was stopped."""
        if stop.stopped or self._own.keep:
            self.write()
        else:
            self.remove()

    def remove(self) -> None:
        """As :meth:`Checkpoint.remove`."""
        self._own.remove()

    def write(self) -> None:
        """Write the file, if anything has changed.

        Warns:
            CheckpointWarning: it could not be written.
        """
        with self._writing:
            self._failed = False  # what stays is older than the end, so this is said again
            if self._changed:
                self._write()

    def _write(self) -> None:
        try:
            self._changed = False
            write(self._name, self._training, dict(self.states))
        except (OSError, MemoryError) as error:
            self._changed = True
            if not self._failed:
                self._failed = True
                reason = getattr(error, "strerror", None) or str(error) or "there is not enough memory"
                message = (
                    f"the checkpoint {self._name!r} cannot be written: {reason}. Training goes on without it."
                )
                warn_at_caller()(CheckpointWarning(message))
        self._written = time.monotonic()


def seed_of(checkpoint: OpenCheckpoint | None) -> int:
    """The seed of a training that sets none: that of its checkpoint, or a new one."""
    seed = None if checkpoint is None else checkpoint.seed
    return drawn_seed() if seed is None else seed


@contextmanager
def kept_until_end(checkpoint: OpenCheckpoint | None, stop: StopToken) -> Iterator[None]:
    """Within, a training is run, which ``stop`` stops: at the end, its checkpoint is removed or written."""
    if checkpoint is None:
        yield
        return
    try:
        yield
    except DivergenceError:  # to go on would end in the same way
        checkpoint.remove()
        raise
    except BaseException:
        checkpoint.write()
        raise
    checkpoint.end(stop)


def _shapes(prepared: Prepared, first: Sequence[Parameters]) -> list[Shapes]:
    settings = prepared.settings
    shapes = []
    for number, own in enumerate(first):
        rows = prepared.of_member(number)
        shapes.append(
            Shapes(
                own.vector.size,
                settings.optimizer.moment_count,
                own.dtype.name,
                None if rows.validation is None else rows.validation.rows.targets.shape,
                settings.metric is not None,
                rows.count > (settings.batch_size or rows.count),
                settings.snapshots,
            )
        )
    return shapes
