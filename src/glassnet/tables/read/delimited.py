"""Delimited text to a table of text columns: PyArrow does the parsing, the dialect says how.

Every column comes out dictionary-encoded, so that what follows looks at each different value once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from glassnet.errors import Faults, TableError, plural
from glassnet.tables._arrow import pa, pc
from glassnet.tables.notes import Note
from glassnet.tables.read.column_names import distinct
from glassnet.tables.read.dialect import (
    WHITESPACE,
    Dialect,
    lines_of,
    numbered_records,
    sniff,
    squeeze,
)
from glassnet.tables.read.options import AS_FOUND, ReadOptions

FOOTER_ROWS = 3
NO_ROWS = "has a header but no rows."
BLOCK = 2**22  # bytes that are parsed at once, at least
MOST = 2**31 - 1
SAMPLE_BYTES = 1 << 16  # that the dialect is judged from, and as many more as some records need
SAMPLE_LINES = 50


def parse_text(
    data: bytes,
    name: str,
    wanted: Sequence[str] | None,
    known: frozenset[str] = frozenset(),
    options: ReadOptions = AS_FOUND,
    usual: ReadOptions = AS_FOUND,
) -> tuple[pa.Table, Dialect, list[Note]]:
    """The text columns of ``data`` (UTF-8), the dialect found, and what had to be assumed.

    ``known`` are the names of the columns where earlier rows of the same table were read; every row is then kept.
    ``usual`` are the options of those: they hold where the text does not show the names by itself.

    Raises:
        TableError: a header without rows, names that occur twice, and rows with too many or too few fields, each with
            its line.
    """
    dialect = _dialect(_sample(data, options.or_else(usual)), known, options, usual)
    notes = list(dialect.notes)
    names, trailing = _names(data, name, dialect, notes)
    if dialect.separator == WHITESPACE:
        data = squeeze(data.decode(), dialect.quote).encode()
    elif dialect.spaced:
        data = unspaced(data, dialect)
    elif dialect.separator and len(dialect.separator) > 1:
        data = data.replace(dialect.separator.encode(), b"\x1f")
    _refuse_open_quote(data, name, dialect)
    try:
        try:
            table = _parse(data, dialect, names, wanted)
        except pa.ArrowInvalid as error:
            if "columns, got" not in str(error):  # else rows have another number of fields
                raise
            data, found = _mend(data, name, dialect, len(names))
            notes += found
            table = _parse(data, dialect, names, wanted)
    except pa.ArrowException as error:
        raise TableError(f"{name!r} cannot be cut into rows and fields: {error}.") from None
    if trailing:
        table = table.select([column for column in table.column_names if column != names[-1]])
        notes.append(
            Note("trailing_separator", "Every row ends with a separator; the empty last column was left out.")
        )
    table = _without_repeated_headers(table, notes)
    if not known:
        table = _without_empty_rows(table, notes)
    if not table.num_rows:
        raise TableError(f"{name!r} {NO_ROWS}")
    return table, dialect, notes


def _dialect(text: str, known: frozenset[str], options: ReadOptions, usual: ReadOptions) -> Dialect:
    """The dialect by the options of this text; by those of earlier rows where it does not show the known names."""
    if usual == AS_FOUND:
        return sniff(text, known, options)
    dialect = sniff(text, known, options)
    names = set(dialect.header or ())
    if 2 * len(names & known) > len(names):
        return dialect
    try:
        return sniff(text, known, options.or_else(usual))
    except TableError:
        return dialect


def _sample(data: bytes, options: ReadOptions = AS_FOUND) -> str:
    size = SAMPLE_BYTES
    top = re.match(rb"(?:[ \t]*(?:#[^\r\n]*)?[\r\n])*", data)
    first = top.end() if top else 0  # behind blank lines and comments
    lines = SAMPLE_LINES + options.top_rows
    while size < len(data) and sum(data.count(end, first, size) for end in (b"\n", b"\r")) < lines:
        size *= 4
    head = data[:size]
    if len(data) > size:
        head = head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1] or head
    return head.decode(errors="ignore")


def _names(data: bytes, name: str, dialect: Dialect, notes: list[Note]) -> tuple[list[str], bool]:
    """The columns' names, and whether the last one is the nothing behind a trailing separator."""
    width = max(dialect.fields, 1)
    if dialect.header is None:
        return [f"x{at}" for at in range(1, width + 1)], False
    names = [field.replace("\n", " ") for field in dialect.header]
    short = len(names) == width - 1
    trailing = (short or (width > 2 and names[-1] == "")) and _last_fields_empty(data, dialect, width)
    if trailing:
        names[width - 1 :] = ["\x00"]
    elif short:
        names.insert(0, "row")
        text = "The header names one column fewer than the rows have; the first was named 'row'."
        notes.append(Note("row_names", text))
    nameless = [at for at, field in enumerate(names, 1) if not field]
    for at in nameless:
        names[at - 1] = f"column {at}"
    if nameless:
        listed = ", ".join(repr(names[at - 1]) for at in nameless)
        text = f"{plural(len(nameless), 'column has', 'columns have')} no name in the header; named {listed}."
        notes.append(Note("unnamed_columns", text))
    return distinct(names, notes), trailing


