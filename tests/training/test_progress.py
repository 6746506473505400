"""The progress display: one updated line on a terminal, a few plain lines elsewhere."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
import pytest

from glassnet.net import Network
from glassnet.tables import Schema
from glassnet.training.events import CurrentParameters, EpochsDone, TrainingEnded, TrainingStarted
from glassnet.training.history import History
from glassnet.training.progress import ProgressDisplay, progress_text
from glassnet.training.stop import StopToken

TOKEN = StopToken()
CURRENT = CurrentParameters(None)


def epochs_done(
    epoch: int,
    epochs: int,
    loss: float,
    validation: float,
    best: int,
    rate: float,
    elapsed: float,
    left: float,
) -> EpochsDone:
    curves: dict[str, Any] = {
        name: np.full(epoch, value)
        for name, value in {"loss": loss, "validation_loss": validation, "rate": rate}.items()
    }
    history = History(**curves, best_epoch=best, seconds=elapsed)
    return EpochsDone(TOKEN, CURRENT, epochs, left, history)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(stream: io.StringIO, epochs: int, seconds: float = 10.0, after: float = 0.0) -> str:
    display = ProgressDisplay(stream, after=after)
    display(
        TrainingStarted(
            TOKEN, CURRENT, Network.of(1, (), 1), "reference", 10, 2, epochs, Schema((), (), "regression")
        )
    )
    for epoch in range(1, epochs + 1):
        elapsed = seconds * epoch / epochs
        display(epochs_done(epoch, epochs, 1 / epoch, 2 / epoch, epoch, 0.01, elapsed, seconds - elapsed))
    display(TrainingEnded(TOKEN, CURRENT, History(stop_reason="done")))
    return stream.getvalue()


def test_few_lines_stay_where_there_is_no_terminal() -> None:
    text = run(io.StringIO(), 200)
    lines = text.splitlines()
    assert 2 <= len(lines) <= 12
    assert lines[-1].startswith("epoch 200/200")
    assert "\r" not in text


def test_a_terminal_has_one_line_that_is_wiped_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    text = run(Terminal(), 20)
    assert "epoch 20/20" in text
    assert text.count("\r\x1b[2K") >= 20  # each line replaces the one before
    assert text.count("\x1b[?25h") == text.count("\x1b[?25l") == 1  # the cursor is shown again


@pytest.mark.parametrize("width", [30, 60, 80, 120])
def test_the_line_fits_the_terminal(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(width))
    lines = re.sub(r"\x1b\[[?\d;]*[a-zA-Z]|\r", "\n", run(Terminal(), 20)).split("\n")
    assert max(map(len, lines)) <= width
    assert any(line.startswith("epoch 20/20") or "epoch 20/20" in line for line in lines)
    assert "…" not in "".join(lines) or width == 30


def test_a_dumb_terminal_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in run(Terminal(), 20)


def test_nothing_is_reported_before_its_time() -> None:
    assert run(io.StringIO(), 20, seconds=0.5, after=1.0) == ""


def test_the_line_has_loss_validation_rate_and_time_left() -> None:
    event = epochs_done(3, 10, 0.5, 0.25, 2, 0.001, 30.0, 3700.0)
    assert progress_text(event) == (
        "epoch 3/10  loss 0.5000  validation 0.2500  rate 0.001  best 2  at most 1:01:40 left"
    )
