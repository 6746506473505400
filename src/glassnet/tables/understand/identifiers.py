"""Whether whole numbers identify the row, by the column's name and its values."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from glassnet.tables.notes import Note
from glassnet.tables.schema import NUMBER

# Words that name an id wherever they stand; and those that do alone, in front, or behind what is identified: "index",
# "index_1" and "row index" do, "stock index" and "rooms no" are amounts.
_ID = frozenset(
    ("id", "ids", "uuid", "guid", "rowid", "rownum", "rownames", "rowname", "sno", "srno", "unnamed", "pk", "oid",
     "objectid", "recordid", "recno")
)  # fmt: skip
_ID_OF = frozenset(("index", "idx", "key", "row", "rows", "serial", "no", "nr", "num", "number", "nummer"))
_IDENTIFIED = frozenset(
    ("user", "customer", "client", "patient", "passenger", "order", "sample", "item", "person", "employee", "record",
     "case", "row", "invoice", "account", "product", "ticket", "student", "subject", "member", "transaction", "loan",
     "policy", "claim", "card", "batch", "lot", "serial", "object", "observation", "instance", "entry", "participant")
)  # fmt: skip
_ALONE_AMOUNTS = frozenset(("number", "num"))  # alone they say nothing
_ROW_NAMES = frozenset(
    ("n", "i", "obs", "observation", "instance", "entry", "seq", "sequence", "sr", "sl", "count")
)


def id_reason(name: str, values: NDArray[np.float64], levels: int) -> Note | None:
    """Why whole numbers (N,), NaN where there is none, are an id; None if they are not."""
    present, as_number = values[~np.isnan(values)], ("column_types", {name: NUMBER})
    if is_id_name(name) and levels > max(len(present) / 2, 2):
        return Note("id", "an id: whole numbers, nearly all different, with the name of an id", *as_number)
    return row_number_reason(name) if counts_rows(values) else None


def row_number_reason(name: str) -> Note | None:
    """Why a column that counts up by one is the number of the row; None if its name says that it is something else."""
    unnamed = name.startswith("column ") or name.lower() in _ROW_NAMES
    if not unnamed and not is_id_name(name):
        return None
    text = "counts up by one from row to row, so it identifies the row"
    return Note("row_number", text, "column_types", {name: NUMBER})


def counts_rows(values: NDArray[np.float64]) -> bool:
    """Whether numbers (N,) count up by one from 0 or 1."""
    return bool(len(values) > 2 and values[0] in (0, 1) and (np.diff(values) == 1).all())


def is_id_name(name: str) -> bool:
    """Whether a column is named as an id: "PassengerId", "row", "order no."."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    parts = re.findall(r"[^\W_]+", split.lower())
    tokens = [part for part in parts if not part.isdigit()]
    if not tokens:
        return not parts  # "#" names an id; the number of a column, as frames have it, names nothing
    if not _ID.isdisjoint(tokens):
        return True
    if tokens[0] in _ID_OF - _ALONE_AMOUNTS and (
        len(tokens) == 1 or tokens[0] not in ("no", "key", "serial")
    ):
        return True
    if len(tokens) > 1 and tokens[-1] in _ID_OF:
        return not _IDENTIFIED.isdisjoint(tokens[:-1])
    joined = re.fullmatch(r"(\w+?)(id|no|nr|number)", tokens[-1])
    return bool(joined and joined[1] in _IDENTIFIED)
