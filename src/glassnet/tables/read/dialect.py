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
from itertools import islice

from glassnet.errors import TableError, called, plural
from glassnet.tables.notes import Note
from glassnet.tables.read.header import find_header, given_header, is_second_header, names_numbers
from glassnet.tables.read.options import AS_FOUND, INFER, ReadOptions

SAMPLE_RECORDS = 300
HEADER_RECORDS = 60  # from which it is judged whether the first is a header

# In order of preference when two separators fit equally well: one that is seldom part of a value first.
SEPARATORS = ("\t", ";", "|", ",", "~", "^", "\x01", "\x1f")
WHITESPACE = " "
LAST_RESORTS = ("::", ":")


@dataclass(frozen=True)
class Dialect:
    """How a text is cut into records and fields.

    ``skip`` is how many physical lines stand before the table; ``fields`` how many fields a record has; ``header`` is
    None where the first record is data already; ``header_rows`` is how many records it takes up.
    """

    separator: str | None
    quote: str | None
    escape: str | None
    skip: int
    fields: int
    header: tuple[str, ...] | None
    spaced: bool = False
    header_rows: int = 0
    notes: tuple[Note, ...] = ()


def sniff(text: str, known: frozenset[str] = frozenset(), options: ReadOptions = AS_FOUND) -> Dialect:
    """The dialect of ``text``, which is the beginning of a file, cut at the end of a line.

    ``known`` are the names that its columns have, if earlier rows of the same table were read.

    Raises:
        TableError: options that do not fit the text.
    """
    given = options.skip_rows or 0
    skip, separator, notes = _leading_lines(_without_lines(text, given))
    skip, separator = skip + given, options.delimiter or separator
    body = re.sub(r"^#\s*", "", _without_lines(text, skip))
    dialect = _best(body, separator)
    if options.delimiter and dialect.fields < 2:
        raise TableError(f"{called('delimiter')} is {options.delimiter!r}, but no line of the table has it.")
    if options.header != INFER:
        numbered = numbered_records(*_cut_by_tabs(body, dialect))
        skipped, found, names = given_header(numbered, dialect.fields, options.header)
        return replace(dialect, skip=skip + skipped, header=names, header_rows=found, notes=tuple(notes))
    preamble = 0 if given else _preamble(body, dialect)
    if preamble:
        text = f"The first {plural(preamble, 'line is', 'lines are')} not part of the table; skipped."
        notes.append(Note("skipped_lines", text, "header", 0))
        skip += preamble
        body = _without_lines(body, preamble)
        dialect = _best(body, separator)
    rows = _records_of(body, dialect, HEADER_RECORDS)
    header, noted = find_header(rows, dialect.fields, known, _only_names_are_quoted(body, dialect.quote))
    second = header is not None and is_second_header(rows, dialect.fields)
    if second:
        text = "The second row names the columns again and was left out."
        noted.append(Note("second_header", text, "header", 0))
    taken = (header is not None) + second
    return replace(dialect, skip=skip, header=header, header_rows=taken, notes=(*notes, *noted))


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
    text = re.sub(r"(?m)^[ \t]+", "", text)
    if quote and quote in text:
        text = re.sub(rf"({quote}[^{quote}\n]*{quote})|[ \t]+", lambda match: match[1] or "\t", text)
    else:
        text = re.sub(r"[ \t]+", "\t", text)
    return re.sub(r"(?m)\t(?=\r?$)", "", text)


def _without_lines(text: str, count: int) -> str:
    if not count:
        return text
    last = next(islice(re.finditer(r"\r\n|\r|\n", text), count - 1, None), None)
    return text[last.end() :] if last else ""


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
    note = Note("comment_lines", f"Skipped: {plural(comments, 'comment line')} at the top.")
    return skip, separator, [note] if comments else []


def _is_comment(lines: list[str], at: int) -> bool:
    """A line that begins with # is a comment, unless it is cut into as many fields as the line below."""
    line = lines[at].strip()
    if not line.startswith("#"):
        return False
    below = next((lines[other] for other in range(at + 1, len(lines)) if lines[other].strip()), "")
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
    if '"' in text and not _is_one_column(text):
        quotes.append(None)
    if (named and not named.strip(" ")) or named == r"\s+":
        _, fields = _evenness(squeeze(text, '"'), Dialect("\t", '"', None, 0, 0, None))
        return Dialect(WHITESPACE, '"', None, 0, fields, None)
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


def _is_one_column(text: str) -> bool:
    """Whether every line is a single field, whose separators, if any, are in quotes."""
    lines = [line.strip("\r") for line in text.split("\n") if line.strip()]
    return all(re.fullmatch(r'"(?:[^"]|"")*"|[^",;\t|]*', line) for line in lines)


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
        if fields >= 2 and even > max(score[0] + 0.02, 0.7) and separator in text.partition("\n")[0]:
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
    """How many lines of title stand before the header: lines of one field in a table of two or more.

    A title stands in the first field; a name for the last column alone is a header. In a table of two columns a line
    of one field may be a header as well, with no name for row numbers: it is a title if a header stands below it.
    """
    if dialect.fields < 2 or dialect.separator == WHITESPACE:
        return 0
    first = numbered_records(text, dialect, limit=20)
    for at, (fields, line) in enumerate(first):
        filled = [place for place, field in enumerate(fields, 1) if field.strip()]
        if len(filled) > 1 or (filled == [dialect.fields] and dialect.fields > 2):
            below = [other for other, _ in first[at:]]
            return line - 1 if dialect.fields > 2 or names_numbers(below) else 0
    return 0


def _records_of(text: str, dialect: Dialect, limit: int) -> list[list[str]]:
    """The first records of a text whose columns may be parted by runs of blanks."""
    return records(*_cut_by_tabs(text, dialect), limit)


def _cut_by_tabs(text: str, dialect: Dialect) -> tuple[str, Dialect]:
    """A text in columns of blanks with tabs in their place, and any other text as it is."""
    if dialect.separator != WHITESPACE:
        return text, dialect
    return squeeze(text, dialect.quote), replace(dialect, separator="\t")


def _only_names_are_quoted(text: str, quote: str | None) -> bool:
    """Whether every field of the first line is in quotes, and some numbers of the second line are not."""
    line, *others = text.split("\n", 2)
    if not quote or not others or not line.startswith(quote) or not line.rstrip().endswith(quote):
        return False
    outside = "".join(line.split(quote)[::2]).strip()
    return not any(map(str.isalnum, outside)) and any(map(str.isdigit, "".join(others[0].split(quote)[::2])))
