"""How far a training is: one line that is written over on a terminal, a few plain lines elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np

from glassnet.training.events import (
    Callback,
    EpochsDone,
    Event,
    RowsRead,
    TrainingEnded,
    TrainingStarted,
    callbacks_of,
)

QUIET_SECONDS = 1.0  # with progress=None, shorter trainings print nothing

if TYPE_CHECKING:
    from rich.progress import Progress

PLAIN_LINES = 10  # a whole training prints about so many lines where lines stay
FIRST_PLAIN_SECONDS = 2.0
BAR_FROM = 110  # columns of a terminal that has a bar beside the text


class ProgressDisplay:
    """A callback of a training that prints how far it is.

    Args:
        stream: where to print; by default standard error.
        after: seconds for which nothing is printed, so that quick trainings stay silent.
    """

    def __init__(self, stream: TextIO | None = None, *, after: float = 0.0) -> None:
        self._stream = stream or sys.stderr
        self._after = after
        self._live: Progress | None = None
        self._cell: Any = None
        self._next_epoch = 1
        self._next_time = 0.0
        self._latest: dict[int, EpochsDone] = {}  # of each network
        self._ended: set[int] = set()

    def __call__(self, event: Event) -> None:
        if isinstance(event, EpochsDone):
            self._latest[event.member] = event
        elif isinstance(event, TrainingEnded):
            self._ended.add(event.member)
            if len(self._ended) < event.members:
                return
        if in_notebook() and self._stream is sys.stderr:
            self._show_in_cell(event)
            return
        live = is_live(self._stream)
        if isinstance(event, RowsRead):
            self._show_reading(event, live)
            return
        if isinstance(event, TrainingStarted):
            self._next_time = 0.0
        if isinstance(event, TrainingStarted) and live and not self._after:
            self._show("starting; Ctrl-C stops and keeps the best epoch", 0, event.epochs)
        elif isinstance(event, EpochsDone) and event.elapsed >= self._after:
            done = self._done(event)
            if live:
                self._show(done, done.epoch, done.epochs)
            elif self._is_due(done):
                print(progress_text(done), file=self._stream, flush=True)
        elif isinstance(event, TrainingEnded) and self._live:
            self._live.stop()
            self._live = None

    def _done(self, event: EpochsDone) -> EpochsDone | MembersDone:
        """The event; where several networks are trained, what is done of all of them."""
        if event.members == 1:
            return event
        going = [own for number, own in self._latest.items() if number not in self._ended]
        waiting = event.members - len(self._ended) - len(going)
        return MembersDone(event.members, tuple(self._latest.values()), tuple(going), waiting > 0)

    def _show_reading(self, event: RowsRead, live: bool) -> None:
        """How far the passes over a table are that is read in blocks; of short ones nothing."""
        if event.elapsed < max(self._after, FIRST_PLAIN_SECONDS):
            return
        text = f"{event.doing}: {event.rows:,} " + (f"of {event.of:,} rows" if event.of else "rows")
        if live:
            self._show(text, event.rows, event.of or event.rows)
        elif event.elapsed >= self._next_time:
            self._next_time = 2 * event.elapsed
            print(text, file=self._stream, flush=True)

    def _show(self, what: str | EpochsDone | MembersDone, epoch: int, epochs: int) -> None:
        """Write the line over, which a terminal needs rich for."""
        if self._live is None:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn
            from rich.table import Column

            console = Console(file=self._stream)
            text = TextColumn("{task.fields[shown]}", table_column=Column(no_wrap=True, overflow="ellipsis"))
            columns = [text] if console.width < BAR_FROM else [BarColumn(bar_width=20), text]
            self._live = Progress(*columns, console=console, transient=True, auto_refresh=False)
            self._live.add_task("", total=epochs, shown="")
            self._live.start()
        shown = what if isinstance(what, str) else progress_text(what, self._live.console.width - 1)
        self._live.update(self._live.task_ids[0], completed=epoch, total=epochs, shown=shown, refresh=True)

    def _show_in_cell(self, event: Event) -> None:
        """A bar in the output of a notebook's cell, which is updated in place."""
        if isinstance(event, EpochsDone) and event.elapsed >= self._after:
            done = self._done(event)
            shown = _Bar(done.epoch / done.epochs, progress_text(done))
            if self._cell is None:
                self._cell = import_module("IPython.display").display(shown, display_id=True)
            else:
                self._cell.update(shown)
        elif isinstance(event, TrainingEnded) and self._cell is not None:
            text = f"{event.history.epochs} epochs: {event.reason}"
            self._cell.update(_Bar(1.0, f"{event.members} networks trained" if event.members > 1 else text))

    def _is_due(self, event: EpochsDone | MembersDone) -> bool:
        last = event.epoch == event.epochs
        if not last and (event.epoch < self._next_epoch or event.elapsed < self._next_time):
            return False
        self._next_epoch = event.epoch + max(1, event.epochs // PLAIN_LINES)
        self._next_time = max(2 * event.elapsed, FIRST_PLAIN_SECONDS)
        return True


@dataclass(frozen=True)
class MembersDone:
    """How far several networks are that are trained side by side.

    Attributes:
        members: the number of networks.
        latest: the last event of each that has sent one.
        going: those of them whose networks are still trained.
        waits: whether a network has not sent any event.
    """

    members: int
    latest: tuple[EpochsDone, ...]
    going: tuple[EpochsDone, ...]
    waits: bool

    @property
    def epoch(self) -> int:
        """The number of epochs done by the slowest network."""
        return 0 if self.waits else min(event.epoch for event in self.going or self.latest)

    @property
    def epochs(self) -> int:
        return max(event.epochs for event in self.latest)

    @property
    def elapsed(self) -> float:
        return max(event.elapsed for event in self.latest)

    @property
    def parts(self) -> dict[str, str]:
        """What a line says: the losses are means over the networks."""
        losses = [event.validation_loss for event in self.latest]
        known = [loss for loss in losses if loss is not None]
        return {
            "epoch": f"{self.members} networks  epoch {self.epoch}/{self.epochs}",
            "loss": f"loss {np.mean([event.loss for event in self.latest]):.4f}",
            "validation": f"validation {np.mean(known):.4f}" if known else "",
            "trained": f"{len(self.going)} still trained" if len(self.going) < len(self.latest) else "",
            "left": f"at most {_duration(max(event.remaining for event in self.going or self.latest))} left",
        }


class _Bar:
    """How far a training is, as a notebook shows it."""

    def __init__(self, share: float, text: str) -> None:
        self.share, self.text = share, text

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return (
            f'<progress value="{self.share:.4f}" max="1" style="width:16em;vertical-align:middle"></progress> '
            f'<span style="font-variant-numeric:tabular-nums">{self.text}</span>'
        )


def with_progress(callbacks: Callback | Iterable[Callback] | None, progress: bool | None) -> list[Callback]:
    """The callbacks, with a display of the progress as the argument of ``train`` asks for it."""
    own = callbacks_of(callbacks)
    # a program without a console may have no standard error, or an object of its own
    listening = sys.stderr is not None and not getattr(sys.stderr, "closed", False)
    if listening and (progress or (progress is None and (is_terminal(sys.stderr) or in_notebook()))):
        own.append(ProgressDisplay(after=0.0 if progress else QUIET_SECONDS))
    return own


def in_notebook() -> bool:
    """Whether the output of this process is shown in the cells of a notebook."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


def is_terminal(stream: Any) -> bool:
    """Whether ``stream`` is a terminal; a stream that a program made for itself may not say."""
    return bool(getattr(stream, "isatty", lambda: False)())


def is_live(stream: Any) -> bool:
    """Whether a line on ``stream`` can be written over: a terminal, and not a dumb one."""
    return is_terminal(stream) and os.environ.get("TERM") != "dumb"


def progress_text(event: EpochsDone | MembersDone, width: int = 120) -> str:
    """One line; where ``width`` is too small for all of it, the rate and the best epoch are left out first."""
    parts = _parts(event) if isinstance(event, EpochsDone) else event.parts
    for dropped in ("", "rate", "best", "trained", "left", "loss"):
        parts.pop(dropped, None)
        text = "  ".join(part for part in parts.values() if part)
        if len(text) <= width:
            break
    return text


def _parts(event: EpochsDone) -> dict[str, str]:
    return {
        "epoch": f"epoch {event.epoch}/{event.epochs}",
        "loss": f"loss {event.loss:.4f}",
        "validation": "" if event.validation_loss is None else f"validation {event.validation_loss:.4f}",
        "rate": f"rate {event.rate:.3g}",
        "best": f"best {event.best_epoch}",
        "left": f"at most {_duration(event.remaining)} left",
    }


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
