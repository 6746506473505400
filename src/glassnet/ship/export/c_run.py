"""How a header in C is run: by a program that has the rows in it, compiled by the machine's compiler."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.ship.export.c_names import answer_names, literal, prefix
from glassnet.ship.export.form import ExportFailed, Ran, TextForm
from glassnet.ship.export.processes import output_of, program_named
from glassnet.ship.export.program import ModelProgram, label_text
from glassnet.ship.export.rows import RawRows

FLAGS = ("-std=c99", "-O1", "-Wall", "-Wextra", "-pedantic", "-Wconversion")
SINGLE = 1e-3  # how far float may be from double


class CompiledForm(TextForm):
    """An export in C."""

    comment = " *"

    def run(self, path: Path, program: ModelProgram, rows: RawRows) -> Ran:
        compiler = program_named("cc", "gcc", "clang")
        version = output_of([compiler, "--version"]).splitlines()[0]
        with tempfile.TemporaryDirectory(prefix="glassnet-") as folder:
            source, command = Path(folder) / "main.c", Path(folder) / "main"
            (Path(folder) / "model.h").write_bytes(path.read_bytes())  # whatever its own path has in it
            source.write_text(main_program(program, rows), encoding="utf-8")
            output_of([compiler, *FLAGS, str(source), "-o", str(command), "-lm"])
            lines = output_of([str(command)]).splitlines()
        double, single = (_ran(lines[at::2], program, version) for at in (0, 1))
        if len(double.numbers) != len(rows):
            raise ExportFailed(f"it answered {len(double.numbers)} of {len(rows)} rows")
        sizes = np.abs(double.numbers - single.numbers) / np.maximum(np.abs(double.numbers), _units(program))
        worst = float(np.nan_to_num(sizes).max())
        if not worst <= SINGLE:
            raise ExportFailed(f"its answers in float differ by {worst:.2g} from those in double")
        return replace(double, single=single.numbers)


def _units(program: ModelProgram) -> list[float]:
    return [1.0 if own.classes is not None else own.scale for own in program.answers for _ in own.names]


def main_program(program: ModelProgram, rows: RawRows) -> str:
    """A program that prints the answers of the header ``model.h``: a line in double and one in float for each row."""
    name = prefix(program)
    lines = ["#include <stdio.h>", '#include "model.h"', f"static const {name}_row rows[] = {{"]
    each = zip(*(rows.columns[own.source.column] for own in program.columns), strict=True)
    lines += [f"    {{{', '.join(map(_value, row, program.columns))}}}," for row in each]
    lines += [
        "};",
        f"static void show(int fault, const {name}_answer *answer)",
        "{",
        '    printf("%d", fault);',
    ]
    for field, answer in zip(answer_names(program), program.answers, strict=True):
        if answer.classes is None:
            lines.append(f'    printf(" %.17g", answer->{field});')
        else:
            lines.append(f'    printf(" %d", answer->{field});')
            lines += [
                f'    printf(" %.17g", answer->{field}_probability[{at}]);'
                for at in range(len(answer.classes))
            ]
    lines += [
        '    printf("\\n");',
        "}",
        "int main(void)",
        "{",
        "    size_t i;",
        "    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {",
        f"        static {name}_answer answer;",
        f"        show({name}_predict(&rows[i], &answer), &answer);",
        f"        show({name}_predict_float(&rows[i], &answer), &answer);",
        "    }",
        "    return 0;",
        "}",
    ]
    return "\n".join([*lines, ""])


def _value(value: Any, own: Any) -> str:
    if own.source.is_text or own.source.format:
        return "NULL" if value is None else literal(value)
    return "NAN" if value is None else float(value).hex()


def _ran(lines: Sequence[str], program: ModelProgram, tools: str) -> Ran:
    numbers: list[list[float]] = []
    labels: list[list[str]] = [[] for answer in program.answers if answer.classes is not None]
    for line in lines:
        fault, *texts = line.split()
        at, row, target = 0, [], 0
        for answer in program.answers:
            if answer.classes is not None:
                labels[target].append(label_text(answer.classes[int(texts[at])]))
                target, at = target + 1, at + 1
            count = len(answer.names)
            row += [float(text) if fault == "0" else np.nan for text in texts[at : at + count]]
            at += count
        numbers.append(row)
    return Ran(np.array(numbers).reshape(len(lines), -1), tuple(labels), tools)
