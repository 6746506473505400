"""The predictor of every engine takes numbers of any type and memory layout."""

from __future__ import annotations

import array
from typing import Any

import numpy as np
import pytest

from glassnet import engines
from glassnet.errors import InputError
from glassnet.net import Network, Parameters, initialize

NETWORK = Network.of(4, (5,), 2, activation="tanh", output="softmax")

ENGINES = pytest.mark.parametrize("engine", engines.available())
DTYPES = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def parameters(dtype: type[np.floating[Any]]) -> Parameters:
    return initialize(NETWORK, np.random.default_rng(0), dtype=dtype)


def rows(dtype: type[np.floating[Any]]) -> np.ndarray:
    return np.random.default_rng(1).standard_normal((6, 4)).astype(dtype)


def unaligned(numbers: np.ndarray) -> np.ndarray:
    """The same numbers, not aligned to their type."""
    return np.frombuffer(b"x" + numbers.tobytes(), np.uint8)[1:].view(numbers.dtype).reshape(numbers.shape)


@ENGINES
@DTYPES
def test_one_row_or_many_of_any_numbers(engine: str, dtype: type[np.floating[Any]]) -> None:
    predict, x = engines.get(engine).predictor(NETWORK, parameters(dtype)), rows(dtype)
    outputs = predict(x)
    assert outputs.shape == (6, 2)
    assert outputs.dtype == dtype
    for other in (
        x.astype(np.float64),
        x.tolist(),
        np.asfortranarray(x),
        x.astype(">f8"),
        x.astype(object),
        np.repeat(x, 2, axis=0)[::2],
        x.view(np.matrix),
        np.ma.masked_array(x),
        unaligned(x),
    ):
        got = predict(other)
        assert type(got) is np.ndarray
        assert got.dtype == dtype
        np.testing.assert_array_equal(got, outputs)
    np.testing.assert_allclose(predict(x[::-1]), outputs[::-1], rtol=1e-5)
    np.testing.assert_array_equal(predict(np.ones(4, int)), predict(np.ones(4)))
    np.testing.assert_array_equal(predict(array.array("d", [1] * 4)), predict(np.ones(4)))  # type: ignore[arg-type]
    assert predict(x[0]).shape == (2,)
    np.testing.assert_allclose(predict(x[0]), outputs[0], rtol=1e-5)
    assert predict(x[:0]).shape == (0, 2)


@ENGINES
@pytest.mark.parametrize(
    "wrong",
    [
        np.ones((6, 3)),
        1.0,
        np.ones((2, 3, 4)),
        "four",
        None,
        {},
        [],
        [[1, 2], [3]],
        np.ones((1, 5), np.float32),
    ],
    ids=str,
)
def test_inputs_of_another_shape_are_refused(engine: str, wrong: Any) -> None:
    predict = engines.get(engine).predictor(NETWORK, parameters(np.float32))
    with pytest.raises(InputError, match="inputs"):
        predict(wrong)


@pytest.mark.skipif(not engines.available("native"), reason="the native core is not built")
@DTYPES
def test_a_row_alone_is_predicted_to_the_same_bits_as_among_others(dtype: type[np.floating[Any]]) -> None:
    predict, x = engines.get("native").predictor(NETWORK, parameters(dtype)), rows(dtype)
    np.testing.assert_array_equal([predict(row) for row in x], predict(x))
    np.testing.assert_array_equal(predict(x[::-1]), predict(x)[::-1])
    wanted = engines.get("reference").predictor(NETWORK, parameters(dtype))(x)
    np.testing.assert_allclose(predict(x), wanted, rtol=1e-5 if dtype is np.float32 else 1e-12)
