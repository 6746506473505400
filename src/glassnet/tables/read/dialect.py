"""Which dialect of delimited text a file is written in, judged from its first records.

A separator is believed when it cuts nearly all records into the same number of fields, two or more,
and the header into as many.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass, replace

from glassnet.tables.missing_tokens import MISSING
from glassnet.tables.notes import Note

SAMPLE_RECORDS = 300

# In order of preference when two separators fit equally well: one that is seldom part of a value first.
SEPARATORS = ("\t", ";", "|", ",", "~", "^", "\x01", "\x1f")
WHITESPACE = " "
LAST_RESORTS = ("::", ":")


@dataclass(frozen=True)
class Dialect:
    """How a text is cut into records and fields.

    ``skip`` is how many physical lines stand before the table; ``fields`` how many fields a record has; ``header`` is
    None where the first record is data already; ``second_header`` says that the first record below it is one, too.
    """

    separator: str | None
    quote: str | None
    escape: str | None
    skip: int
    fields: int
    header: tuple[str, ...] | None
    spaced: bool = False
    second_header: bool = False
    notes: tuple[Note, ...] = ()


def sniff(text: str, known: frozenset[str] = frozenset()) -> Dialect:
    """The dialect of ``text``, which is the beginning of a file, cut at the end of a line.

    ``known`` are the names that its columns have, if earlier rows of the same table were read.
    """
    skip, separator, notes = _leading_lines(text)
    body = re.sub(r"^#\s*", "", _without_lines(text, skip))
    dialect = _best(body, separator)
    preamble = _preamble(body, dialect)
    if preamble:
        text = f"The first {preamble} line(s) are not part of the table and were skipped."
        notes.append(Note("skipped_lines", text))
        skip += preamble
        body = _without_lines(body, preamble)
        dialect = _best(body, separator)
    header, noted = _header(body, dialect, known)
    second = header is not None and _second_header(body, dialect)
    if second:
        noted.append(Note("second_header", "The second row names the columns again and was left out."))
    return replace(dialect, skip=skip, header=header, second_header=second, notes=(*notes, *noted))


def lines_of(text: str) -> list[str]:
    """The lines with their ends; what else Unicode calls the end of a line stands within values."""
    return io.StringIO(text, newline="").readlines()


def records(text: str, dialect: Dialect, limit: int | None = None) -> list[list[str]]:
    """The first ``limit`` records of ``text`` that are not blank."""
    return [fields for fields, _ in numbered_records(text, dialect, limit)]


def numbered_records(text: str, dialect: Dialect, limit: int | None = None) -> list[tuple[list[str], int]]:
    """Records with the physical line (from 1) on which each begins; blank lines are left out."""
    separator = dialect.separator or "\x1f"
    if len(separator) > 1:
        text, separator = text.replace(separator, "\x1f"), "\x1f"
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=separator,
        quotechar=dialect.quote,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        escapechar=dialect.escape,
        skipinitialspace=dialect.spaced,
    )
    found: list[tuple[list[str], int]] = []
    begin = 1
    csv.field_size_limit(1 << 30)
    for fields in reader:
        if fields and (len(fields) > 1 or fields[0].strip()):
            found.append((fields, begin))
        begin = reader.line_num + 1
        if limit is not None and len(found) >= limit:
            break
    return found


def squeeze(text: str, quote: str | None) -> str:
    """Text in columns of blanks, with one tab for each run of blanks outside quotes."""
    text = re.sub(r"(?m)^[ \t]+|[ \t]+(?=\r?$)", "", text)
    if quote and quote in text:
        return re.sub(rf"({quote}[^{quote}\n]*{quote})|[ \t]+", lambda match: match[1] or "\t", text)
    return re.sub(r"[ \t]+", "\t", text)


def _without_lines(text: str, count: int) -> str:
    for _ in range(count):
        text = text[re.search(r"\r\n|\r|\n|$", text).end() :]  # type: ignore[union-attr]
    return text


def _leading_lines(text: str) -> tuple[int, str | None, list[Note]]:
    """How many blank, comment and ``sep=`` lines stand first, and the separator that the latter names."""
    lines = lines_of(text)
    skip = 0
    separator: str | None = None
    while skip < len(lines):
        line = lines[skip].strip()
        named = re.fullmatch(r'"?sep=(.)"?[,;\t]*', lines[skip].strip("\r\n"), re.IGNORECASE)
        if named:
            separator = named[1]
        elif line and not _is_comment(lines, skip):
            break
        skip += 1
    comments = sum(bool(line.strip()) for line in lines[:skip]) - (separator is not None)
    note = Note("comment_lines", f"{comments} comment line(s) at the top were skipped.")
    return skip, separator, [note] if comments else []


def _is_comment(lines: list[str], at: int) -> bool:
    """A line that begins with # is a comment, unless it is cut into as many fields as the line below."""
    line = lines[at].strip()
    if not line.startswith("#"):
        return False
    below = next((other for other in lines[at + 1 :] if other.strip()), "")
    if below.strip().startswith("#"):
        return True
    body = line.lstrip("# ")
    counts = [(body.count(mark), below.count(mark)) for mark in SEPARATORS]
    fits = any(here and here == there for here, there in counts)
    return not (fits or (len(body.split()) > 1 and len(body.split()) == len(below.split())))


