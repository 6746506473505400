"""Activations: the functions that turn a neuron's sum ``z`` into its activation ``a``, each with its derivative.

Every function takes the pre-activations ``z`` of any shape and returns ``a`` of that shape and dtype.
Every derivative takes ``z`` and the ``a`` computed from it, since the shorter formula may use either.
All of them are safe for ``|z|`` up to 1e4 in float32 and float64: no overflow, no NaN.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from glassnet.net.arrays import Array

LEAKY_SLOPE = 0.01  # Maas, Hannun, Ng (2013)
SELU_SCALE = 1.0507009873554805  # λ; Klambauer et al. (2017), equation 14
SELU_ALPHA = 1.6732632423543772
GELU_SCALE = math.sqrt(2 / math.pi)
GELU_CUBIC = 0.044715


def identity(z: Array) -> Array:
    return z.copy()


def identity_derivative(z: Array, a: Array) -> Array:
    return np.ones_like(z)


def step(z: Array) -> Array:
    return (z > 0).astype(z.dtype)


def step_derivative(z: Array, a: Array) -> Array:
    return np.zeros_like(z)


def relu(z: Array) -> Array:
    return np.maximum(z, 0)


def relu_derivative(z: Array, a: Array) -> Array:
    return (z > 0).astype(z.dtype)


def leaky_relu(z: Array) -> Array:
    return np.where(z > 0, z, z.dtype.type(LEAKY_SLOPE) * z)


def leaky_relu_derivative(z: Array, a: Array) -> Array:
    return np.where(z > 0, z.dtype.type(1), z.dtype.type(LEAKY_SLOPE))


def elu(z: Array) -> Array:
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))


def elu_derivative(z: Array, a: Array) -> Array:
    return np.where(z > 0, z.dtype.type(1), a + 1)


def selu(z: Array) -> Array:
    return np.where(z > 0, SELU_SCALE * z, SELU_SCALE * SELU_ALPHA * np.expm1(np.minimum(z, 0)))


def selu_derivative(z: Array, a: Array) -> Array:
    return np.where(z > 0, z.dtype.type(SELU_SCALE), a + SELU_SCALE * SELU_ALPHA)


def sigmoid(z: Array) -> Array:
    e = np.exp(-np.abs(z))
    return np.where(z < 0, e, 1) / (1 + e)


def sigmoid_derivative(z: Array, a: Array) -> Array:
    return a * (1 - a)


def tanh(z: Array) -> Array:
    return np.tanh(z)


def tanh_derivative(z: Array, a: Array) -> Array:
    return 1 - a * a


def softplus(z: Array) -> Array:
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def softplus_derivative(z: Array, a: Array) -> Array:
    return sigmoid(z)


def gelu(z: Array) -> Array:
    return z * (1 + np.tanh(GELU_SCALE * (z + GELU_CUBIC * z**3))) / 2


def gelu_derivative(z: Array, a: Array) -> Array:
    t = np.tanh(GELU_SCALE * (z + GELU_CUBIC * z**3))
    return (1 + t + z * (1 - t * t) * GELU_SCALE * (1 + 3 * GELU_CUBIC * z * z)) / 2


def silu(z: Array) -> Array:
    return z * sigmoid(z)


def silu_derivative(z: Array, a: Array) -> Array:
    s = sigmoid(z)
    return s + a * (1 - s)


def mish(z: Array) -> Array:
    return z * _tanh_of_softplus(z)


def mish_derivative(z: Array, a: Array) -> Array:
    t = _tanh_of_softplus(z)
    return t + z * (1 - t * t) * sigmoid(z)


def _tanh_of_softplus(z: Array) -> Array:
    """tanh(log(1 + exp(z))) = n (n + 2) / (n (n + 2) + 2) with n = exp(z); for z > 0, both times exp(-2z)."""
    e = np.exp(-np.abs(z))
    numerator = np.where(z < 0, e * (e + 2), 1 + 2 * e)
    return numerator / (numerator + np.where(z < 0, 2, 2 * e * e))


def exponential(z: Array) -> Array:
    return np.exp(np.minimum(z, _largest_exponent(z)))


def exponential_derivative(z: Array, a: Array) -> Array:
    return a


def _largest_exponent(z: Array) -> float:
    return 80.0 if z.dtype == np.float32 else 700.0


def softmax(z: Array) -> Array:
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_derivative(z: Array, a: Array) -> Array:
    """The diagonal of the Jacobian, ∂a_i/∂z_i; :meth:`Activation.backward` uses all of it."""
    return a * (1 - a)


@dataclass(frozen=True)
class Activation:
    """An activation function with its derivative; ``activation(z)`` applies it.

    Args:
        name: its name in messages and files.
        function: computes ``a`` from ``z``; both have the same shape, which is any.
        derivative: computes ∂a/∂z from ``(z, a)``.
        formula: ``function`` as text.
        slope: ``derivative`` as text.
        range: the interval in which every ``a`` lies.
        initializer: the name of the initializer that keeps the variance of signals through such a layer.
        source: the publication that it comes from.
        kinks: the points at which the derivative jumps.
        targets: the interval of targets that an output of this activation can approach; default ``range``.
        whole_row: whether a neuron's ``a`` also depends on the ``z`` of the other neurons of its layer.
        output_only: whether only an output layer can have it.
    """

    name: str
    function: Callable[[Array], Array]
    derivative: Callable[[Array, Array], Array]
    formula: str
    slope: str
    range: tuple[float, float]
    initializer: str
    source: str
    kinks: tuple[float, ...] = ()
    targets: tuple[float, float] | None = None
    whole_row: bool = False
    output_only: bool = False

    def __repr__(self) -> str:
        return f"Activation({self.name!r})"

    def __call__(self, z: Array) -> Array:
        return self.function(z)

    def __str__(self) -> str:
        return self.name

    def backward(self, z: Array, a: Array, gradient: Array) -> Array:
        """From ∂loss/∂a (``gradient``) to ∂loss/∂z; all of shape (N, O)."""
        if self.whole_row:  # softmax: ∂a_i/∂z_j = a_i (δ_ij - a_j)
            return a * (gradient - (gradient * a).sum(axis=-1, keepdims=True))
        return gradient * self.derivative(z, a)


_REAL = (-math.inf, math.inf)
_POSITIVE = (0.0, math.inf)

# fmt: off
ACTIVATIONS: dict[str, Activation] = {
    entry.name: entry
    for entry in (
        Activation("identity", identity, identity_derivative, "z", "1", _REAL, "lecun_uniform", "linear unit"),
        Activation("step", step, step_derivative, "1 if z > 0 else 0", "0", (0.0, 1.0), "lecun_uniform",
                   "McCulloch, Pitts (1943); Rosenblatt (1958)", kinks=(0.0,)),
        Activation("relu", relu, relu_derivative, "max(z, 0)", "1 if z > 0 else 0", _POSITIVE, "he_uniform",
                   "Nair, Hinton (2010)", kinks=(0.0,)),
        Activation("leaky_relu", leaky_relu, leaky_relu_derivative, "z if z > 0 else 0.01 z",
                   "1 if z > 0 else 0.01", _REAL, "he_uniform", "Maas, Hannun, Ng (2013)", kinks=(0.0,)),
        Activation("elu", elu, elu_derivative, "z if z > 0 else exp(z) - 1", "1 if z > 0 else a + 1",
                   (-1.0, math.inf), "he_uniform", "Clevert, Unterthiner, Hochreiter (2015)",
                   targets=_POSITIVE),
        Activation("selu", selu, selu_derivative, "1.0507 (z if z > 0 else 1.6733 (exp(z) - 1))",
                   "1.0507 if z > 0 else a + 1.7581", (-SELU_SCALE * SELU_ALPHA, math.inf), "lecun_normal",
                   "Klambauer et al. (2017)", kinks=(0.0,), targets=_POSITIVE),
        Activation("sigmoid", sigmoid, sigmoid_derivative, "1 / (1 + exp(-z))", "a (1 - a)", (0.0, 1.0),
                   "glorot_uniform", "Rumelhart, Hinton, Williams (1986)"),
        Activation("tanh", tanh, tanh_derivative, "tanh(z)", "1 - a²", (-1.0, 1.0), "glorot_uniform",
                   "LeCun et al., Efficient BackProp (1998)"),
        Activation("softplus", softplus, softplus_derivative, "log(1 + exp(z))", "sigmoid(z)", _POSITIVE,
                   "he_uniform", "Dugas et al. (2001)"),
        Activation("gelu", gelu, gelu_derivative, "z/2 (1 + tanh(√(2/π) (z + 0.044715 z³)))",
                   "(1 + t)/2 + z/2 (1 - t²) √(2/π) (1 + 0.134145 z²), t the tanh above", (-0.2, math.inf),
                   "he_uniform", "Hendrycks, Gimpel (2016), the tanh form", targets=_POSITIVE),
        Activation("silu", silu, silu_derivative, "z sigmoid(z)", "s + a (1 - s), s = sigmoid(z)",
                   (-0.3, math.inf), "he_uniform", "Elfwing, Uchibe, Doya (2017)", targets=_POSITIVE),
        Activation("mish", mish, mish_derivative, "z tanh(softplus(z))",
                   "t + z (1 - t²) sigmoid(z), t = tanh(softplus(z))", (-0.31, math.inf), "he_uniform",
                   "Misra (2019)", targets=_POSITIVE),
        Activation("exponential", exponential, exponential_derivative, "exp(z)", "a", _POSITIVE,
                   "lecun_uniform", "log link: Nelder, Wedderburn (1972)", output_only=True),
        Activation("softmax", softmax, softmax_derivative, "exp(z_i) / Σ_j exp(z_j)",
                   "∂a_i/∂z_j = a_i (δ_ij - a_j)", (0.0, 1.0), "glorot_uniform", "Bridle (1990)",
                   whole_row=True, output_only=True),
    )
}
# fmt: on
