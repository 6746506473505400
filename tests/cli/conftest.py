"""The command line, run in this process: exit code, standard output, standard error."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from glassnet.cli import main
from glassnet.tables import penguins_path


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """``run("train", "--epochs", "3")`` in an empty folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str | os.PathLike[str]) -> Result:
        capfd.readouterr()
        code = main([os.fspath(argument) for argument in arguments])
        return Result(code, *capfd.readouterr())

    return call


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the bundled penguins."""
    path = tmp_path_factory.mktemp("model") / "penguins.glassnet"
    assert (
        main(["train", "--recipe", "single", "--seed", "1", "--epochs", "30", "--quiet", "--out", str(path)])
        == 0
    )
    return path


@pytest.fixture
def model(trained: Path, tmp_path: Path) -> Path:
    """The same, as ``penguins.glassnet`` in the folder of the test."""
    return Path(shutil.copy(trained, tmp_path))


@pytest.fixture
def penguins(tmp_path: Path) -> Path:
    """The bundled table, as ``penguins.csv`` in the folder of the test."""
    return Path(shutil.copy(penguins_path(), tmp_path))
