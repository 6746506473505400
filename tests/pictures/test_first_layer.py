"""The first layer's weights, as a heat map and as images."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from glassnet.errors import InputError
from glassnet.pictures import DARK, LIGHT, first_layer

RNG = np.random.default_rng(0)


def mosaic(ax: Axes) -> np.ndarray:
    (picture,) = ax.images
    return np.ma.filled(np.ma.asarray(picture.get_array()), np.nan)


@pytest.mark.parametrize("shape", [(2, 3), (3, 2), (1, 6), (6, 1)])
def test_images_are_the_weights_row_by_row(shape: tuple[int, int]) -> None:
    weights = RNG.normal(size=(6, 4))
    shown = mosaic(first_layer(weights, image=shape))
    expected = (weights[:, 0] / np.abs(weights[:, 0]).max()).reshape(shape)
    np.testing.assert_allclose(shown[: shape[0], : shape[1]], expected)
    assert np.isfinite(shown).sum() == weights.size


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_colors_stand_beside_each_other_in_the_inputs(theme: object) -> None:
    weights = np.zeros((12, 1))
    weights[[3, 7]] = [[2.0], [-1.0]]  # the second pixel's red, the third's green
    shown = mosaic(first_layer(weights, image=(2, 2, 3), theme=theme))  # type: ignore[arg-type]
    np.testing.assert_allclose(shown[0, 0], [0.5, 0.5, 0.5])
    np.testing.assert_allclose(shown[0, 1], [1, 0.5, 0.5])
    np.testing.assert_allclose(shown[1, 0], [0.5, 0.25, 0.5])


def test_true_is_a_square() -> None:
    assert mosaic(first_layer(np.ones((9, 1)), image=True)).shape == (3, 3)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (True, "12 inputs are not 3 × 3 pixels"),
        ((5, 2), "12 inputs are not 5 × 2 pixels"),
        ((2, 3, 3), "12 inputs are not 2 × 3 × 3 pixels"),
        ((2, 3, 2), "must be (height, width)"),
        ((12,), "must be (height, width)"),
        ((0, 3), "must be (height, width)"),
    ],
)
def test_other_shapes_are_refused(image: tuple[int, ...] | bool, message: str) -> None:
    with pytest.raises(InputError) as caught:
        first_layer(np.ones((12, 2)), image=image)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("neurons", "labels"),
    [
        (1, "1"),
        (3, "1 2 3"),
        (20, "5 10 15 20"),
        (32, "5 10 15 20 25 30"),
        (300, "50 100 150 200 250 300"),
    ],
)
def test_neurons_are_counted_in_round_numbers(neurons: int, labels: str) -> None:
    ax = first_layer(np.ones((2, neurons)))
    assert " ".join(label.get_text() for label in ax.get_xticklabels()) == labels
    assert ax.get_xticks().tolist() == [int(label) for label in labels.split()]


@pytest.mark.parametrize("layout", ["constrained", None])
def test_wide_images_start_where_their_bar_does(layout: str | None) -> None:
    ax = Figure(figsize=(8, 6), layout=layout).add_subplot()  # type: ignore[arg-type]
    first_layer(RNG.normal(size=(60, 9)), image=(20, 3), max_display=9, ax=ax)
    figure = ax.get_figure(root=True)
    assert figure is not None
    assert ax.get_position().y1 == pytest.approx(figure.axes[-1].get_position().y1, abs=0.01)
