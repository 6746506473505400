"""Whether whole numbers identify the row, by the column's name and its values."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from glassnet.tables.notes import Note

COUNTING_ROWS = 100

_ID_TOKENS = frozenset(
    ("id", "ids", "uuid", "guid", "index", "idx", "key", "row", "rows", "rowid", "rownum", "rownames", "rowname",
     "sno", "srno", "unnamed", "serial", "pk", "oid", "objectid", "recordid", "recno")
)  # fmt: skip
_NUMBER_OF = frozenset(("no", "nr"))  # at the end: a name may begin with "no", as "no children" does
_ID_ENDING = re.compile(
    r"(user|customer|client|patient|passenger|order|sample|item|person|employee|record|case|row)(id|no|nr|number)$"
)
_CLOCK = frozenset(
    ("t", "x", "time", "year", "month", "week", "day", "hour", "minute", "second", "step", "epoch", "age", "date")
)  # fmt: skip


def id_reason(name: str, values: NDArray[np.float64], levels: int) -> Note | None:
    """Why whole numbers (N,), NaN where there is none, are an id; None if they are not."""
    present = values[~np.isnan(values)]
    if is_id_name(name) and levels > max(len(present) / 2, 2):
        return Note("id", "an id: whole numbers, nearly all different, with the name of an id")
    counting = len(present) == len(values) and present[0] in (0, 1) and bool((np.diff(present) == 1).all())
    unnamed = name.startswith("column ")
    if counting and (unnamed or (len(present) >= COUNTING_ROWS and name.lower() not in _CLOCK)):
        return Note("row_number", "counts up by one from row to row, so it identifies the row")
    return None


def is_id_name(name: str) -> bool:
    """Whether a column is named as an id: "PassengerId", "row", "order no."."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    tokens = re.findall(r"[^\W_]+", split.lower())
    return (
        not tokens
        or tokens[-1] in _NUMBER_OF
        or not _ID_TOKENS.isdisjoint(tokens)
        or bool(_ID_ENDING.search("".join(tokens)))
    )
