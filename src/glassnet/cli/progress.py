"""The live progress line of a training, and plain lines where there is no terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from glassnet.cli import terminal
from glassnet.training.events import EpochsDone, Event, TrainingEnded, TrainingStarted, Watcher
from glassnet.training.progress import ProgressLine, progress_text

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


def display() -> Watcher:
    """What watches a training and prints how far it is, on standard error."""
    return LiveLine() if terminal.is_live(sys.stderr) else ProgressLine(sys.stderr)


class LiveLine:
    """One line that is written over and over, and gone when training ends."""

    def __init__(self) -> None:
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def __call__(self, event: Event) -> None:
        if isinstance(event, TrainingStarted):
            self._open(event.epochs)
        elif isinstance(event, EpochsDone) and self._progress and self._task is not None:
            self._progress.update(self._task, completed=event.epoch, said=progress_text(event), refresh=True)
        elif isinstance(event, TrainingEnded):
            self.close()

    def _open(self, epochs: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn
        from rich.table import Column

        console = Console(stderr=True)
        text = TextColumn("{task.fields[said]}", table_column=Column(no_wrap=True, overflow="ellipsis"))
        # The bar yields to the text where the terminal is narrow.
        columns = [text] if console.width < 100 else [BarColumn(bar_width=20), text]
        self._progress = Progress(*columns, console=console, transient=True, auto_refresh=False)
        self._task = self._progress.add_task(
            "", total=epochs, said="starting; Ctrl-C ends it and keeps the best so far"
        )
        self._progress.start()

    def close(self) -> None:
        """Take the line away, and show the cursor again."""
        if self._progress:
            self._progress.stop()
            self._progress = None
