"""The option ``--processes`` of ``glassnet train``, where no process has to be started."""

from __future__ import annotations

from pathlib import Path

import pytest

from glassnet.cli import main

LAUNCHERS = ("RANK", "WORLD_SIZE", "OMPI_COMM_WORLD_SIZE", "PMI_RANK", "SLURM_JOB_ID", "JOB_COMPLETION_INDEX")


@pytest.fixture(autouse=True)
def _no_launcher(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in LAUNCHERS:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--processes", "none"], "processes is 'none', but must be a number above 0, or auto."),
        (["--processes", "2", "--engine", "native"], "the engine 'native' trains in one process"),
    ],
)
def test_what_cannot_be_is_refused(
    options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", *options]) == 2
    assert message in capsys.readouterr().err


def test_the_number_must_be_that_of_the_launcher(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert main(["train", "--processes", "3"]) == 2
    assert "processes is 3, but the variables RANK and WORLD_SIZE started 2" in capsys.readouterr().err


def test_one_process_needs_no_others(tmp_path: Path) -> None:
    out = tmp_path / "model.glassnet"
    options = ["--epochs", "1", "--recipe", "single", "--quiet", "--out", str(out)]
    assert main(["train", "--processes", "1", *options]) == 0
    assert out.exists()
