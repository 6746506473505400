"""The notebooks of the documentation run from the first cell to the last, each in a kernel of its own."""

from pathlib import Path
from typing import Any

import pytest

from documents import ROOT
from effort import HANG

NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.md"))


def executed(path: Path, folder: Path) -> Any:
    """The notebook with the outputs of its cells."""
    myst = pytest.importorskip("myst_nb.core.read", reason="MyST-NB is not installed")
    client = pytest.importorskip("nbclient")
    config = pytest.importorskip("myst_parser.config.main").MdParserConfig()
    notebook = myst.read_myst_markdown_notebook(
        path.read_text(encoding="utf-8"),
        config=config,
        code_directive="{code-cell}",
        raw_directive="{raw-cell}",
    )
    resources = {"metadata": {"path": str(folder)}}
    return client.NotebookClient(notebook, timeout=HANG, resources=resources).execute()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path: Path, tmp_path: Path) -> None:
    cells = [cell for cell in executed(path, tmp_path).cells if cell.cell_type == "code"]
    kinds = {kind for cell in cells for output in cell.outputs for kind in output.get("data", {})}
    assert len(cells) >= 10
    assert "image/png" in kinds  # pictures are shown
    errors = [output["text"] for cell in cells for output in cell.outputs if output.get("name") == "stderr"]
    assert errors == []


def test_there_are_three_notebooks() -> None:
    assert [path.stem for path in NOTEBOOKS] == ["analyst", "learner", "scikit-learn"]
