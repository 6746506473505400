"""Whether the first records of a delimited text are a header, or data."""

from __future__ import annotations

import re
from collections.abc import Sequence

from glassnet.errors import TableError, called
from glassnet.tables.missing_tokens import MISSING
from glassnet.tables.notes import Note

_NUMBER = re.compile(r"[+-]?(\d[\d.,' ]*|[.,]\d+)([eE][+-]?\d+)?%?")


def is_second_header(rows: list[list[str]], fields: int) -> bool:
    """Whether words stand in the second record wherever there are numbers below it."""
    rows = [[field.strip() for field in row] for row in rows]
    second, below = rows[1] if len(rows) > 1 else [], [row for row in rows[2:] if len(row) == fields]
    if len(second) != fields or len(below) < 5:
        return False
    numeric = [
        at
        for at in range(fields)
        if sum(bool(_NUMBER.fullmatch(row[at])) for row in below) > 0.8 * len(below)
    ]
    words = [at for at in numeric if second[at] not in MISSING and not _NUMBER.fullmatch(second[at])]
    return len(words) >= 2 and len(words) == len(numeric)


def names_numbers(rows: list[list[str]]) -> bool:
    """Whether the first record is words only, and there are columns of numbers below it."""
    below = [row for row in rows[1:] if len(row) == len(rows[0])]
    numeric = [all(_NUMBER.fullmatch(row[at].strip()) for row in below) for at in range(len(rows[0]))]
    return bool(below) and any(numeric) and not any(_NUMBER.fullmatch(field.strip()) for field in rows[0])


def given_header(
    rows: Sequence[tuple[list[str], int]], fields: int, header: int | str | tuple[int | str, ...] | None
) -> tuple[int, int, tuple[str, ...] | None]:
    """The header that ``header`` of the options tells: how many lines stand before it, its records, and the names.

    ``rows`` are the first records, each with the line (from 1) on which it begins. Several rows of names are joined
    with blanks.

    Raises:
        TableError: other than ``fields`` names, or too few rows.
    """
    if header is None:
        return 0, 0, None
    numbers = [header] if isinstance(header, int) else [own for own in header if isinstance(own, int)]
    if not numbers:
        names = tuple(map(str, header))  # type: ignore[arg-type]
        if len(names) != fields:
            raise TableError(
                f"{called('header')} has {len(names)} names, but the table has {fields} columns."
            )
        return 0, 0, names
    first, last = numbers[0], numbers[-1]
    if last >= len(rows):
        raise TableError(f"{called('header')} is {header}, but the table has only {len(rows)} rows, from 0.")
    parts = [[part.strip() for part in [*rows[number][0], *[""] * fields][:fields]] for number in numbers]
    names = tuple(" ".join(dict.fromkeys(filter(None, own))) for own in zip(*parts, strict=True))
    return rows[first][1] - 1, last - first + 1, names


def find_header(
    rows: list[list[str]], fields: int, known: frozenset[str], quoted: bool
) -> tuple[tuple[str, ...] | None, list[Note]]:
    """The names in the first record, or None if it is data: numbers and missing values, or a row like others.

    ``known`` are the names of the columns, if earlier rows of the same table were read; ``quoted`` says that only the
    fields of the first record are in quotes.
    """
    first = [field.strip() for field in rows[0]] if rows else []
    numeric = [bool(_NUMBER.fullmatch(field)) for field in first]
    filled = [field for field in first if field not in ("", "?", "NA")]
    text = f"The first row holds data, not names: the columns were named x1 to x{fields}."
    note = Note("no_header", text, "header", 0)
    if not known.isdisjoint(first) or quoted:
        return tuple(first), []
    unnamed = bool(known) and known >= {f"x{at}" for at in range(1, fields + 1)}
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
