"""Ctrl-C and SIGTERM at any time: what was trained is kept, and there is one line and the documented exit code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import glassnet
from effort import HANG

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are Unix's")
COMMAND = [sys.executable, "-m", "glassnet"]
SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
END = "from glassnet.__main__ import run\nraise SystemExit(run())"


@pytest.fixture
def big(tmp_path: Path) -> Path:
    values = np.random.default_rng(0).normal(size=(20_000, 4))
    path = tmp_path / "big.csv"
    np.savetxt(path, values, delimiter=",", header="a,b,c,y", comments="", fmt="%.4f")
    return path


def train_until(line: str, stream: str, numbers: list[int], folder: Path, *more: str) -> tuple[int, str, str]:
    """Train on ``big.csv``; send the signals once a line of ``stream`` has ``line``. Exit code and both streams."""
    command = [
        *COMMAND,
        "train",
        "--recipe",
        "single",
        "big.csv",
        "-t",
        "y",
        "--epochs",
        "1000000",
        "--patience",
        "none",
        *more,
    ]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    try:
        seen = []
        for text in getattr(process, stream):
            seen.append(text)
            if line in text:
                break
        for number in numbers:
            process.send_signal(number)
        out, err = process.communicate(timeout=HANG)
    finally:
        process.kill()
    return process.returncode, out, "".join(seen) + err if stream == "stderr" else err


@SIGNALS
@pytest.mark.parametrize("times", [1, 5])
def test_signals_during_training_keep_the_best_so_far(
    big: Path, tmp_path: Path, number: int, times: int
) -> None:
    code, out, err = train_until("epoch ", "stderr", [number] * times, tmp_path)
    assert code == 0, err
    assert "stopped: interrupted" in out
    assert "Traceback" not in err
    model = glassnet.load(tmp_path / "model.glassnet")
    assert model.history.stop_reason == "interrupted"
    assert 1 <= model.history.best_epoch <= model.history.epochs < 1_000_000
    assert model.predict(big).shape == (20_000,)


@SIGNALS
def test_a_signal_within_the_first_epoch_leaves_no_model_and_says_so(
    big: Path, tmp_path: Path, number: int
) -> None:
    (tmp_path / "model.glassnet").write_text("an older file")
    code, _, err = train_until("training rows", "stdout", [number], tmp_path, "--hidden", "3000,3000")
    assert code == 130
    assert err.splitlines()[-2:] == [
        "note: training was stopped before its first epoch was complete, so there is no model to keep.",
        "interrupted",
    ]
    assert (tmp_path / "model.glassnet").read_text() == "an older file"


def run(code: str, folder: Path, *arguments: str) -> tuple[int, str, str]:
    """The command, after ``code``, in a process of its own."""
    program = f"import os, signal, sys\n{code}\n{END}"
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=folder, capture_output=True, text=True
    )
    return done.returncode, done.stdout, done.stderr


@SIGNALS
@pytest.mark.parametrize(
    "module",
    [
        "glassnet.cli",
        "glassnet.cli.process",
        "glassnet.cli.terminal",
        "typer",
        "numpy",
        "numpy._core.multiarray",
        "pyarrow",
        "pyarrow.lib",
    ],
)
def test_a_signal_during_an_import_is_one_line(tmp_path: Path, number: int, module: str) -> None:
    code = f"""
class Sender:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), {int(number)})
sys.meta_path.insert(0, Sender)
"""
    code_, _, err = run(code, tmp_path, "train", "--epochs", "2", "--out", "m")
    assert (code_, err) == (130, "interrupted\n")
    assert not (tmp_path / "m").exists()


def test_little_is_loaded_before_signals_are_handled(tmp_path: Path) -> None:
    """What Python does until then ends with a traceback."""
    program = """
import sys
before = {*sys.modules}
from glassnet.__main__ import run
print(*sorted({*sys.modules} - before))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert {*done.stdout.split()} <= {"__future__", "glassnet", "glassnet.__main__", "glassnet.version"}


@SIGNALS
@pytest.mark.parametrize("line", ["prepare", "_guarded", "report"])
def test_a_signal_between_the_parts_of_the_command_is_one_line(
    tmp_path: Path, number: int, line: str
) -> None:
    """Before anything catches exceptions, and when another error has just been caught."""
    code = f"""
def trace(frame, event, argument):
    if event == "call" and frame.f_code.co_name == {line!r} and "glassnet" in frame.f_code.co_filename:
        sys.settrace(None)
        os.kill(os.getpid(), {int(number)})
    return None
sys.settrace(trace)
"""
    code_, out, err = run(code, tmp_path, "predict", "missing.glassnet", "penguins")
    if line == "report":  # the signal comes too late to change anything
        assert (code_, out) == (2, "")
        assert err.startswith("error: ")
        assert len(err.splitlines()) == 1
    else:
        assert (code_, out, err) == (130, "", "interrupted\n")


def test_a_signal_while_a_command_works_is_one_line(tmp_path: Path) -> None:
    code = """
import glassnet.cli.lesson as verb
def lesson() -> None:
    "Work."
    for _ in range(3):  # held down
        os.kill(os.getpid(), signal.SIGINT)
verb.lesson = lesson
"""
    assert run(code, tmp_path, "lesson") == (130, "", "interrupted\n")


@SIGNALS
def test_a_signal_at_the_very_end_changes_nothing(tmp_path: Path, number: int) -> None:
    code = f"import atexit\natexit.register(os.kill, os.getpid(), {int(number)})"
    code_, out, err = run(code, tmp_path, "lesson")
    assert (code_, err) == (0, "")
    assert out


@SIGNALS
def test_signals_while_a_model_is_saved_do_not_lose_it(tmp_path: Path, number: int) -> None:
    code = f"""
from glassnet.model import Model
save = Model.save
def interrupted_save(self, path):
    for _ in range(2):
        os.kill(os.getpid(), {int(number)})
    save(self, path)
Model.save = interrupted_save
"""
    code_, _, err = run(code, tmp_path, "train", "--epochs", "2", "--out", "m", "--quiet")
    assert (code_, err) == (0, "")
    model = glassnet.load(tmp_path / "m")
    assert model.history.epochs == 2
    assert model.stats is None


def test_signals_that_are_ignored_stay_ignored(tmp_path: Path) -> None:
    code = "signal.signal(signal.SIGINT, signal.SIG_IGN)\nos.kill(os.getpid(), signal.SIGINT)"
    code_, _, err = run(code, tmp_path, "lesson")
    assert (code_, err) == (0, "")


def test_a_program_that_calls_the_command_keeps_its_handlers(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    from glassnet.cli import main

    main(["train", "--epochs", "2", "--out", os.fspath(tmp_path / "m"), "--quiet"])
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
