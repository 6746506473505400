"""Importances read off the weights alone: Garson, Olden, Gedeon. Each takes weights (I, O) of every layer.

They look at the network and not at the data: inputs are taken to be of like size, as standardized ones are. Garson's
and Gedeon's look at the sizes of weights alone. In a wide network most of those are still what they were drawn as at
the start, whatever a column matters; they cancel only in a sum that keeps their signs, as Olden's does. (Olden, Joy,
Death, 2004, compare nine measures on data with known causes, and favor it.)
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np

from glassnet.net.arrays import Array

Weights = Sequence[Array]


def olden(weights: Weights) -> Array:
    """(I, O), signed: over all paths from an input to an output, the sum of the products of their weights.

    That is W¹ W² … Wᴸ. Olden, Jackson, *Illuminating the "black box"*, Ecological Modeling 154 (2002);
    Olden, Joy, Death, Ecological Modeling 178 (2004).
    """
    return reduce(np.matmul, _double(weights))


def garson(weights: Weights) -> Array:
    """(I, O), shares: how each hidden neuron's incoming weights are shared out, averaged over the neurons.

    For one hidden layer, Q_ih = |w_ih v_ho| / Σ_i |w_ih v_ho| and the importance Σ_h Q_ih / Σ_i Σ_h Q_ih, in which
    the weight v_ho to the output cancels: all outputs get the same. With more hidden layers, the shares are
    multiplied on. Garson, AI Expert 6 (1991), in the steps of Goh, Artificial Intelligence in Engineering 9 (1995).
    """
    given = _double(weights)
    hidden = given[:-1] or given
    shares = reduce(np.matmul, map(_shares, hidden)).mean(axis=1)
    return np.repeat(_normalized(shares)[:, None], given[-1].shape[1], axis=1)


def gedeon(weights: Weights) -> Array:
    """(I, O), shares: the shares P_jk = |w_jk| / Σ_r |w_rk| of every layer, multiplied through.

    Gedeon, *Data mining of inputs: analysing magnitude and functional measures*, International Journal of Neural
    Systems 8 (1997).
    """
    return reduce(np.matmul, map(_shares, _double(weights)))


def _double(weights: Weights) -> list[Array]:
    return [np.asarray(each, np.float64) for each in weights]


def _shares(weights: Array) -> Array:
    """|w| (I, O), so that what comes into a neuron sums to 1; a neuron without any weight shares nothing."""
    sizes = np.abs(weights)
    totals = sizes.sum(axis=0)
    return sizes / np.where(totals > 0, totals, 1)


def _normalized(values: Array) -> Array:
    return values / (values.sum() or 1.0)
