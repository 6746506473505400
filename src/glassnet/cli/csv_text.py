"""Tables as CSV: every value reads back the same, and no text is a formula to a spreadsheet."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, BinaryIO

from glassnet.printable import printable

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = 65536  # of a table that are written at once

# Quotes, separators, whatever some reader takes for the end of a line or of a text, and blanks at the ends.
_QUOTED = re.compile(r"""["',;|\x00-\x1f\x7f-\x9f\u2028\u2029]|^\s|\s$|^$""")
# How a formula begins in the spreadsheets of some language: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@＝＋－＠]")
_HARMLESS = re.compile(
    r"\s*([=+\-@]\s*)?|[+\-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+\-]?\d+)?"
)  # a sign alone, or a number


def write_csv(
    table: pa.Table,
    stream: BinaryIO,
    *,
    raw_text: bool = False,
    to_terminal: bool = False,
    with_names: bool = True,
) -> None:
    """Write ``table`` as UTF-8 with ``\\n``, and numbers so that they read back the same.

    Quotes stand where a reader needs them; a missing value is empty, an empty text is ``""``.

    Args:
        raw_text: write texts as they are. Otherwise ``'`` precedes a text that a spreadsheet would compute.
        with_names: write the names of the columns first.
        to_terminal: write escapes for control characters, which a terminal would act on.
    """
    batches = table.to_batches(max_chunksize=ROWS)
    parts = (zip(*(column.to_pylist() for column in batch.columns), strict=True) for batch in batches)
    for rows in ([table.column_names] if with_names else [], *parts):
        text = "".join([",".join([_cell(value, raw_text) for value in row]) + "\n" for row in rows])
        stream.write((printable(text) if to_terminal else text).encode())


def _cell(value: Any, raw_text: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, (bool, int, float)):
        return str(value)
    return _text(str(value), raw_text or not isinstance(value, str))


@lru_cache(maxsize=4096)  # labels recur
def _text(text: str, raw: bool) -> str:
    if not raw and _FORMULA.match(text) and not _HARMLESS.fullmatch(text):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text
