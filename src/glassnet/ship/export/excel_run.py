"""How a workbook is read and computed: by the package ``formulas``, which computes the formulas of Excel in Python."""

from __future__ import annotations

import contextlib
import io
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.errors import InputError, to_install
from glassnet.ship.export.excel_columns import as_cell, is_date
from glassnet.ship.export.excel_sheets import CERTIFICATE, FIRST, ROW, SHOWN, TYPED, answer_rows
from glassnet.ship.export.form import ExportFailed, Ran, Unavailable
from glassnet.ship.export.program import ModelProgram, label_text
from glassnet.ship.export.rows import RawRows
from glassnet.ship.export.runtime.cells import read_time

MOST_WEIGHTS = 20_000  # that the package computes in less than about 20 seconds


def content_of(content: bytes) -> str:
    """A line for each cell of a workbook, but for the certificate and the values that are typed."""
    try:
        import openpyxl
    except ImportError:
        raise InputError(f"a workbook is read with openpyxl; {to_install('excel')}.") from None
    try:
        book = openpyxl.load_workbook(io.BytesIO(content))
    except Exception as error:  # of many classes, for damage
        raise InputError(f"it is no workbook, or a damaged one: {str(error)[:200]}") from None
    lines = []
    for sheet in book.worksheets:
        if sheet.title == CERTIFICATE:
            continue
        for cells in sheet.iter_rows():
            for cell in cells:
                typed = sheet.title == ROW and cell.column == TYPED + 1 and cell.row > FIRST
                if cell.value not in (None, "") and not typed:
                    lines.append(f"{sheet.title}!{cell.coordinate} {cell.value!r}")
    return "\n".join(lines)


def run_by_formulas(path: Path, program: ModelProgram, rows: RawRows) -> Ran:
    """The answers of a workbook for some rows."""
    if program.weights > MOST_WEIGHTS:
        raise Unavailable(
            f"the package formulas takes minutes for {program.weights:,} weights, and is used for at most "
            f"{MOST_WEIGHTS:,}"
        )
    try:
        import formulas
    except ImportError as error:
        raise Unavailable(f"the package {error.name} is not installed here") from None
    with tempfile.TemporaryDirectory(prefix="glassnet-") as folder, _silent():
        own = Path(folder) / "model.xlsx"
        shutil.copyfile(path, own)
        try:
            book = formulas.ExcelModel().loads(str(own)).finish()
            answers = list(_computed(book, program, rows))
        except Exception as error:  # of many classes
            raise ExportFailed(f"the package formulas says: {str(error)[-400:]}") from None
    numbers, labels = [], []
    for values in answers:
        row, at, own_labels = [], 0, []
        for answer in program.answers:
            if answer.classes is not None:
                own_labels.append(_label(values[at], answer.classes))
                at += 1
            for _ in answer.names:
                row.append(_number(values[at]))
                at += 1
        numbers.append(row)
        labels.append(own_labels)
    each = tuple(list(own) for own in zip(*labels, strict=True))
    return Ran(np.array(numbers).reshape(len(rows), -1), each, f"formulas {formulas.__version__}")


def _computed(book: Any, program: ModelProgram, rows: RawRows) -> Iterator[list[Any]]:
    """For each row the values of the cells that answer."""
    place = "'[model.xlsx]" + ROW.upper() + "'!{}{}"
    inputs = [place.format(_letter(TYPED), FIRST + 1 + at) for at in range(len(program.columns))]
    cells = [row for first, others in answer_rows(program) for row in (first, *others)]
    outputs = [place.format(_letter(SHOWN), row + 1) for row in cells]
    function = book.compile(inputs=inputs, outputs=outputs)
    for each in rows.each():
        found = function(*(_cell(each[own.source.column], own.source) for own in program.columns))
        found = found if isinstance(found, (list, tuple)) else [found]
        yield [own.value.ravel()[0] for own in found]


def _letter(column: int) -> str:
    return "ABCDEFG"[column]


def _cell(value: Any, source: Any) -> Any:
    if isinstance(value, str) and not source.is_text:  # a date
        value = read_time(value, source.words, (), source.format)
    if value is None:
        return ""
    return as_cell(value, source) if is_date(source) else value


def _label(value: Any, classes: Sequence[Any]) -> str:
    if all(isinstance(label, bool) for label in classes):
        return "true" if value in (True, 1) else "false"
    if all(isinstance(label, int) for label in classes) and isinstance(value, float):
        return label_text(int(value))
    return label_text(value)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float, np.number)) else float("nan")


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Without the bars of progress and the warnings of the package."""
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        yield
