"""A real terminal: lines of its width, colors, and a progress display that is written over."""

from __future__ import annotations

import contextlib
import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from glassnet.tables import penguins_path

fcntl = pytest.importorskip("fcntl")
pty = pytest.importorskip("pty")
termios = pytest.importorskip("termios")

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def on_a_terminal(
    folder: Path, *arguments: str, columns: int = 80, environment: dict[str, str] | None = None
) -> str:
    """All that a verb writes to a terminal of so many columns."""
    own, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    unset = {"COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "CI"}
    kept = {name: value for name, value in os.environ.items() if name not in unset}
    process = subprocess.Popen(
        [sys.executable, "-m", "glassnet", *arguments],
        cwd=folder,
        env={**kept, "TERM": "xterm-256color", **(environment or {})},
        stdin=other,
        stdout=other,
        stderr=other,
    )
    os.close(other)
    shown = b""
    with process, contextlib.suppress(OSError):  # Linux says so when the other end is closed
        while piece := os.read(own, 65536):
            shown += piece
    os.close(own)
    return shown.decode()


def lines(shown: str) -> list[str]:
    """The lines as they are seen: what is written over counts, too."""
    return [line for line in re.split(r"[\r\n]+", ESCAPES.sub("", shown)) if line]


@pytest.mark.parametrize("columns", [60, 80])
def test_a_training_on_a_terminal(tmp_path: Path, columns: int) -> None:
    shown = on_a_terminal(tmp_path, "train", "--seed", "1", "--epochs", "40", columns=columns)
    assert max(map(len, lines(shown))) <= columns
    assert "starting; Ctrl-C stops" in shown  # the progress display
    assert "\x1b[1mTraining\x1b[0m" in shown
    assert "Saved as model.glassnet" in shown


@pytest.mark.parametrize("columns", [120, 40])
def test_the_progress_is_written_over(tmp_path: Path, columns: int) -> None:
    options = ["--epochs", "300", "--patience", "none", "--hidden", "64,64"]
    shown = on_a_terminal(tmp_path, "train", *options, columns=columns)
    assert "epoch " in shown
    assert "\r" in shown
    assert shown.count("\x1b[?25h") == shown.count("\x1b[?25l") == 1  # the cursor is shown again
    assert "stopped: all epochs done" in " ".join(shown.split())


def test_colors_are_for_terminals_that_want_them(tmp_path: Path) -> None:
    wrong = ["show", "nowhere.glassnet"]
    assert on_a_terminal(tmp_path, *wrong).startswith("\x1b[31merror\x1b[0m: There is no file")
    training = on_a_terminal(tmp_path, "train", "--epochs", "2", environment={"NO_COLOR": "1"})
    assert not re.search(r"\x1b\[[0-9;]*m", training)
    for plain in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert on_a_terminal(tmp_path, *wrong, environment=plain).startswith("error: There is no file")


def test_a_pipe_has_colors_only_where_they_are_forced(tmp_path: Path) -> None:
    def error(**environment: str) -> str:
        kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
        command = [sys.executable, "-m", "glassnet", "show", "nowhere.glassnet"]
        done = subprocess.run(
            command, cwd=tmp_path, env={**kept, **environment}, capture_output=True, text=True, check=False
        )
        return done.stderr

    assert error().startswith("error: ")
    assert error(FORCE_COLOR="1").startswith("\x1b[31merror\x1b[0m: ")
    assert error(FORCE_COLOR="1", NO_COLOR="1").startswith("error: ")


def test_the_severity_of_a_finding_has_a_color(tmp_path: Path) -> None:
    rows = [f"{at % 17},{at % 5},{3 * (at % 17)}" for at in range(300)]
    (tmp_path / "t.csv").write_text("\n".join(["a,b,y", *rows]) + "\n", encoding="utf-8")
    on_a_terminal(tmp_path, "train", "t.csv", "-t", "y", "--epochs", "3", "-q", "--task", "regression")
    assert "\x1b[1;31mserious: a determines y." in on_a_terminal(tmp_path, "doctor", "model.glassnet")


@pytest.mark.parametrize("verb", ["predict", "explain"])
def test_a_result_in_a_narrow_terminal(tmp_path: Path, verb: str) -> None:
    (tmp_path / "new.csv").write_bytes(Path(penguins_path()).read_bytes())
    on_a_terminal(tmp_path, "train", "-q", "--epochs", "2")
    shown = on_a_terminal(tmp_path, verb, "model.glassnet", "new.csv", columns=60)
    assert max(map(len, lines(shown))) <= 60


def test_a_message_is_broken_between_words(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b,y\n" + "1,2,u\n2,1,v\n" * 20, encoding="utf-8")
    (tmp_path / "gaps.csv").write_text("a,b\n,\n1,2\n", encoding="utf-8")
    on_a_terminal(tmp_path, "train", "t.csv", "-t", "y", "-q", "--epochs", "2")
    shown = lines(on_a_terminal(tmp_path, "predict", "model.glassnet", "gaps.csv", columns=60))
    first = next(at for at, line in enumerate(shown) if line.startswith("note: "))
    assert max(map(len, shown)) <= 60
    assert "though the training rows had none" in " ".join(shown[first : first + 3])
