"""The scaled irises, and helpers of the tests of the drop-ins."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.datasets import load_iris
from sklearn.preprocessing import scale

X, Y = load_iris(return_X_y=True)
X = scale(X)
QUICK: dict[str, Any] = {"hidden_layer_sizes": (10,), "max_iter": 15, "random_state": 0}


def same(one: Any, other: Any, *, rtol: float = 1e-9) -> None:
    for got, wanted in zip((*one.coefs_, *one.intercepts_), (*other.coefs_, *other.intercepts_), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=0, atol=rtol * np.abs(wanted).max())
