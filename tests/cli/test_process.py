"""What only a process of its own can show: signals, pipes, terminals, encodings, completion, start-up."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import glassnet
from effort import HANG

COMMAND = [sys.executable, "-m", "glassnet"]
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}


def start(*arguments: str, folder: Path, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    with process:
        try:
            out, err = process.communicate(timeout=HANG)
        except BaseException:
            process.kill()
            raise
    return process.returncode, out, err


def run_code(code: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python code in a process of its own, to its end."""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def finish_unread(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Exit code and standard error of a process whose standard output nobody reads."""
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    code, _, err = finish(process)
    return code, err


def test_interrupting_a_training_keeps_the_best_so_far(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(20_000, 4))
    header = "a,b,c,y"
    np.savetxt(tmp_path / "big.csv", values, delimiter=",", header=header, comments="", fmt="%.4f")
    process = start(
        "train",
        "--recipe",
        "single",
        "big.csv",
        "--target",
        "y",
        "--epochs",
        "1000000",
        "--patience",
        "none",
        folder=tmp_path,
    )
    try:
        assert process.stderr is not None
        said = next(line for line in process.stderr if not line.startswith("  note: "))  # of a missing engine
        assert said.startswith("epoch ")
        process.send_signal(signal.SIGINT)
        code, out, _ = finish(process)
    finally:
        process.kill()
    assert code == 0
    assert "stopped: interrupted" in out
    model = glassnet.load(tmp_path / "model.glassnet")
    assert model.history.stop_reason == "interrupted"
    assert 1 <= model.history.best_epoch <= model.history.epochs < 1_000_000


def test_a_reader_that_goes_away_is_no_fault(tmp_path: Path) -> None:
    assert finish_unread(start("show", "--engine", folder=tmp_path)) == (1, "")


def test_a_reader_that_goes_away_still_gets_its_model(tmp_path: Path) -> None:
    _, err = finish_unread(start("train", "--epochs", "3", folder=tmp_path))
    assert "Error" not in err
    assert (tmp_path / "model.glassnet").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["lesson"],
        ["train", "--recipe", "single", "--epochs", "2"],
        ["--help"],
        ["train", "--help"],
        ["show", "--engine"],
    ],
)
def test_a_terminal_without_utf8(tmp_path: Path, arguments: list[str]) -> None:
    code, out, err = finish(start(*arguments, folder=tmp_path, **ASCII))
    assert code == 0
    assert (out + err).isascii()
    assert "Error" not in err


def test_data_that_the_terminal_cannot_show(tmp_path: Path) -> None:
    rows = "\n".join(f"{i},{'süß' if i % 3 else 'herb'}" for i in range(60))
    (tmp_path / "t.csv").write_text(f"größe,art\n{rows}", "utf-8")
    code, out, err = finish(start("train", "t.csv", "--target", "arg", folder=tmp_path, **ASCII))
    assert (code, out) == (2, "")
    assert "Did you mean 'art'?" in err
    code, out, _ = finish(
        start("train", "t.csv", "--target", "art", "--epochs", "2", folder=tmp_path, **ASCII)
    )
    assert code == 0
    assert "gr\\xf6\\xdfe" in out
    code, out, _ = finish(start("predict", "model.glassnet", "t.csv", folder=tmp_path, **ASCII))
    assert code == 0
    assert "süß" in out.split()  # data are UTF-8 whatever the terminal is


def test_standard_input_and_output(tmp_path: Path) -> None:
    lines = ["a,y"] + [f"{i},{2 * i}" for i in range(50)]
    train = subprocess.run(
        [*COMMAND, "train", "-", "--target", "y", "--epochs", "3", "-q"],
        input="\n".join(lines), cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (train.returncode, train.stderr) == (0, "")
    predict = subprocess.run(
        [*COMMAND, "predict", "model.glassnet", "-"],
        input="a\n1\n2\n", cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert predict.returncode == 0
    assert len(predict.stdout.splitlines()) == 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full is Linux's")
@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "m"],
        ["predict", "m", "p.csv"],
        ["train", "--recipe", "single", "--epochs", "2"],
        ["lesson"],
        ["--help"],
    ],
)
def test_a_full_disk_is_one_message(
    tmp_path: Path, trained: Path, penguins: Path, arguments: list[str]
) -> None:
    shutil.copy(trained, tmp_path / "m")
    penguins.rename(tmp_path / "p.csv")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, *arguments], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert [line for line in done.stderr.splitlines() if not line.startswith("epoch ")] == [
        f"error: {'standard output: ' if 'predict' in arguments else ''}No space left on device."
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="closing a stream in the shell is Unix's")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-"])
def test_closed_streams_are_no_fault(tmp_path: Path, trained: Path, penguins: Path, closed: str) -> None:
    command = shlex.join([*COMMAND, "predict", str(trained), str(penguins)])
    done = subprocess.run(
        ["sh", "-c", f"{command} {closed}"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def run_verb(body: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """The command with a verb that does this."""
    code = (
        "import errno, os, warnings, glassnet.cli.lesson as verb\n"
        "def lesson() -> None:\n"
        "    'Do it.'\n"
        f"    {body}\n"
        "verb.lesson = lesson\n"
        "from glassnet.cli import main\n"
        "raise SystemExit(main(['lesson']))"
    )
    return run_code(code, tmp_path)


def test_a_warning_is_one_line(tmp_path: Path) -> None:
    done = run_verb("warnings.warn('something is odd', RuntimeWarning)", tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "warning: something is odd\n")


def test_an_unexpected_fault_is_one_message_too(tmp_path: Path) -> None:
    done = run_verb("raise KeyError('surprise')", tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: KeyError: 'surprise'\n")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "error",
    ['RuntimeError("can\'t start new thread")', "MemoryError()", "ValueError(os.strerror(errno.EAGAIN))"],
)
def test_a_machine_that_gives_no_more_is_blamed(tmp_path: Path, error: str) -> None:
    done = run_verb(f"raise {error}", tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: this machine ran out of memory or threads;")
    assert len(done.stderr.splitlines()) == 1


def test_the_package_runs_as_a_module(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "glassnet", "--version"],
        capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, f"glassnet {glassnet.__version__}\n")


def test_an_interrupt_before_there_is_anything_to_keep_is_reported(tmp_path: Path) -> None:
    code = (
        "import glassnet.cli.lesson as verb\n"
        "def lesson() -> None:\n"
        "    '''Be interrupted.'''\n"
        "    raise KeyboardInterrupt\n"
        "verb.lesson = lesson\n"
        "from glassnet.cli import main\n"
        "raise SystemExit(main(['lesson']))"
    )
    done = run_code(code, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")


def test_starting_loads_only_what_is_needed(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from glassnet.cli import main\n"
        "main([sys.argv[1]])\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )

    def loaded(verb: str) -> set[str]:
        done = subprocess.run([sys.executable, "-c", code, verb], capture_output=True, text=True, check=True)
        return set(done.stderr.split())

    assert not loaded("--help") & {"numpy", "pyarrow", "narwhals", "safetensors"}
    assert not loaded("lesson") & {"rich", "pyarrow", "narwhals", "safetensors"}


def test_training_on_a_file_loads_no_data_frames_and_no_masked_arrays(tmp_path: Path) -> None:
    """PyArrow would load pandas, and NumPy its masked arrays, at the first array: nobody asks for either."""
    rows = "\n".join(f"{i},{i / 7},{'ab'[i % 2]},2024-01-{i % 28 + 1:02},{i % 3 or ''}" for i in range(60))
    (tmp_path / "t.csv").write_text(f"whole,part,word,day,gaps\n{rows}")
    code = (
        "import sys\n"
        "from glassnet.cli import main\n"
        "code = main()\n"
        "print(*sorted(sys.modules))\n"
        "import pyarrow, pandas\n"  # and pandas is there for whoever does ask
        "assert pyarrow.table({'a': [1]}).to_pandas().shape == (1, 1)\n"
        "sys.exit(code)"
    )
    pytest.importorskip("pandas")
    done = run_code(code, tmp_path, "train", "t.csv", "--target", "word", "--epochs", "2", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    assert not set(done.stdout.split()) & {"pandas", "numpy.ma.core", "narwhals", "rich", "matplotlib"}


def test_a_process_that_is_not_the_commands_own_is_left_alone(tmp_path: Path) -> None:
    """Where somebody's program calls the command, PyArrow still knows that program's DataFrames."""
    pytest.importorskip("pandas")
    code = (
        "from glassnet.cli import main\n"
        "assert main(['train', '--epochs', '1', '--quiet']) == 0\n"
        "import pandas, pyarrow\n"
        "assert pyarrow.table(pandas.DataFrame({'a': [1]})).num_rows == 1\n"
        "assert pyarrow.array(pandas.Series([1.5])).to_pylist() == [1.5]"
    )
    done = run_code(code, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
