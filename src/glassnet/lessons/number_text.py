"""The format of numbers in the lesson, and the names of their layers."""

from __future__ import annotations

from glassnet.lessons.worked_example import WorkedExample
from glassnet.net import Parameters


def between(example: WorkedExample, number: int) -> str:
    """``"hidden 1 → hidden 2"`` for the layer whose number is 1."""
    last = len(example.network.layers)
    places = ["input", *(f"hidden {hidden}" for hidden in range(1, last)), "output"]
    return f"{places[number]} → {places[number + 1]}"


def sums(example: WorkedExample, parameters: Parameters) -> list[tuple[str, str]]:
    """A name and a sum for the weights, and then for the biases, of every layer; twelve figures."""
    names = [between(example, number) for number in range(len(parameters))]
    weights = [
        (f"weights {name}", f"{layer.weights.sum():.12g}")
        for name, layer in zip(names, parameters, strict=True)
    ]
    biases = [
        (f"bias {name.split(' → ')[1]}", f"{layer.biases.sum():.12g}")
        for name, layer in zip(names, parameters, strict=True)
    ]
    return weights + biases


def decimals(value: float) -> str:
    return f"{value:.8f}"


def scientific(value: float) -> str:
    """``4.658680e-4``."""
    mantissa, exponent = f"{value:.6e}".split("e")
    return f"{mantissa}e{int(exponent)}"
