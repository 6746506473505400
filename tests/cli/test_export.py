"""``glassnet export`` and ``glassnet verify``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import glassnet
from exported import with_another_weight

Run = Callable[..., Any]  # the fixture of conftest.py


def test_an_export_is_written_with_its_certificate_and_verified(
    run: Run, model: Path, penguins: Path
) -> None:
    done = run("export", model.name, "out.py", penguins.name, "--rows", "20")
    assert done.code == 0
    assert "Rows tried: 20 of a table," in done.out
    assert "Rows tried: 20 of a table," in (model.parent / "out.py").read_text(encoding="utf-8")
    done = run("verify", "out.py", model.name, penguins.name, "--rows", "20")
    assert (done.code, done.out.splitlines()[-1]) == (0, "The export answers as the model does.")


def test_another_weight_is_exit_code_1(run: Run, model: Path) -> None:
    run("export", model.name, "out.py", "--no-check", "--quiet")
    path = model.parent / "out.py"
    assert "None: it was not asked for." in path.read_text(encoding="utf-8")
    with_another_weight(path, glassnet.load(model).members[0].learnt[-1].biases[0])
    done = run("verify", "out.py", model.name, "--rows", "20")
    assert done.code == 1
    assert "FAULT: its answers differ by" in done.out
    assert "The export is NOT proven." in done.out


def test_faults_are_reported_at_once_and_nothing_is_written(run: Run, model: Path) -> None:
    done = run("export", model.name, "out.txt", "--rows", "20")
    assert (done.code, "has none of the endings" in done.err) == (2, True)
    done = run("export", model.name, "out.py", "--to", "pascal")
    assert (done.code, "--to is 'pascal', but must be one of python" in done.err) == (2, True)
    done = run("export", model.name, model.name, "--to", "python")
    assert (done.code, f"OUT is {model.name!r}, but that file is read" in done.err) == (2, True)
    assert not [path for path in model.parent.iterdir() if path.name.startswith("out")]
