"""From a path or a stream to bytes that hold a table: opened, unpacked and decoded, or an error that says why not.

A file is known by its first bytes, not by its extension: an unknown extension is tried as text.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from glassnet.errors import TableError
from glassnet.tables.notes import Note
from glassnet.tables.read.encodings import decoded
from glassnet.tables.read.limit import Limit
from glassnet.tables.read.options import ReadOptions
from glassnet.tables.read.sources import read_source
from glassnet.tables.read.unpack import is_workbook, unpacked

TEXT, PARQUET, ARROW_FILE, ARROW_STREAM = "text", "Parquet", "Arrow", "Arrow stream"
SHEETS = "Excel or ODS"
STATISTICS = {  # and what reads each of them in pyreadstat
    "SPSS": "read_sav", "Stata": "read_dta", "SAS": "read_sas7bdat", "SAS transport": "read_xport",
}  # fmt: skip

_TABLES = {
    b"PAR1": PARQUET,
    b"ARROW1": ARROW_FILE,
    b"\xff\xff\xff\xff": ARROW_STREAM,
    b"\xd0\xcf\x11\xe0": SHEETS,
    b"$FL2": "SPSS",
    b"$FL3": "SPSS",
    b"<stata_dta>": "Stata",
    b"\x71\x02\x01": "Stata",
    b"\x72\x02\x01": "Stata",
    b"\x73\x02\x01": "Stata",
    bytes(12) + b"\xc2\xea\x81\x60": "SAS",
    b"HEADER RECORD*******LIB": "SAS transport",
}

_NOT_TABLES = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"%PDF": "a PDF document",
    b"\x7fELF": "a program",
    b"\x89HDF": "an HDF5 file: read it with the library that wrote it and pass the DataFrame",
    b"SQLite format 3": "an SQLite database: select the table and pass the DataFrame",
    b"MATLAB 5.0": "a MATLAB file: read it with scipy.io.loadmat and pass the array",
    b"\x80\x04\x95": "a pickle: load it, if you trust its author, and pass the DataFrame",
    b"\x93NUMPY": "a NumPy file: numpy.load it and pass the array",
    b"RDX": "an R data file: write the data frame with write.csv",
    b"Rar!": "a RAR archive: unpack it first",
    b"7z\xbc\xaf": "a 7z archive: unpack it first",
    b"FEA1": "a Feather file of version 1: write it again as version 2 or Parquet",
}


class Content(NamedTuple):
    """What a file or stream holds.

    ``form`` is one of the four names above; ``data`` its bytes, unpacked, and those of a text in UTF-8; ``limit`` is
    how large the table may become.
    """

    form: str
    data: bytes
    limit: Limit
    notes: tuple[Note, ...] = ()

    @property
    def name(self) -> str:
        """Of the file or stream."""
        return self.limit.name


def read_content(source: Any, options: ReadOptions) -> Content:
    """The content of the file at a path, or of a stream.

    Raises:
        TableError: it cannot be read, is too large, or is not a table.
    """
    packed, limit = read_source(source, options.max_bytes)
    data = unpacked(packed, limit)
    if is_workbook(data):
        return Content(SHEETS, data, limit)
    for magic, form in _TABLES.items():
        if data.startswith(magic):
            return Content(form, data, limit)
    for magic, what in _NOT_TABLES.items():
        if data.startswith(magic):
            raise TableError(f"{limit.name!r} is not a table but {what}.")
    text, notes = decoded(data, limit.name, options.encoding)
    return Content(TEXT, text, limit, tuple(notes))
