"""A delimited text in blocks: each piece is parsed as a text of its own, with the names that the first one has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from glassnet.errors import TableError
from glassnet.tables._arrow import pa
from glassnet.tables.notes import Note
from glassnet.tables.read.delimited import NO_ROWS, parse_text, unspaced
from glassnet.tables.read.dialect import WHITESPACE, Dialect
from glassnet.tables.read.encodings import decoded, encoding_of
from glassnet.tables.read.options import ReadOptions

PIECE = 2**24  # bytes of a block
CODECS = {".gz": "gzip", ".bz2": "bz2", ".zst": "zstd", ".lz4": "lz4"}  # what PyArrow detects by the name
MOST = 16  # pieces that a row may be as long as
BINARY = (b"PK", b"\xd0\xcf\x11\xe0", b"$FL", b"<stata", b"HEADER RECORD", b"\x89", b"%PDF", b"{", b"[",
          b"\xff\xfe", b"\xfe\xff", b"\xfd7zXZ")  # fmt: skip
PACKED = (b"\x1f\x8b", b"BZh", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18")  # how compressed files begin
WIDE = ("utf16", "utf32", "ucs")  # encodings whose ends of lines are several bytes


class _Shape(NamedTuple):
    """What the first piece shows of all: how the text is delimited, the names of its columns, its encoding."""

    dialect: Dialect
    names: tuple[str, ...]
    encoding: str
    has_quotes: bool
    trailing: bool  # whether there is a separator behind the last field


class TextBlocks:
    """The rows of a delimited text, compressed or not, all values as texts.

    Args:
        options: how it is read.
        known: the names of the columns where earlier rows of the same table were read; every row is then kept.

    Attributes:
        notes: what had to be assumed about the text, as far as it was read.
    """

    def __init__(self, file: Path, options: ReadOptions, known: frozenset[str] = frozenset()) -> None:
        self._file, self._options, self._known = file, options, known
        self._shape: _Shape | None = None
        self.notes: list[Note] = []

    @staticmethod
    def can_read(head: bytes, options: ReadOptions) -> bool:
        """Whether a file that begins so may be one: no other format, no JSON, no UTF-16, no xz."""
        encoding = (options.encoding or "").lower().replace("-", "").replace("_", "")
        return not head.lstrip().startswith(BINARY) and not encoding.startswith(WIDE)

    @property
    def path(self) -> Path:
        """Of the file."""
        return self._file

    @property
    def rows(self) -> None:
        return None

    @property
    def unpacked(self) -> int:
        """The bytes of the text, about: of a compressed one from the share that its first piece takes of the file."""
        size, codec = self._file.stat().st_size, CODECS.get(self._file.suffix.lower())
        if codec is None:
            return size
        try:
            with pa.OSFile(str(self._file)) as packed, pa.CompressedInputStream(packed, codec) as stream:
                data = stream.read(PIECE)
                return len(data) if len(data) < PIECE else int(size * len(data) / max(packed.tell(), 1))
        except (pa.ArrowException, OSError):  # which reading it will tell of
            return size

    @property
    def dialect(self) -> Dialect | None:
        """How the text is delimited; ``None`` if it has no rows."""
        shape = self._seen()
        return shape and shape.dialect

    @property
    def has_quotes(self) -> bool:
        """Whether the first piece has quotation marks."""
        shape = self._seen()
        return shape is not None and shape.has_quotes

    def blocks(self) -> Iterator[pa.Table]:
        name, is_first = str(self._file), True
        for piece in self._pieces():
            shape = None if is_first else self._shape
            if shape is None:
                table = self._first(piece)
            else:
                names = frozenset(shape.names)
                table, _, _ = parse_text(self._text(piece, shape), name, None, names, self._rest(shape))
            if table is None:
                return
            is_first = False
            yield table

    def _seen(self) -> _Shape | None:
        if self._shape is None:
            self._first(next(self._pieces(), b""))
        return self._shape

    def _first(self, piece: bytes) -> pa.Table | None:
        """The rows of the first piece, which shows what holds for all; ``None`` if there are none."""
        name = str(self._file)
        text, notes = decoded(piece, name, self._options.encoding)
        try:
            table, dialect, noted = parse_text(text, name, None, self._known, self._options)
        except TableError as error:
            if str(error).endswith(NO_ROWS):  # as a part of a table may have
                return None
            raise
        quote = None if dialect.quote is None else dialect.quote.encode()
        trailing = any(note.code == "trailing_separator" for note in noted)
        self._shape = _Shape(
            dialect,
            tuple(table.column_names),
            self._options.encoding or encoding_of(piece),
            quote is not None and quote in text,
            trailing,
        )
        self.notes = [*notes, *noted]
        return table

    def _text(self, piece: bytes, shape: _Shape) -> bytes:
        """A later piece in UTF-8; one that is not shows that the whole text is in another encoding."""
        encoding = shape.encoding
        if encoding == "utf-8" and not self._options.encoding and encoding_of(piece) != encoding:
            text, notes = decoded(piece, str(self._file), None)
            self._shape = shape._replace(encoding=encoding_of(piece))
            self.notes += notes
        else:
            text, _ = decoded(piece, str(self._file), encoding)
        return unspaced(text, shape.dialect) if shape.dialect.spaced else text

    def _rest(self, shape: _Shape) -> ReadOptions:
        """The options of all pieces but the first, which have no header."""
        names = (*shape.names, "") if shape.trailing else shape.names
        separator = " " if shape.dialect.separator == WHITESPACE else shape.dialect.separator
        return replace(self._options, delimiter=separator, header=names, skip_rows=0)

    def _pieces(self) -> Iterator[bytes]:
        """The bytes of the file, cut behind ends of lines that are not within quotation marks.

        Raises:
            TableError: a row that is longer than some hundred megabytes, or damaged data.
        """
        try:
            with pa.input_stream(str(self._file), compression="detect") as stream:
                rest = b""
                while data := stream.read(PIECE):
                    rest += data
                    cut = _end_of_rows(rest)
                    if not cut:
                        if len(rest) > MOST * PIECE:
                            raise TableError(
                                f"{str(self._file)!r} has a row, or a text in quotation marks, of more than "
                                f"{MOST * PIECE >> 20} MiB; a quotation mark may never be closed."
                            )
                        continue
                    yield rest[:cut]
                    rest = rest[cut:]
                if rest.strip():
                    yield rest
        except (pa.ArrowException, OSError) as error:
            raise TableError(f"{str(self._file)!r} cannot be read: {error}.") from None


def _end_of_rows(data: bytes, quote: bytes = b'"') -> int:
    """Where the last whole row of ``data`` ends; 0 if there is none."""
    end = data.rfind(b"\n") + 1
    within = data.count(quote, 0, end) % 2
    while end and within:
        before = data.rfind(b"\n", 0, end - 1) + 1
        within ^= data.count(quote, before, end) % 2
        end = before
    return end