def _best(text: str, named: str | None) -> Dialect:
    """The dialect that cuts ``text`` most evenly."""
    escape = "\\" if '\\"' in text else None
    quotes: list[str | None] = ['"']
    if re.search(r"(?m)(^|[,;\t|])'[^'\n]*'([,;\t|]|\r?$)", text) and '"' not in text:
        quotes.insert(0, "'")
    if '"' in text:
        quotes.append(None)
    candidates = [named] if named else [mark for mark in SEPARATORS if mark in text]
    best, score = Dialect(None, '"', escape, 0, 1, None), (0.0, 0)
    for quote in quotes:
        for separator in candidates:
            for spaced in (
                (False, True) if quote and separator and f"{separator} {quote}" in text else (False,)
            ):
                dialect = Dialect(separator, quote, escape if quote else None, 0, 0, None, spaced)
                even, fields = _evenness(text, dialect)
                if _better((even, fields), score, bare=quote is None):
                    best, score = replace(dialect, fields=fields), (even, fields)
    return best if named else _fallback(text, best, score)


def _better(new: tuple[float, int], old: tuple[float, int], bare: bool) -> bool:
    """More even by a margin; or as even, and more fields than decimal commas could add (one)."""
    if new[1] < 2:
        return False
    if abs(new[0] - old[0]) > 0.02:
        return new[0] > old[0]
    return new[1] > old[1] + 1 and not bare


def _fallback(text: str, best: Dialect, score: tuple[float, int]) -> Dialect:
    """Columns of blanks, then colons, where nothing else cuts evenly or tabs are only some of the blanks."""
    if score[0] >= 0.9 and best.separator != "\t":
        return best
    blanks, fields = _evenness(squeeze(text, '"'), Dialect("\t", '"', None, 0, 0, None))
    tabs_among_blanks = best.separator == "\t" and blanks > 0.98 and fields >= 3 * score[1]
    if tabs_among_blanks or (fields >= 2 and blanks > max(score[0] + 0.02, 0.7)):
        return Dialect(WHITESPACE, '"', None, 0, fields, None)
    for separator in LAST_RESORTS:
        cut = Dialect(separator, '"', None, 0, 0, None)
        even, fields = _evenness(text, cut)
        if fields >= 2 and even > max(score[0] + 0.02, 0.7):
            return replace(cut, fields=fields)
    return best


def _evenness(text: str, dialect: Dialect) -> tuple[float, int]:
    """The share of records with the commonest number of fields, and that number."""
    try:
        counts = [len(fields) for fields in records(text, dialect, SAMPLE_RECORDS)]
    except csv.Error:
        return 0.0, 0
    if not counts:
        return 0.0, 0
    fields, times = max(Counter(counts).items(), key=lambda item: (item[1], item[0]))
    # a header that does not fit comes after a title, or has no name for the first column
    header = (1.0 if counts[0] == fields else 0.95) if fields in counts[:8] else 0.5
    return times / len(counts) * header, fields


