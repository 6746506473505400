"""A progress line on a terminal: loss, validation, rate, time left. Plain lines where there is no terminal."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from typing import Any, TextIO

from glassnet.training.events import EpochsDone, Event, TrainingEnded, TrainingStarted

PLAIN_LINES = 10  # a whole training gives about so many lines where lines stay
FIRST_PLAIN_SECONDS = 2.0


class ProgressLine:
    """Watches a training and prints how far it is."""

    def __init__(self, stream: TextIO | None = None, *, after: float = 0.0) -> None:
        """``after``: seconds for which nothing is printed, so that quick trainings stay silent."""
        self._stream = stream or sys.stderr
        self._terminal = is_terminal(self._stream)
        self._after = after
        self._width = 0
        self._next_epoch = 1
        self._next_time = 0.0

    def __call__(self, event: Event) -> None:
        if isinstance(event, TrainingStarted):
            self._started = time.perf_counter()
        elif isinstance(event, EpochsDone) and event.elapsed >= self._after:
            if self._terminal:
                self._rewrite(progress_text(event))
            elif self._is_due(event):
                print(progress_text(event), file=self._stream, flush=True)
        elif isinstance(event, TrainingEnded) and self._width:
            self._rewrite("")
            self._width = 0

    def _rewrite(self, text: str) -> None:
        text = text[: shutil.get_terminal_size().columns - 1]  # a longer line would stay
        self._stream.write("\r" + text.ljust(self._width) + ("\r" if not text else ""))
        self._stream.flush()
        self._width = len(text)

    def _is_due(self, event: EpochsDone) -> bool:
        last = event.epoch == event.epochs
        if not last and (event.epoch < self._next_epoch or event.elapsed < self._next_time):
            return False
        self._next_epoch = event.epoch + max(1, event.epochs // PLAIN_LINES)
        self._next_time = max(2 * event.elapsed, FIRST_PLAIN_SECONDS)
        return True


def is_terminal(stream: Any) -> bool:
    """Whether lines can be written over there. A stream that a program made for itself may not say."""
    asked: Callable[[], bool] | None = getattr(stream, "isatty", None)
    return asked is not None and asked()


def progress_text(event: EpochsDone) -> str:
    validation = "" if event.validation_loss is None else f"  validation {event.validation_loss:.4f}"
    return (
        f"epoch {event.epoch}/{event.epochs}  loss {event.loss:.4f}{validation}  rate {event.rate:.3g}"
        f"  best {event.best_epoch}  at most {_duration(event.remaining)} left"
    )


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
