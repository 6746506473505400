"""Dropout: the generator's known answers, the rate, the expectation, and what the masks depend on."""

from typing import Any

import numpy as np
import pytest

from glassnet.net import Network, dropout_masks
from glassnet.net.dropout import dropout_mask, philox


@pytest.mark.parametrize(
    ("counter", "key", "answer"),
    [  # philox4x32 10 in the file kat_vectors of the Random123 distribution
        ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ],
)
def test_philox_gives_the_known_answers(counter: str, key: str, answer: str) -> None:
    words = [np.array([int(word, 16)], np.uint64) for word in counter.split()]
    low, high = (int(word, 16) for word in key.split())
    result = philox((words[0], words[1], words[2], words[3]), high << 32 | low)
    assert " ".join(f"{int(word[0]):08x}" for word in result) == answer


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_the_share_that_is_dropped_is_the_rate(rate: float) -> None:
    mask = dropout_mask(rate, 400, 500, seed=3, step=5, layer=1, dtype=np.float64)
    spread = np.sqrt(rate * (1 - rate) / mask.size)
    assert abs((mask == 0).mean() - rate) < 4 * spread
    for axis in (0, 1):  # no row and no neuron is favored
        shares = (mask == 0).mean(axis=axis)
        assert shares.std() == pytest.approx(np.sqrt(rate * (1 - rate) / mask.shape[axis]), rel=0.15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rate", [0.25, 0.8])
def test_the_expectation_is_kept(rate: float, dtype: type[np.floating[Any]]) -> None:
    mask = dropout_mask(rate, 400, 500, seed=3, step=5, layer=1, dtype=dtype)
    assert mask.dtype == dtype
    assert set(np.unique(mask).tolist()) == {0.0, float(dtype(1 / (1 - rate)))}
    assert mask.mean() == pytest.approx(1, abs=4 * np.sqrt(rate / (1 - rate) / mask.size))


def test_a_mask_follows_from_seed_step_layer_row_and_neuron_alone() -> None:
    whole = dropout_mask(0.5, 64, 33, seed=7, step=2, layer=1, dtype=np.float64)
    np.testing.assert_array_equal(whole, dropout_mask(0.5, 64, 33, seed=7, step=2, layer=1, dtype=np.float64))
    fewer = dropout_mask(0.5, 10, 7, seed=7, step=2, layer=1, dtype=np.float64)
    np.testing.assert_array_equal(fewer, whole[:10, :7])


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 8, "step": 2, "layer": 1},
        {"seed": 7 + 2**32, "step": 2, "layer": 1},
        {"seed": 7, "step": 3, "layer": 1},
        {"seed": 7, "step": 2, "layer": 0},
    ],
)
def test_another_seed_step_or_layer_drops_others(other: dict[str, int]) -> None:
    first = dropout_mask(0.5, 50, 40, seed=7, step=2, layer=1, dtype=np.float64)
    second = dropout_mask(0.5, 50, 40, **other, dtype=np.float64)
    assert (first == second).mean() == pytest.approx(0.5, abs=0.05)


def test_a_higher_rate_drops_more_of_the_same() -> None:
    few = dropout_mask(0.3, 50, 40, seed=7, step=2, layer=1, dtype=np.float64)
    many = dropout_mask(0.6, 50, 40, seed=7, step=2, layer=1, dtype=np.float64)
    assert not many[few == 0].any()


def test_a_network_has_a_mask_for_each_layer_that_drops() -> None:
    network = Network.of(2, (6, 7, 8), 1, dropout=(0.5, 0.0, 0.25))
    masks = dropout_masks(network, 3, seed=1, step=4, dtype=np.float32)
    assert [None if mask is None else mask.shape for mask in masks] == [(3, 6), None, (3, 8), None]
    assert masks[2] is not None
    np.testing.assert_array_equal(
        masks[2], dropout_mask(0.25, 3, 8, seed=1, step=4, layer=2, dtype=np.float32)
    )
