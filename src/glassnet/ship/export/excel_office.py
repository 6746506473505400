"""A workbook computed by LibreOffice: a copy for each row, all of them converted by one call."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from glassnet.ship.export.excel_sheets import FIRST, ROW, TYPED
from glassnet.ship.export.form import ExportFailed
from glassnet.ship.export.processes import output_of, program_named


def computed_by_office(
    content: bytes, rows: Sequence[Sequence[Any]], cells: Sequence[tuple[int, int]]
) -> tuple[list[list[Any]], str]:
    """For each of ``rows`` of typed values the values of some cells of the sheet of rows, and what computed them.

    Raises:
        Unavailable: LibreOffice is not on this machine.
        ExportFailed: it does not convert the workbook.
    """
    import openpyxl

    office = program_named("soffice", "libreoffice")
    version = output_of([office, "--version"]).strip()
    with tempfile.TemporaryDirectory(prefix="glassnet-") as folder:
        own, done = Path(folder), Path(folder) / "done"
        names = []
        for number, copy in enumerate(_copies(content, rows)):
            names.append(f"row{number}.xlsx")
            (own / names[-1]).write_bytes(copy)
        profile = f"-env:UserInstallation={(own / 'profile').as_uri()}"  # beside an office that is open
        command = [office, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(done)]
        output_of([*command, *(str(own / name) for name in names)])
        found = []
        for name in names:
            if not (done / name).exists():
                raise ExportFailed(f"{version} did not convert the workbook")
            sheet = openpyxl.load_workbook(done / name, data_only=True)[ROW]
            found.append([sheet.cell(row + 1, column + 1).value for row, column in cells])
    return found, version


def _copies(content: bytes, rows: Sequence[Sequence[Any]]) -> Iterator[bytes]:
    """The workbook with each of some rows typed, and without the values that it was saved with."""
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(content))
    if ROW not in book.sheetnames:
        raise ExportFailed(f"it has no sheet {ROW!r}")
    stream = io.BytesIO()
    book.save(stream)
    changed = f"xl/worksheets/sheet{book.sheetnames.index(ROW) + 1}.xml"
    with zipfile.ZipFile(stream) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    text = parts[changed].decode()
    for values in rows:
        typed = text
        for at, value in enumerate(values, FIRST + 1):
            place = "ABCDEFGH"[TYPED] + str(at)
            cell = _cell(place, value)
            typed = re.sub(rf'<c r="{place}"(?:[^>]*/>|.*?</c>)', lambda _, own=cell: own, typed, count=1)  # type: ignore[misc]
        copy = io.BytesIO()
        with zipfile.ZipFile(copy, "w") as packed:
            for name, part in parts.items():
                packed.writestr(name, typed.encode() if name == changed else part)
        yield copy.getvalue()


def _cell(place: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    return f'<c r="{place}"><v>{float(value)!r}</v></c>'
