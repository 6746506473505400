"""A real notebook, run by a real kernel: what its cells show."""

from __future__ import annotations

import re
from importlib.util import find_spec

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
if find_spec("ipykernel") is None:
    pytest.skip("there is no ipykernel", allow_module_level=True)

FIRST = """
import glassnet
from glassnet.tables import penguins_path, read_table
table = penguins_path()
model = glassnet.train(table, "species", hidden=4, holdout=0.2, seed=1, epochs=3, progress=True, recipe="single")
row = read_table(table).take([3])
"""
SHOWN = [
    "model",
    "model.history",
    "model.holdout",
    "model.schema",
    "model.settings",
    "model.summary()",
    "model.explain(row)",
    "model.attributions(table)",
    "model.importances(table)",
    "model.profile('year', table)",
    "model.nearest(row, table)",
    "model.weight_history(1, 1, 1)",
    "model.doctor(table)",
    "model.evaluate(table)",
    "glassnet.compare(model.at(0), model, table)",
]
PLAIN = [
    "model.network",
    "model.encoder",
    "model.encode(table)",
    "read_table(table)",
    "model.explain(row)[0]",
]
SCREEN = 30  # lines


def test_what_a_notebook_shows() -> None:
    cells = [nbformat.v4.new_code_cell(source) for source in (FIRST, *SHOWN, *PLAIN)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(notebook, kernel_name="python3", timeout=None, startup_timeout=600).execute()
    first, *others = (cell["outputs"] for cell in notebook.cells)
    bars = [output["data"]["text/html"] for output in first if output["output_type"] == "display_data"]
    assert len(bars) == 1  # updated in place
    assert bars[0].startswith("<progress")
    assert "3 epochs" in bars[0]
    for source, outputs in zip([*SHOWN, *PLAIN], others, strict=True):
        [output] = [each for each in outputs if each["output_type"] == "execute_result"]
        text = output["data"]["text/plain"]
        assert len(text.splitlines()) <= SCREEN, source
        assert " object at 0x" not in text
        assert "<function" not in text
        if source in SHOWN:
            assert re.search(r'<svg|<div class="glassnet">', output["data"]["text/html"]), source
        else:
            assert len(text) < 120, source
