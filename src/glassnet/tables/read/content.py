"""From a path or a stream to bytes that hold a table: opened, unpacked and decoded, or an error that says why not.

A file is known by its first bytes, not by its extension: an unknown extension is tried as text.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from glassnet.errors import TableError, nearest
from glassnet.tables._arrow import pa
from glassnet.tables.notes import Note

TEXT, PARQUET, ARROW_FILE, ARROW_STREAM = "text", "Parquet", "Arrow", "Arrow stream"
SHEETS = "Excel or ODS"
STATISTICS = {  # and what reads each of them in pyreadstat
    "SPSS": "read_sav", "Stata": "read_dta", "SAS": "read_sas7bdat", "SAS transport": "read_xport",
}  # fmt: skip


COMMONEST = "cp1252"  # of the encodings with a byte a character
LATIN = frozenset(
    ("cp1252", "cp1250", "cp1254", "cp1257", "cp437", "cp850", "cp852", "iso8859-1", "iso8859-2", "iso8859-9",
     "iso8859-15", "mac-roman")
)  # fmt: skip
ENOUGH_WORDS = 5  # that tell one Latin encoding from another
CLEARLY = 1.2  # times as likely another encoding must be
WORDS_BYTES = 1 << 16  # of the text that its encoding is judged from


class Content(NamedTuple):
    """What a file or stream holds.

    ``form`` is one of the four names above; ``data`` its bytes, unpacked, and those of a text in UTF-8.
    """

    form: str
    data: bytes
    name: str
    notes: tuple[Note, ...] = ()


def _unzstd(data: bytes) -> bytes:
    return bytes(pa.CompressedInputStream(pa.BufferReader(data), "zstd").read())


_PACKED: dict[bytes, Callable[[bytes], bytes]] = {
    b"\x1f\x8b": gzip.decompress,
    b"BZh": bz2.decompress,
    b"\xfd7zXZ\x00": lzma.decompress,
    b"\x28\xb5\x2f\xfd": _unzstd,
}

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


def read_content(source: Any, encoding: str | None = None) -> Content:
    """The content of the file at a path, or of a stream. ``encoding`` is that of a text; None finds it.

    Raises:
        TableError: it cannot be read, or is not a table.
    """
    if isinstance(source, (str, os.PathLike)):
        content = _identify(_read_file(source), str(os.fspath(source)))
    else:
        data = source.read()
        name = str(getattr(source, "name", "the stream"))
        content = _identify(data.encode() if isinstance(data, str) else data, name)
    if content.form != TEXT:
        return content
    text, notes = _decode(content.data, content.name, encoding)
    return content._replace(data=text, notes=tuple(notes))


def _read_file(path: str | os.PathLike[str]) -> bytes:
    name = os.fspath(path)
    if not name:
        raise TableError("The path of the table is empty; pass that of a file.")
    if re.match(r"[a-z][a-z0-9+]+://", str(name)):
        raise TableError(f"{name!r} is a web address; download the file first and pass its path.")
    file = Path(name).expanduser()
    try:
        if file.is_dir():
            raise TableError(
                f"{name!r} is a directory; pass the path of one table in it.{_some_tables(file)}"
            )
        return file.read_bytes()
    except FileNotFoundError:
        raise TableError(f"There is no file {name!r}.{_nearest_file(file)}") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or error
        raise TableError(f"{name!r} cannot be read: {reason}.") from None


def _identify(data: bytes, name: str) -> Content:
    """Unpack ``data`` and say what it is."""
    for magic, unpack in _PACKED.items():
        if data.startswith(magic):
            try:
                unpacked = unpack(data)
            except (OSError, EOFError, ValueError, lzma.LZMAError, zlib.error) as error:
                raise TableError(f"{name!r} is compressed, but cannot be unpacked: {error}.") from None
            return _identify(unpacked, name)
    if data.startswith(b"PK\x03\x04"):
        if _is_workbook(data):
            return Content(SHEETS, data, name)
        return _identify(_only_member(data, name), name)
    for magic, form in _TABLES.items():
        if data.startswith(magic):
            return Content(form, data, name)
    for magic, what in _NOT_TABLES.items():
        if data.startswith(magic):
            raise TableError(f"{name!r} is not a table but {what}.")
    return Content(TEXT, data, name)


def _decode(data: bytes, name: str, encoding: str | None) -> tuple[bytes, list[Note]]:
    """``data`` as UTF-8 without a byte-order mark, and what had to be assumed."""
    if not data.strip():
        raise TableError(f"{name!r} is empty: it has no header and no rows.")
    notes: list[Note] = []
    given, encoding = encoding, encoding or _encoding_of(data)
    if encoding != "utf-8" or given:
        try:
            data = data.decode(encoding).encode()
        except LookupError:
            raise TableError(f"encoding is {encoding!r}, but Python knows no such encoding.") from None
        except UnicodeError as error:
            raise TableError(f"{name!r} is not {encoding} text, or is damaged: {error}.") from None
        if not given and not encoding.startswith("utf"):
            text = (
                f"The text is not UTF-8; it was read as {encoding} (if words look wrong, save it as UTF-8)."
            )
            notes.append(Note("encoding", text))
    data = data.removeprefix(codecs.BOM_UTF8)
    _refuse_junk(data, name)
    return data, notes


def _encoding_of(data: bytes) -> str:
    """UTF-8, UTF-32 and UTF-16 (by their mark, or UTF-16 by its pattern of zero bytes), or what the words look like."""
    if b"\0" not in data[:2000] and (data.isascii() or _decodes(data, "utf-8")):
        return "utf-8"
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    head = data[:2000]
    half = len(head) // 2
    if half and head[1::2].count(0) > 0.7 * half and not head[0::2].count(0):
        return "utf-16-le"
    if half and head[0::2].count(0) > 0.7 * half and not head[1::2].count(0):
        return "utf-16-be"
    return next((name for name in _likely_encodings(data) if _decodes(data, name)), "latin-1")


def _likely_encodings(data: bytes) -> Iterator[str]:
    """Encodings by how well they fit the words that are not ASCII, the commonest one where it fits about as well."""
    import chardet

    lines = [line for line in data[:WORDS_BYTES].splitlines() if not line.isascii()]
    sample = b"\n".join(dict.fromkeys(lines or data.splitlines()))[:WORDS_BYTES]
    words = set(re.findall(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*", sample))
    joined = b"".join(words)
    latin = len(re.findall(rb"[A-Za-z]", joined)) * 2 >= len(
        joined
    )  # words of other scripts have no letters of ASCII
    letters = any(mark.isalpha() for mark in sample.decode(COMMONEST, errors="replace") if not mark.isascii())
    found = {
        codecs.lookup(each["encoding"]).name: each["confidence"]
        for each in chardet.detect_all(sample)
        if each["encoding"] and (not latin or codecs.lookup(each["encoding"]).name in LATIN)
    }
    best = max(found, key=lambda name: found[name], default=COMMONEST)
    few = len(words) < ENOUGH_WORDS if latin else best in LATIN
    if few or not letters or not found or found.get(COMMONEST, 0.0) * CLEARLY >= max(found.values()):
        yield COMMONEST
    yield from (name for name in found if _makes_words(sample, name))
    yield COMMONEST


def _makes_words(data: bytes, encoding: str) -> bool:
    """Whether words have letters of one script, and no symbols within; those of several bytes a character may."""
    text = data.decode(encoding, errors="replace")
    if len(text) < len(data):
        return True
    wrong = r"[A-Za-z][^\W\d_A-Za-z]|[^\W\d_A-Za-z][A-Za-z]"
    if encoding in LATIN:
        wrong = r"[^\W\d_][^\w\x00-\x7f’‘´·–—][^\W\d_]"
    return not re.search(wrong, text)


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeError:
        return False
    return True


_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x7f]")


def _refuse_junk(data: bytes, name: str) -> None:
    head = data[:4096]
    if b"\x00" in data or len(_CONTROL.findall(head)) > len(head) / 50:
        raise TableError(f"{name!r} is not a table: it holds binary data, not text.")
    if re.match(rb"\s*(<!doctype html|<html|<head|<body)", head, re.IGNORECASE):
        raise TableError(f"{name!r} is not a table but a web page (HTML); download the data file itself.")
    if re.match(rb"\s*<\?xml", head):
        raise TableError(f"{name!r} is not a table but an XML document.")


def _is_workbook(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            ods = "mimetype" in names and b"opendocument.spreadsheet" in archive.read("mimetype")
            return ods or any(name.startswith("xl/workbook.") for name in names)
    except (zipfile.BadZipFile, RuntimeError, zlib.error):
        return False


def _only_member(data: bytes, name: str) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [m for m in archive.namelist() if not m.endswith("/") and "__MACOSX" not in m]
            if "[Content_Types].xml" in members:
                raise TableError(f"{name!r} is an Office document without sheets, not a table.")
            if len(members) != 1:
                listed = ", ".join(members[:5])
                raise TableError(f"{name!r} holds {len(members)} files ({listed}); pass an archive of one.")
            return archive.read(members[0])
    except (zipfile.BadZipFile, RuntimeError) as error:
        raise TableError(f"{name!r} is a zip archive, but cannot be unpacked: {error}.") from None


def _nearest_file(file: Path) -> str:
    folder = file.parent
    if not folder.is_dir():
        return f" There is no folder {str(folder)!r} either."
    return nearest(file.name, [entry.name for entry in folder.iterdir()])


def _some_tables(folder: Path) -> str:
    endings = (".csv", ".tsv", ".txt", ".data", ".parquet", ".arrow", ".feather", ".gz", ".zst", ".zip")
    found = sorted(entry.name for entry in folder.iterdir() if entry.name.lower().endswith(endings))
    return f" It holds {', '.join(found[:5])}{', …' if len(found) > 5 else ''}." if found else ""
