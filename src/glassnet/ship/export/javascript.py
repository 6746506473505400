"""The export as one ES module of JavaScript: the predictor of the page in a browser, with this model."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from glassnet.ship.export.c_columns import is_read
from glassnet.ship.export.form import Ran, TextForm
from glassnet.ship.export.processes import output_of, program_named
from glassnet.ship.export.program import Array, ModelProgram, as_document, label_text
from glassnet.ship.export.rows import RawRows
from glassnet.ship.export.sources import column_lines, joined, shortest_all, summary, wrapped

APP = Path(__file__).resolve().parents[2] / "page" / "app" / "compute"
MODULES = (
    "arrays",
    "activations",
    "layer",
    "predict",
    "program",
    "cells",
    "exported",
)  # after what they import
SAFE = 2**53  # whole numbers that JavaScript has

RUNNER = """
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
const { predict, predictProba } = await import(pathToFileURL(process.argv[2]));
const { columns, classes, targets } = JSON.parse(readFileSync(0, "utf8"));
const names = Object.keys(columns);
const count = columns[names[0]].length;
const each = (found) => (targets.length > 1 ? targets.map((name) => found[name]) : [found]);
const answers = Array.from({ length: count }, (_, at) => {
  const row = Object.fromEntries(names.map((name) => [name, columns[name][at]]));
  try {
    const found = each(predict(row));
    return classes ? [found, each(predictProba(row)).flatMap((own) => [...own.values()])] : [[], found];
  } catch {
    return null;
  }
});
console.log(JSON.stringify({ answers, version: process.version }));
"""


class JavaScript(TextForm):
    """One ES module."""

    name = "javascript"
    title = "one ES module of JavaScript"
    endings: ClassVar[tuple[str, ...]] = (".mjs", ".js")
    comment = "//"

    def faults(self, program: ModelProgram) -> list[str]:
        faults = [
            f"column {own.source.column!r} holds dates written {own.source.format}."
            for own in program.columns
            if own.source.format and not is_read(own.source.format)
        ]
        labels = [label for answer in program.answers for label in answer.classes or ()]
        if large := [label for label in labels if isinstance(label, int) and abs(label) > SAFE]:
            faults.append(f"the label {large[0]} is a whole number that JavaScript does not have.")
        return faults

    def usage(self, program: ModelProgram) -> list[str]:
        return [
            *summary(program),
            "",
            '  import { predict, predictProba } from "./model.mjs";',
            "",
            "Both take a row, an object of raw values by column; predictProba, for classes, gives a Map:",
            "",
            *(f"  {line}" for line in column_lines(program)),
            "",
            "A missing value is null, undefined, NaN, an empty text or a word such as NA. A time is a Date or a number",
            "of seconds since 1970 (UTC). What a column cannot have is an Error.",
        ]

    def text(self, program: ModelProgram, head: str) -> str:
        document = as_document(program)
        members = ",\n".join(_member(layers) for layers in program.members)
        lists = {
            name: ",\n".join(f"    {_json(own)}" for own in document[name]) for name in ("columns", "answers")
        }
        return joined(
            [
                head,
                *(_module(name) for name in MODULES),
                "const PROGRAM = {\n"
                + "".join(f"  {name}: [\n{text},\n  ],\n" for name, text in lists.items())
                + f"  members: [\n{members},\n  ],\n}};",
                "/** What is predicted for a row of raw values. @param {Record<string, unknown>} row */\n"
                "export const predict = (row) => predictRow(PROGRAM, row);",
                "/** The probability of each class. @param {Record<string, unknown>} row */\n"
                "export const predictProba = (row) => probabilitiesOfRow(PROGRAM, row);",
            ]
        )

    def run(self, path: Path, program: ModelProgram, rows: RawRows) -> Ran:
        node = program_named("node")
        classes = program.answers[0].classes is not None
        asked = {
            "columns": rows.columns,
            "classes": classes,
            "targets": [answer.target for answer in program.answers],
        }
        with tempfile.TemporaryDirectory(prefix="glassnet-") as folder:
            module, runner = Path(folder) / "model.mjs", Path(folder) / "run.mjs"
            shutil.copyfile(path, module)
            runner.write_text(RUNNER, encoding="utf-8")
            found = json.loads(output_of([node, str(runner), str(module)], json.dumps(asked)))
        width, targets = len(program.names), len(program.answers) if classes else 0
        none: Any = [[None] * targets, [np.nan] * width]
        each = [answer or none for answer in found["answers"]]
        labels = tuple([label_text(own[at]) for own, _ in each] for at in range(targets))
        return Ran(np.array([own for _, own in each], np.float64), labels, f"Node.js {found['version']}")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, allow_nan=False)


def _module(name: str) -> str:
    """A module of the page, which imports and exports nothing."""
    text = (APP / f"{name}.js").read_text(encoding="utf-8")
    text = re.sub(r"^import [^;]*;\n", "", text, flags=re.MULTILINE)
    return re.sub(r"^export (?=function|const)", "", text, flags=re.MULTILINE)


def _member(layers: Any) -> str:
    lines = []
    for layer in layers:
        inputs, outputs = layer.weights.shape
        lines.append(
            f'      {{ activation: "{layer.activation}", inputs: {inputs}, outputs: {outputs},\n'
            f"        biases: {_array(layer.biases)},\n        weights: {_array(layer.weights.ravel())} }}"
        )
    return "    [\n" + ",\n".join(lines) + ",\n    ]"


def _array(values: Array) -> str:
    kind = "Float32Array" if values.dtype.itemsize == 4 else "Float64Array"
    return f"new {kind}([\n{wrapped(shortest_all(values), 10)}])"