def _preamble(text: str, dialect: Dialect) -> int:
    """How many lines of title stand before the header: lines of one field in a table of three or more.

    A title stands in the first field; a name for the last column alone is a header.
    """
    if dialect.fields < 3 or dialect.separator == WHITESPACE:
        return 0
    for fields, line in numbered_records(text, dialect, limit=20):
        filled = [at for at, field in enumerate(fields, 1) if field.strip()]
        if len(filled) > 1 or filled == [dialect.fields]:
            return line - 1
    return 0


_NUMBER = re.compile(r"[+-]?(\d[\d.,' ]*|[.,]\d+)([eE][+-]?\d+)?%?")


def _second_header(text: str, dialect: Dialect) -> bool:
    """Whether words stand in the second record wherever there are numbers below it."""
    rows = [[field.strip() for field in row] for row in _records_of(text, dialect, 60)]
    second, below = rows[1] if len(rows) > 1 else [], [row for row in rows[2:] if len(row) == dialect.fields]
    if len(second) != dialect.fields or len(below) < 5:
        return False
    numeric = [
        at
        for at in range(dialect.fields)
        if sum(bool(_NUMBER.fullmatch(row[at])) for row in below) > 0.8 * len(below)
    ]
    words = [at for at in numeric if second[at] not in MISSING and not _NUMBER.fullmatch(second[at])]
    return len(words) >= 2 and len(words) == len(numeric)


def _records_of(text: str, dialect: Dialect, limit: int) -> list[list[str]]:
    """The first records of a text whose columns may be parted by runs of blanks."""
    if dialect.separator != WHITESPACE:
        return records(text, dialect, limit)
    return records(squeeze(text, dialect.quote), replace(dialect, separator="\t"), limit)


def _header(text: str, dialect: Dialect, known: frozenset[str]) -> tuple[tuple[str, ...] | None, list[Note]]:
    """The names in the first record, or None when it is data: numbers and missing values, or a row like others."""
    rows = _records_of(text, dialect, 60)
    first = [field.strip() for field in rows[0]] if rows else []
    numeric = [bool(_NUMBER.fullmatch(field)) for field in first]
    filled = [field for field in first if field not in ("", "?", "NA")]
    text = f"The first row holds data, not names: the columns were named x1 to x{dialect.fields}."
    note = Note("no_header", text)
    if not known.isdisjoint(first):
        return tuple(first), []
    unnamed = bool(known) and known >= {f"x{at}" for at in range(1, dialect.fields + 1)}
    if unnamed or (filled and sum(numeric) == len(filled) and len(rows) > 1):
        return None, [note]
    decimals = any(number and re.search("[.,]", field) for number, field in zip(numeric, first, strict=True))
    measured = decimals and sum(numeric) * 2 >= len(filled) and len(rows) > 1
    alike = len(rows) > 5 and any(numeric) and _like_the_others(first, rows[1:])
    if measured or alike or _words_of_the_columns(first, rows[1:]):
        return None, [note]
    return tuple(first), []


def _words_of_the_columns(first: list[str], rows: list[list[str]]) -> bool:
    """Whether each word of the first row occurs below it in its own column, again and again."""
    rows = [[field.strip() for field in row] for row in rows if len(row) == len(first)]
    if len(rows) < 10 or len(first) < 2 or any(map(_NUMBER.fullmatch, first)):
        return False
    if any(2 * sum(bool(_NUMBER.fullmatch(row[at])) for row in rows) > len(rows) for at in range(len(first))):
        return False
    counts = [sum(row[at] == word for row in rows) for at, word in enumerate(first) if word not in MISSING]
    return bool(counts) and min(counts) >= 1 and sum(counts) >= 2 * len(counts)


def _like_the_others(first: list[str], rows: list[list[str]]) -> bool:
    """Numbers stand in the first row wherever they stand below it, and its words occur below it too."""
    rows = [[field.strip() for field in row] for row in rows if len(row) == len(first)]
    if not rows:
        return False
    numeric = 0
    for column, value in enumerate(first):
        below = {row[column] for row in rows}
        if _NUMBER.fullmatch(value):
            numeric += 1
        elif all(_NUMBER.fullmatch(other) for other in below if other not in ("", "?", "NA")):
            return False
    repeated = [value in {row[column] for row in rows} for column, value in enumerate(first)
                if value and not _NUMBER.fullmatch(value)]  # fmt: skip
    return numeric >= 2 and (not repeated or sum(repeated) * 2 >= len(repeated))
