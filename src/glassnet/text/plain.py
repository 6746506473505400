"""Records as JSON can hold them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any


def plain(value: Any) -> Any:
    """``value`` as JSON can hold it, with numbers that are not finite as ``None``.

    A record is a dict of its fields, or what its ``to_dict`` returns; an array is nested lists; a function, and
    whatever else JSON does not know, is its name or its text.
    """
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(own) for key, own in value.items()}
    if hasattr(value, "to_dict"):
        return plain(value.to_dict())
    if hasattr(value, "_asdict"):  # a named tuple
        return plain(value._asdict())
    if is_dataclass(value) and not isinstance(value, type):
        return fields_of(value)
    if hasattr(value, "tolist"):  # NumPy's arrays and numbers
        return plain(value.tolist())
    if isinstance(value, Iterable):
        return [plain(own) for own in value]
    return getattr(value, "__name__", None) or str(value)


def fields_of(record: Any) -> dict[str, Any]:
    """The fields of the dataclass ``record`` by name, as :func:`plain` writes them."""
    return {own.name: plain(getattr(record, own.name)) for own in fields(record)}


def to_json(value: Any) -> str:
    """One line of JSON in ASCII: any terminal and any pipe shows it, and control characters are escaped."""
    return json.dumps(plain(value), allow_nan=False).replace("\x7f", "\\u007f")
