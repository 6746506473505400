"""The progress line: rewritten on a terminal, few plain lines elsewhere."""

from __future__ import annotations

import io

import pytest

from glassnet.net import Network
from glassnet.training.events import EpochsDone, TrainingEnded, TrainingStarted
from glassnet.training.history import History
from glassnet.training.progress import ProgressLine, progress_text
from glassnet.training.stop import StopToken

TOKEN = StopToken()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(stream: io.StringIO, epochs: int, seconds: float = 10.0, after: float = 0.0) -> str:
    line = ProgressLine(stream, after=after)
    line(TrainingStarted(TOKEN, Network.of(1, (), 1), "reference", 10, 2, epochs))
    for epoch in range(1, epochs + 1):
        elapsed = seconds * epoch / epochs
        line(
            EpochsDone(
                TOKEN, epoch, epochs, 1 / epoch, 2 / epoch, epoch, 0.01, elapsed, seconds - elapsed, History()
            )
        )
    line(TrainingEnded(TOKEN, "done", History()))
    return stream.getvalue()


def test_few_lines_stay_where_there_is_no_terminal() -> None:
    text = run(io.StringIO(), 200)
    lines = text.splitlines()
    assert 2 <= len(lines) <= 12
    assert lines[-1].startswith("epoch 200/200")
    assert "\r" not in text


def test_a_terminal_has_one_line_that_is_wiped_at_the_end() -> None:
    text = run(Terminal(), 20)
    assert "\n" not in text
    assert text.endswith("\r")
    assert text.split("\r")[-2].strip() == ""


def test_the_line_of_a_narrow_terminal_does_not_wrap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    assert max(map(len, run(Terminal(), 20).split("\r"))) == 29


def test_nothing_is_said_before_its_time() -> None:
    assert run(io.StringIO(), 20, seconds=0.5, after=1.0) == ""


def test_the_line_has_loss_validation_rate_and_time_left() -> None:
    event = EpochsDone(TOKEN, 3, 10, 0.5, 0.25, 2, 0.001, 30.0, 3700.0, History())
    assert progress_text(event) == (
        "epoch 3/10  loss 0.5000  validation 0.2500  rate 0.001  best 2  at most 1:01:40 left"
    )
