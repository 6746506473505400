"""Records as a model file holds them."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from glassnet.tables import Encoder

Record = TypeVar("Record")


def through_json(record: Record) -> Record:
    """``record``, written as JSON and read again."""
    if isinstance(record, Encoder):
        return type(record)(tuple(map(through_json, record.encoders)), record.ignored)
    return msgspec.json.decode(msgspec.json.encode(record), type=type(record))
