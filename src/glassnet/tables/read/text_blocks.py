"""A delimited text in blocks: each piece is parsed as a text of its own, with the names that the first one has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from glassnet.caching import cached_property
from glassnet.errors import TableError
from glassnet.tables._arrow import pa
from glassnet.tables.notes import Note
from glassnet.tables.read.delimited import parse_text
from glassnet.tables.read.dialect import WHITESPACE, Dialect
from glassnet.tables.read.encodings import decoded, encoding_of
from glassnet.tables.read.options import ReadOptions

PIECE = 2**24  # bytes of a block
MOST = 16  # pieces that a row may be as long as
BINARY = (b"PK", b"\xd0\xcf\x11\xe0", b"$FL", b"<stata", b"HEADER RECORD", b"\x89", b"%PDF", b"{", b"[",
          b"\xff\xfe", b"\xfe\xff")  # fmt: skip


class TextBlocks:
    """The rows of a delimited text, compressed or not, all values as texts.

    Its first piece shows how the text is delimited, and the names of its columns.
    """

    def __init__(self, file: Path, options: ReadOptions) -> None:
        self._file, self._options = file, options

    @staticmethod
    def can_read(head: bytes) -> bool:
        """Whether a file that begins so may be one: no other format, no JSON, no UTF-16."""
        return not head.lstrip().startswith(BINARY)

    @property
    def rows(self) -> None:
        return None

    @property
    def dialect(self) -> Dialect:
        """How the text is delimited."""
        return self._first[1]

    @property
    def notes(self) -> list[Note]:
        """What had to be assumed about the text."""
        return self._first[2]

    @cached_property
    def has_quotes(self) -> bool:
        """Whether the first piece has quotation marks."""
        quote = self.dialect.quote
        return quote is not None and quote.encode() in self._head

    def blocks(self) -> Iterator[pa.Table]:
        names: tuple[str, ...] = ()
        for piece in self._pieces():
            if not names:
                table = self._first[0]
                names = tuple(table.column_names)
                yield table
                continue
            text, _ = decoded(piece, str(self._file), self._encoding)
            table, _, _ = parse_text(text, str(self._file), None, frozenset(names), self._rest(names))
            yield table

    def _rest(self, names: tuple[str, ...]) -> ReadOptions:
        """The options of all pieces but the first, which have no header."""
        separator = " " if self.dialect.separator == WHITESPACE else self.dialect.separator
        return replace(self._options, delimiter=separator, header=names, skip_rows=0)

    @cached_property
    def _first(self) -> tuple[pa.Table, Dialect, list[Note]]:
        text, notes = decoded(self._head, str(self._file), self._encoding if self._options.encoding else None)
        table, dialect, noted = parse_text(text, str(self._file), None, options=self._options)
        return table, dialect, notes + noted

    @cached_property
    def _head(self) -> bytes:
        return next(self._pieces(), b"")

    @cached_property
    def _encoding(self) -> str:
        return self._options.encoding or encoding_of(self._head)

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
