"""JSON as a table: an array of records, a record a line, or an object of columns."""

from __future__ import annotations

import json
from typing import Any

from glassnet.errors import TableError
from glassnet.tables._arrow import pa
from glassnet.tables.read.in_memory import from_memory, from_rows
from glassnet.tables.read.limit import Limit

ENDINGS = (".json", ".jsonl", ".ndjson")


def json_table(data: bytes, limit: Limit) -> pa.Table | None:
    """The table that ``data`` (UTF-8) holds; None when it is no JSON, as a CSV whose first name is "[1]".

    Raises :class:`TableError` for JSON that is no table or too large, and for a file that is only called JSON.
    """
    name = limit.name
    try:
        found = _parsed(data)
    except (ValueError, RecursionError) as error:
        if name.lower().endswith(ENDINGS):
            raise TableError(f"{name!r} is not whole JSON: {error}.") from None
        return None
    if isinstance(found, list) and found and all(isinstance(row, dict) for row in found):
        return from_rows(found, limit)
    if isinstance(found, dict) and found and all(isinstance(column, list) for column in found.values()):
        return from_memory(found, limit)
    raise TableError(
        f"{name!r} holds JSON, but no table: {_what(found)}. Expected are an array of records "
        '[{"a": 1}, …], a record a line, or an object of columns {"a": [1, …]}.'
    )


def _parsed(data: bytes) -> Any:
    """A whole document; or the list of those that stand on a line each."""
    try:
        found = json.loads(data)
    except json.JSONDecodeError:
        lines = [line for line in data.splitlines() if line.strip()]
        if len(lines) < 2 or data.lstrip()[:1] == b"[":
            raise
        return [json.loads(line) for line in lines]
    single = isinstance(found, dict) and not any(isinstance(value, (list, dict)) for value in found.values())
    return [found] if single else found


_KINDS = {dict: "object", list: "array", str: "text", bool: "truth", type(None): "null"}


def _what(found: Any) -> str:
    """What a document that is no table holds: ``array of numbers and texts``."""
    if not isinstance(found, (dict, list)):
        return _kind(found)
    inner = sorted({f"{_kind(value)}s" for value in (found.values() if isinstance(found, dict) else found)})
    return f"{_kind(found)} of {' and '.join(inner) or 'nothing'}"


def _kind(value: Any) -> str:
    return _KINDS.get(type(value), "number")
