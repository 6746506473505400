"""What both exports in Python have in common: their head, and how they are run."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from glassnet.ship.export.form import Ran, TextForm
from glassnet.ship.export.processes import output_of
from glassnet.ship.export.program import ModelProgram, label_text
from glassnet.ship.export.rows import RawRows
from glassnet.ship.export.sources import kind_of, shown, summary

# Reads a JSON document of columns and writes one of labels and numbers, null for a row that is refused.
RUNNER = """
import json, sys, types
exported = types.ModuleType("exported")
with open(sys.argv[1], encoding="utf-8") as file:
    exec(compile(file.read(), sys.argv[1], "exec"), exported.__dict__)
asked = json.load(sys.stdin)
columns, classes, several, by_rows = asked["columns"], asked["classes"], asked["several"], asked["by_rows"]
count = len(next(iter(columns.values())))

def ask(rows):
    found = exported.predict(rows)
    shares = exported.predict_proba(rows) if classes else None
    return (found, shares) if several else ({"": found}, {"": shares})

def answer_of(found, shares, at=None):
    own = (lambda values: values) if at is None else (lambda values: values[at])
    if not classes:
        return [[], [float(own(each)) for each in found.values()]]
    labels = [own(each) for each in found.values()]
    labels = [label.item() if hasattr(label, "item") else label for label in labels]
    return [labels, [float(own(share)) for each in shares.values() for share in each.values()]]

def one_by_one():
    for at in range(count):
        row = {name: values[at] if by_rows else values[at : at + 1] for name, values in columns.items()}
        try:
            yield answer_of(*ask(row), None if by_rows else 0)
        except ValueError:
            yield None

def together():
    found = ask(columns)
    return [answer_of(*found, at) for at in range(count)]

try:
    answers = list(one_by_one()) if by_rows else together()
except ValueError:
    answers = list(one_by_one())
numpy = sys.modules["numpy"].__version__ if "numpy" in sys.modules else ""
json.dump({"answers": answers, "version": sys.version.split()[0], "numpy": numpy}, sys.stdout)
"""


class PythonForm(TextForm):
    """An export in Python; ``by_rows`` if its functions take one row, else they take columns."""

    comment = "#"
    by_rows: ClassVar[bool] = True
    needs: ClassVar[str]

    def usage(self, program: ModelProgram) -> list[str]:
        rows = "a dict, or a DataFrame, of N raw values by column"
        given = "a dict of raw values by column" if self.by_rows else rows
        lines = [f"{shown(own.source.column)}: {kind_of(own.source)}" for own in program.columns]
        return [
            *summary(program),
            f"It needs {self.needs}. predict, and predict_proba for classes, take {given}:",
            "",
            *(f"  {line}" for line in lines),
            "",
            "A missing value is None, NaN, an empty text or a word such as NA.",
        ]

    def run(self, path: Path, program: ModelProgram, rows: RawRows) -> Ran:
        classes = program.answers[0].classes is not None
        asked = {
            "columns": rows.columns,
            "classes": classes,
            "several": len(program.answers) > 1,
            "by_rows": self.by_rows,
        }
        command = [sys.executable, *([] if not self.by_rows else ["-S"]), "-c", RUNNER, str(path)]
        found = json.loads(output_of(command, json.dumps(asked)))
        width, targets = len(program.names), len(program.answers) if classes else 0
        none: Any = [[None] * targets, [np.nan] * width]
        each = [answer or none for answer in found["answers"]]
        labels = tuple([label_text(labels[at]) for labels, _ in each] for at in range(targets))
        numpy = f", NumPy {found['numpy']}" if found["numpy"] else ""
        return Ran(np.array([own for _, own in each]), labels, f"Python {found['version']}{numpy}")
