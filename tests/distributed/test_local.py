"""Several processes of this machine that run one command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from glassnet.distributed.local import processes_of
from glassnet.errors import SettingsError
from launched import environment

RUN = """
import sys
from glassnet.distributed.local import run
sys.exit(run([sys.executable, "-c", sys.argv[1]], 2))
"""
FIRST = "import os, signal, sys, time; first = os.environ['RANK'] == '0'\n"


def start(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", RUN, FIRST + code],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_only_process_0_is_seen_and_each_has_its_place() -> None:
    output, messages = start(
        "print(os.environ['RANK'], os.environ['WORLD_SIZE'], os.environ['MASTER_ADDR'], file=sys.stdout)\n"
        "print(os.environ['RANK'], file=sys.stderr)"
    ).communicate()
    assert (output, messages) == ("0 2 127.0.0.1\n", "0\n")


def test_the_exit_code_is_that_of_process_0() -> None:
    process = start("sys.exit(3)")
    assert process.communicate() == ("", "")
    assert process.returncode == 3


@pytest.mark.parametrize(
    ("end", "how"),
    [("os.kill(os.getpid(), 9)", "was killed by signal 9"), ("sys.exit('no disk')", "ended with code 1")],
)
def test_all_end_when_one_is_lost(end: str, how: str) -> None:
    process = start(f"if first: print(os.getpid(), flush=True); time.sleep(60)\n{end}")
    output, messages = process.communicate()
    assert process.returncode == 75
    assert f"process 1 of 2 {how}" in messages
    assert ("no disk" in messages) == ("no disk" in end)
    with pytest.raises(ProcessLookupError):
        os.kill(int(output), 0)


def test_process_0_alone_gets_signals() -> None:
    code = """
def end(*_):
    print("ending", flush=True)
    sys.exit(0)
signal.signal(signal.SIGINT, end if first else signal.SIG_DFL)
print("ready", flush=True)
while True:
    time.sleep(0.05)
    if not first: sys.exit(0)
"""
    process = start(code)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    output, messages = process.communicate()
    assert (process.returncode, output, messages) == (0, "ending\n", "")


def test_a_number_of_processes() -> None:
    assert processes_of("3") == 3
    assert processes_of("auto") >= 1
    for wrong in ("0", "-1", "two", "1.5"):
        with pytest.raises(SettingsError, match="must be a number above 0, or auto"):
            processes_of(wrong)
