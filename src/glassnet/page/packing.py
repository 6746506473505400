"""Arrays in a JSON document: little-endian bytes as base64, with their type and shape."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt


def pack(values: npt.ArrayLike, dtype: npt.DTypeLike | None = None) -> dict[str, Any]:
    """``values`` as float32, if that is what they are, else as float64."""
    array = np.asarray(values, dtype)
    array = array.astype("<f4" if array.dtype == np.float32 else "<f8", order="C")
    return {
        "dtype": "float32" if array.dtype.itemsize == 4 else "float64",
        "shape": list(array.shape),
        "data": base64.b64encode(array.tobytes()).decode(),
    }


def plain(value: Any) -> Any:
    """``value`` as JSON can hold it: NumPy's scalars and arrays as Python's, numbers that are not finite as None."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(own) for key, own in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(own) for own in value]
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return str(value)
