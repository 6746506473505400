"""How far a training is: one line that is written over on a terminal, a few plain lines elsewhere."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, TextIO

from glassnet.training.events import EpochsDone, Event, TrainingEnded, TrainingStarted

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

    def __call__(self, event: Event) -> None:
        if in_notebook() and self._stream is sys.stderr:
            self._show_in_cell(event)
            return
        live = is_live(self._stream)
        if isinstance(event, TrainingStarted) and live and not self._after:
            self._show("starting; Ctrl-C stops and keeps the best epoch", 0, event.epochs)
        elif isinstance(event, EpochsDone) and event.elapsed >= self._after:
            if live:
                self._show(event, event.epoch, event.epochs)
            elif self._is_due(event):
                print(progress_text(event), file=self._stream, flush=True)
        elif isinstance(event, TrainingEnded) and self._live:
            self._live.stop()
            self._live = None

    def _show(self, what: str | EpochsDone, epoch: int, epochs: int) -> None:
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
        self._live.update(self._live.task_ids[0], completed=epoch, shown=shown, refresh=True)

    def _show_in_cell(self, event: Event) -> None:
        """A bar in the output of a notebook's cell, which is updated in place."""
        if isinstance(event, EpochsDone) and event.elapsed >= self._after:
            shown = _Bar(event.epoch / event.epochs, progress_text(event))
            if self._cell is None:
                self._cell = import_module("IPython.display").display(shown, display_id=True)
            else:
                self._cell.update(shown)
        elif isinstance(event, TrainingEnded) and self._cell is not None:
            history = event.history
            self._cell.update(_Bar(1.0, f"{history.epochs} epochs: {event.reason}"))

    def _is_due(self, event: EpochsDone) -> bool:
        last = event.epoch == event.epochs
        if not last and (event.epoch < self._next_epoch or event.elapsed < self._next_time):
            return False
        self._next_epoch = event.epoch + max(1, event.epochs // PLAIN_LINES)
        self._next_time = max(2 * event.elapsed, FIRST_PLAIN_SECONDS)
        return True


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


def progress_text(event: EpochsDone, width: int = 120) -> str:
    """One line; where ``width`` is too small for all of it, the rate and the best epoch are left out first."""
    parts = {
        "epoch": f"epoch {event.epoch}/{event.epochs}",
        "loss": f"loss {event.loss:.4f}",
        "validation": "" if event.validation_loss is None else f"validation {event.validation_loss:.4f}",
        "rate": f"rate {event.rate:.3g}",
        "best": f"best {event.best_epoch}",
        "left": f"at most {_duration(event.remaining)} left",
    }
    for dropped in ("", "rate", "best", "left", "loss"):
        parts.pop(dropped, None)
        text = "  ".join(part for part in parts.values() if part)
        if len(text) <= width:
            break
    return text


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
