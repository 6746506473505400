"""The pictures of the introductory chapter: from one neuron to a trained network."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from glassnet.net import Network, Parameters, Perceptron, initialize
from glassnet.pictures.figure import new_axes
from glassnet.pictures.files import save
from glassnet.pictures.functions import activations
from glassnet.pictures.network import network
from glassnet.pictures.neuron import neuron
from glassnet.pictures.theme import Theme

SEED = 7  # of the weights of networks that only show the structure


def chapter(
    folder: str | os.PathLike[str],
    worked: Network,
    initial: Parameters,
    learnt: Parameters,
    *,
    theme: str | Theme | None = None,
    ending: str = ".png",
) -> list[Path]:
    """Draw the pictures of the chapter into ``folder``, in the order of reading; returns the files.

    Args:
        worked: the network of the worked example, with its ``initial`` and ``learnt`` parameters.
        theme: ``"light"``, the default, or ``"dark"``.
        ending: ``.png``, ``.svg`` or ``.pdf``.

    Raises:
        OSError: the folder does not exist, or may not be written to.
    """

    def structure(shown: Network, title: str) -> Axes:
        parameters = initialize(shown, np.random.default_rng(SEED), "normal")
        return network(shown, parameters, title=title, theme=theme)

    def example(own: Parameters, when: str) -> Axes:
        title = f"The worked example {when} training"
        return network(worked, own, scale=(initial, learnt), title=title, theme=theme)

    perceptron = Network.of(4, (), 1, output="step")
    one = Network.of(4, (5,), 1, activation="sigmoid", output="sigmoid")
    two = Network.of(4, (5, 5), 3, activation="relu", output="softmax")
    pictures: dict[str, Callable[[], Axes]] = {
        "one-neuron": lambda: neuron(Perceptron(np.array([1.2, -0.7, 0.4]), 0.5), theme=theme),
        "no-hidden-layer": lambda: structure(perceptron, "No hidden layer: a perceptron"),
        "one-hidden-layer": lambda: structure(one, "One hidden layer"),
        "two-hidden-layers": lambda: structure(two, "Two hidden layers"),
        "activations": lambda: functions(theme=theme),
        "worked-example-before": lambda: example(initial, "before"),
        "worked-example-after": lambda: example(learnt, "after"),
    }
    paths = [Path(folder) / f"{at}-{name}{ending}" for at, name in enumerate(pictures, start=1)]
    for path, draw in zip(paths, pictures.values(), strict=True):
        save(draw(), path)
    return paths


def functions(*, theme: str | Theme | None = None) -> Axes:
    """ReLU, sigmoid and tanh beside each other, in a ``theme``; returns the axes of the first."""
    names = "relu", "sigmoid", "tanh"
    every = new_axes(theme, (10.5, 5.0), columns=len(names))
    for ax, name in zip(every, names, strict=True):
        activations(name, limit=4, ax=ax, theme=theme)
    return every[0]
