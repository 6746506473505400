"""The pictures of the chapter: from one neuron to a network that has learnt."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from glassnet.net import Network, Parameters, Perceptron, initialize
from glassnet.pictures.axes_style import figure_of
from glassnet.pictures.files import save
from glassnet.pictures.functions import activations
from glassnet.pictures.network import network
from glassnet.pictures.neuron import neuron
from glassnet.pictures.theme import Theme

SEED = 7  # of the weights that are there to be looked at only
FUNCTIONS = ("relu", "sigmoid", "tanh")


def chapter(
    folder: str | os.PathLike[str],
    worked: Network,
    initial: Parameters,
    learnt: Parameters,
    *,
    theme: str | Theme | None = None,
    ending: str = ".png",
) -> list[Path]:
    """Draw the chapter into ``folder``, in the order of reading; returns the files.

    Args:
        worked: the network of the worked example, with its ``initial`` and ``learnt`` parameters.
        ending: ``.png``, ``.svg`` or ``.pdf``.

    Raises:
        OSError: there is no such folder, or it may not be written to.
    """
    written = []
    for number, (name, drawn) in enumerate(_pictures(worked, initial, learnt, theme), start=1):
        path = Path(folder) / f"{number}-{name}{ending}"
        save(drawn(), path)
        written.append(path)
    return written


def _pictures(
    worked: Network, initial: Parameters, learnt: Parameters, theme: str | Theme | None
) -> Iterable[tuple[str, Callable[[], Axes]]]:
    none = Network.of(4, (), 1, output="step")
    one = Network.of(4, (5,), 1, activation="sigmoid", output="sigmoid")
    two = Network.of(4, (5, 5), 3, activation="relu", output="softmax")

    def network_of(shown: Network, title: str) -> Callable[[], Axes]:
        parameters = initialize(shown, np.random.default_rng(SEED), "normal")
        return lambda: network(shown, parameters, title=title, theme=theme)

    yield "one-neuron", lambda: neuron(Perceptron(np.array([1.2, -0.7, 0.4]), 0.5), theme=theme)
    yield "no-hidden-layer", network_of(none, "No hidden layer: a perceptron")
    yield "one-hidden-layer", network_of(one, "One hidden layer")
    yield "two-hidden-layers", network_of(two, "Two hidden layers")
    yield "activations", lambda: functions(theme=theme)
    yield (
        "worked-example-before",
        lambda: network(worked, initial, title="The worked example before training", theme=theme),
    )
    yield (
        "worked-example-after",
        lambda: network(worked, learnt, title="The worked example after training", theme=theme),
    )


def functions(*, theme: str | Theme | None = None) -> Axes:
    """ReLU, sigmoid and tanh beside each other; returns the axes of the first."""
    panels = figure_of(theme, (10.5, 5.0), panels=len(FUNCTIONS))
    for panel, name in zip(panels, FUNCTIONS, strict=True):
        activations(name, limit=4, ax=panel, theme=theme)
    return panels[0]
