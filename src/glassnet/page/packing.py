"""Arrays in a JSON document: little-endian bytes as base64, with their type and shape."""

from __future__ import annotations

import base64
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
