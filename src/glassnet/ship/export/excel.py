"""The export as a workbook of Excel whose formulas compute the network, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from glassnet.errors import called, plural, to_install
from glassnet.ship.export.excel_run import MOST_WEIGHTS as MOST_BY_FORMULAS
from glassnet.ship.export.excel_run import content_of, run_workbook
from glassnet.ship.export.form import Form, Ran
from glassnet.ship.export.program import ModelProgram, label_text
from glassnet.ship.export.rows import RawRows

MOST_WEIGHTS = 250_000  # written in 2 s; LibreOffice takes about 40 s of CPU for 12 rows of half as many
MOST_COLUMNS = 16_000  # of a sheet, of which Excel has 16,384
LONGEST = 32_000  # characters of a text in a cell, of which Excel has 32,767
MOST_ROWS, FEW_ROWS = 40, 6  # to prove it with; few where LibreOffice computes a large one


class Excel(Form):
    """A workbook with live formulas."""

    name = "excel"
    title = "a workbook of Excel"
    endings: ClassVar[tuple[str, ...]] = (".xlsx",)

    def faults(self, program: ModelProgram) -> list[str]:
        try:
            import xlsxwriter  # noqa: F401
        except ImportError:
            return [f"the package xlsxwriter is not installed; {to_install('excel')}."]
        from glassnet.ship.export.excel_sheets import squeezed

        faults = []
        if program.weights > MOST_WEIGHTS:
            faults.append(
                f"{plural(len(program.members), 'network has', 'networks have')} {program.weights:,} weights, "
                f"but a workbook may have {MOST_WEIGHTS:,}; "
                f"train with {called('recipe', 'single')} or fewer neurons ({called('hidden')})."
            )
        widest = max(len(layer.biases) for member in program.members for layer in member)
        if widest > MOST_COLUMNS:
            faults.append(f"a layer has {widest:,} neurons, but a sheet has {MOST_COLUMNS:,} columns.")
        keys = [[squeezed(key) for key in table.keys] for own in program.columns for table in own.look_ups()]
        texts = [text for each in keys for text in each if isinstance(text, str)]
        texts += [own.source.column for own in program.columns]
        texts += [label_text(label) for answer in program.answers for label in answer.classes or ()]
        if any(len(text) > LONGEST for text in texts):
            faults.append(f"a name or a level has more than {LONGEST:,} characters.")
        if any(len(set(each)) < len(each) for each in keys):
            faults.append(
                "levels of a column differ in the number of blanks alone, which Excel takes as the same."
            )
        return faults

    def most_rows(self, program: ModelProgram) -> int:
        return MOST_ROWS if program.weights <= MOST_BY_FORMULAS else FEW_ROWS

    def content(self, program: ModelProgram, certificate: Sequence[str]) -> bytes:
        from glassnet.ship.export.excel_sheets import workbook_of

        return workbook_of(program, certificate)

    def body(self, content: bytes) -> Any:
        return content_of(content)

    def run(self, path: Path, program: ModelProgram, rows: RawRows) -> Ran:
        return run_workbook(path, program, rows)
