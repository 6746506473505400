"""Weights of 8 bits: those of each neuron are whole numbers from -127 to 127, times a step of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from glassnet.ship.export.program import Array, Dense, ModelProgram

MOST = 127


@dataclass(frozen=True, eq=False)
class RoundedDense(Dense):
    """A layer whose weights are ``codes * steps``, in float64.

    Attributes:
        codes: (I, O), int8.
        steps: (O,), one for each neuron.
    """

    codes: Array
    steps: Array


def rounded(program: ModelProgram) -> ModelProgram:
    """``program`` with weights of 8 bits; the biases stay as they are."""
    members = tuple(tuple(_rounded(layer) for layer in layers) for layers in program.members)
    return replace(program, members=members)


def _rounded(layer: Dense) -> RoundedDense:
    largest = np.abs(layer.weights).max(axis=0)
    steps = np.where(largest > 0, largest / MOST, 1).astype(layer.biases.dtype)
    codes = np.clip(np.round(layer.weights / steps), -MOST, MOST).astype(np.int8)
    weights = codes.astype(np.float64) * steps.astype(np.float64)
    return RoundedDense(weights, layer.biases, layer.activation, codes, steps)