def _last_fields_empty(data: bytes, dialect: Dialect, width: int) -> bool:
    rows = [fields for fields, _ in numbered_records(_sample(data), dialect, 200)][1:]
    return all(not fields[-1].strip() for fields in rows if len(fields) == width)


def unspaced(data: bytes, dialect: Dialect) -> bytes:
    """Blanks between a separator and an opening quotation mark taken out."""
    separator, quote = (dialect.separator or "").encode(), (dialect.quote or '"').encode()
    return re.sub(re.escape(separator) + b" +" + re.escape(quote), separator + quote, data)


def _parse(data: bytes, dialect: Dialect, names: list[str], wanted: Sequence[str] | None) -> pa.Table:
    """The table.

    Raises:
        ArrowInvalid: rows with another number of fields. A handler of such rows, written in Python, might be released
            by a thread of PyArrow while Python ends, which aborts the process.
    """
    from pyarrow import csv

    separator = "\t" if dialect.separator == WHITESPACE else dialect.separator or "\x1f"
    separator = separator if len(separator) == 1 else "\x1f"
    keep = names if wanted is None else [field for field in names if field in wanted or field == "\x00"]

    def _read(block: int) -> pa.Table:
        return csv.read_csv(
        pa.BufferReader(data),
        read_options=csv.ReadOptions(
            column_names=names, skip_rows=dialect.skip, skip_rows_after_names=dialect.header_rows,
            block_size=min(block, MOST),
        ),
        parse_options=csv.ParseOptions(
            delimiter=separator, quote_char=dialect.quote or False, escape_char=dialect.escape or False,
            newlines_in_values=dialect.quote is not None, ignore_empty_lines=len(names) > 1,
        ),
        convert_options=csv.ConvertOptions(
            column_types={field: pa.dictionary(pa.int32(), pa.string()) for field in names},
            include_columns=keep, strings_can_be_null=False,
        ),
    )  # fmt: skip

    try:
        table = _read(max(len(data) // 4, BLOCK))
    except pa.ArrowInvalid as error:
        if "straddl" not in str(error) or len(data) <= BLOCK:
            raise
        table = _read(len(data) + 1)  # a record is longer than a block
    return table.unify_dictionaries().combine_chunks()


def _mend(data: bytes, name: str, dialect: Dialect, width: int) -> tuple[bytes, list[Note]]:
    """``data`` without a footer of odd lines; :class:`TableError` for odd rows anywhere else."""
    text = data.decode()
    cut = Dialect("\t", *_tail(dialect)) if dialect.separator == WHITESPACE else dialect
    rows = [(fields, line) for fields, line in numbered_records(text, cut) if line > dialect.skip]
    odd = [(fields, line) for fields, line in rows if len(fields) != width]
    footer = [
        line for fields, line in rows[-FOOTER_ROWS:] if sum(map(bool, fields)) <= 1 and len(fields) != width
    ]
    if odd and len(footer) == len(odd) and width > 2:
        lines = lines_of(text)
        text = f"The last {plural(len(footer), 'line is', 'lines are')} not part of the table; left out."
        rest = "".join(line for at, line in enumerate(lines, 1) if at < footer[0])
        return rest.encode(), [Note("footer", text)]
    if len(odd) * 2 > len(rows):
        counts = sorted({len(fields) for fields, _ in rows})
        raise TableError(f"{name!r} is not a table: its lines have from {counts[0]} to {counts[-1]} fields.")
    faults = Faults(TableError)
    for fields, line in odd[:3]:
        much = "too many" if len(fields) > width else "too few"
        faults.add(
            f"{name!r}, line {line}: {much} fields: {len(fields)} where {width} are expected"
            f" ({_shown(fields)}).{_unclosed(fields)}"
        )
    if len(odd) > 3:
        faults.add(f"{plural(len(odd) - 3, 'more line')} of {name!r} with a wrong number of fields.")
    faults.raise_if_any()
    raise TableError(f"{name!r} cannot be cut into rows of {width} fields; check its quotation marks.")


def _refuse_open_quote(data: bytes, name: str, dialect: Dialect) -> None:
    """:class:`TableError` when a quotation mark is opened and the rest of the file is inside it."""
    if not dialect.quote or data.count(dialect.quote.encode()) % 2 == 0:
        return
    cut = Dialect("\t", *_tail(dialect)) if dialect.separator == WHITESPACE else dialect
    fields, line = next(reversed(numbered_records(data.decode(), cut)), ([], 0))
    if any("\n" in field or "\r" in field for field in fields):
        raise TableError(
            f"{name!r}, line {line}: a quotation mark is opened ({_shown(fields)}) and never closed."
        )


def _tail(dialect: Dialect) -> tuple[str | None, str | None, int, int, tuple[str, ...] | None]:
    return dialect.quote, dialect.escape, dialect.skip, dialect.fields, dialect.header


def _shown(fields: Sequence[str]) -> str:
    text = " | ".join(fields).replace("\n", "\\n")
    return text if len(text) <= 60 else text[:57] + "…"


def _unclosed(fields: Sequence[str]) -> str:
    many = any(field.count("\n") > 2 for field in fields)
    return " A quotation mark that is opened there may never be closed." if many else ""


def _without_repeated_headers(table: pa.Table, notes: list[Note]) -> pa.Table:
    """Headers stand among the rows where files were put together."""
    return _without(
        table,
        lambda name, texts: pc.equal(pc.utf8_lower(texts), name.lower()),
        "repeated_header",
        "that repeat the header",
        notes,
    )


def _without_empty_rows(table: pa.Table, notes: list[Note]) -> pa.Table:
    """Rows in which every field is empty are what spreadsheets leave behind."""
    return _without(table, lambda name, texts: pc.equal(texts, ""), "empty_rows", "without any value", notes)


def _without(
    table: pa.Table, matches: Callable[[str, pa.Array], pa.Array], code: str, what: str, notes: list[Note]
) -> pa.Table:
    """The table without the rows of which every field matches; fields are looked at once for each different text."""
    if table.num_columns < 2:
        return table
    rows = None
    for name, column in zip(table.column_names, table.columns, strict=True):
        found = (
            matches(name, pc.utf8_trim_whitespace(column.chunk(0).dictionary)) if column.num_chunks else None
        )
        if found is None or not pc.any(found).as_py():
            return table
        here = pc.take(found, column.chunk(0).indices)
        rows = here if rows is None else pc.and_(rows, here)
    if count := pc.sum(rows).as_py() or 0:
        notes.append(Note(code, f"Left out: {plural(count, 'row')} {what}."))
        table = table.filter(pc.invert(rows))
    return table
