"""A disk that is full: one clear line, exit code 1, and the old file as it was."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from glassnet.cli.exit_codes import FAILED

resource = pytest.importorskip("resource", reason="limits of the size of files are those of Unix")

WRITE = [
    "train --quiet --epochs 1 --out {}.glassnet",
    "predict penguins.glassnet penguins.csv --out {}.csv",
    "predict penguins.glassnet penguins.csv --out {}.parquet",
    "explain penguins.glassnet penguins.csv --form html --out {}.html",
    "explain penguins.glassnet penguins.csv --form csv --out {}.csv",
    "report penguins.glassnet --out {}.html",
    "compare penguins.glassnet --weights {}.csv",
    *(
        f"draw penguins.glassnet --what curves --out {{}}.{ending}"
        for ending in ("png", "pdf", "svg", "jpg", "webp")
    ),
    "lesson --pictures {}",
]
# The limit stops a write as a full disk does, with the error EFBIG in place of ENOSPC.
LIMITED = """
import contextlib, io, json, resource, sys
from glassnet.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))
results = []
for command in json.loads(sys.argv[1]):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(command.split())
    results.append((code, err.getvalue()))
print(json.dumps(results))
"""


def test_every_verb_says_that_its_file_cannot_be_written(model: Path, penguins: Path) -> None:
    folder = model.parent
    (folder / "old").mkdir()
    for number, command in enumerate(WRITE):
        name = f"old/{number}" + command.partition("{}")[2].partition(" ")[0]
        (folder / name).mkdir() if command.startswith("lesson") else (folder / name).write_bytes(b"old")
    before = sorted(folder.rglob("*"))
    commands = [command.format(f"old/{number}") for number, command in enumerate(WRITE)]
    run = [sys.executable, "-c", LIMITED, json.dumps(commands)]
    done = subprocess.run(run, cwd=folder, capture_output=True, text=True, check=True)
    for number, (code, err) in enumerate(json.loads(done.stdout)):
        assert code == FAILED, (WRITE[number], err)
        assert err.startswith(f"error: old/{number}"), err
        assert err.endswith("File too large.\n"), err
    assert sorted(folder.rglob("*")) == before
    assert {path.read_bytes() for path in (folder / "old").iterdir() if path.is_file()} == {b"old"}


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a device that is always full")
@pytest.mark.parametrize(
    "command",
    [
        "show penguins.glassnet",
        "predict penguins.glassnet penguins.csv",
        "explain penguins.glassnet penguins.csv",
    ],
)
def test_a_full_standard_output_is_reported(model: Path, penguins: Path, command: str) -> None:
    with open("/dev/full", "w") as full:
        run = [sys.executable, "-m", "glassnet", *command.split()]
        done = subprocess.run(
            run, cwd=model.parent, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == FAILED
    assert re.fullmatch("error: (standard output: )?No space left on device.\n", done.stderr)
