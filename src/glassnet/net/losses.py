"""Losses: how wrong an output is, each with its gradient.

A loss takes outputs ``a`` and targets ``y``, both (N, O), and gives the loss of every element (N, O).
The loss of a row is the *sum* over its outputs, and the loss of a batch the weighted *mean* over its
rows; this is reported, and exactly this is differentiated. A target that is NaN is missing: its
element has the loss 0 and the gradient 0.

Three losses belong to an output activation, their *link*. With it they are computed from the
pre-activations ``z``, so that the loss of a certain prediction is finite, and their gradient in
``z`` is ``a - y`` (Bishop, *Pattern Recognition and Machine Learning*, 2006, section 4.3.6).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from glassnet.errors import InputError, unknown
from glassnet.net.activations import Activation, exponential
from glassnet.net.arrays import Array
from glassnet.net.rules import ANY_NUMBER, Bounds, written

POISSON_FLOOR = 1e-12  # the smallest mean of a softplus output
SHARES_TOLERANCE = 1e-3  # shares may have been rounded

Elementwise = Callable[[Array, Array, float], Array]


def squared_error(a: Array, y: Array, parameter: float) -> Array:
    return (a - y) ** 2 / 2


def squared_error_gradient(a: Array, y: Array, parameter: float) -> Array:
    return a - y


def absolute_error(a: Array, y: Array, parameter: float) -> Array:
    return np.abs(a - y)


def absolute_error_gradient(a: Array, y: Array, parameter: float) -> Array:
    return np.sign(a - y)


def huber(a: Array, y: Array, delta: float) -> Array:
    error = np.abs(a - y)
    return np.where(error <= delta, error**2 / 2, delta * (error - delta / 2))


def huber_gradient(a: Array, y: Array, delta: float) -> Array:
    return np.clip(a - y, -delta, delta)


def quantile(a: Array, y: Array, level: float) -> Array:
    return np.maximum(level * (y - a), (level - 1) * (y - a))


def quantile_gradient(a: Array, y: Array, level: float) -> Array:
    return (1 - level) * (a > y).astype(a.dtype) - level * (a < y).astype(a.dtype)


def poisson(a: Array, y: Array, parameter: float) -> Array:
    a = np.maximum(a, POISSON_FLOOR)
    return a - y - y * np.log(a) + _y_log_y(y)


def poisson_gradient(a: Array, y: Array, parameter: float) -> Array:
    return 1 - y / np.maximum(a, POISSON_FLOOR)


def poisson_from_z(z: Array, y: Array) -> Array:
    return exponential(z) - y - y * z + _y_log_y(y)


def _y_log_y(y: Array) -> Array:
    return y * np.log(np.where(y > 0, y, 1))


def binary_log_loss_from_z(z: Array, y: Array) -> Array:
    return np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z)))


def categorical_log_loss_from_z(z: Array, y: Array) -> Array:
    shifted = z - z.max(axis=-1, keepdims=True)
    return y * (np.log(np.exp(shifted).sum(axis=-1, keepdims=True)) - shifted)


SMOOTHING = "smoothing"  # a constant of training alone: see :meth:`Loss.training_targets`


@dataclass(frozen=True)
class Loss:
    """A loss with its gradient.

    Args:
        name: its name in messages and files.
        formula: the loss of one element as text.
        slope: its gradient as text.
        source: the publication that it comes from.
        function: computes the loss of every element from ``(a, y, parameter)``.
        gradient: computes its derivative with respect to ``a`` from ``(a, y, parameter)``.
        link: the output activation with which ``from_z`` gives the loss and ``a - y`` the delta.
        from_z: computes the loss of every element from ``(z, y)``.
        outputs: the output activations that the loss is defined for; ``None`` for all.
        targets: the interval in which ``y`` must lie.
        shares: whether the targets of a row must sum to 1.
        parameter: the constant of the loss, if it has one.
        parameter_name: the name of the constant.
        parameter_bounds: the values that it can have.
    """

    name: str
    formula: str
    slope: str
    source: str
    function: Elementwise | None = None
    gradient: Elementwise | None = None
    link: str | None = None
    from_z: Callable[[Array, Array], Array] | None = None
    outputs: tuple[str, ...] | None = None
    targets: tuple[float, float] = (-math.inf, math.inf)
    shares: bool = False
    parameter: float = 0.0
    parameter_name: str = ""
    parameter_bounds: Bounds = ANY_NUMBER

    def __repr__(self) -> str:
        return f"Loss({self.text()!r})"

    def __str__(self) -> str:
        """The name, with the constant if it differs from its default."""
        return self.text(all_constants=False)

    def text(self, *, all_constants: bool = True) -> str:
        """The loss as :func:`glassnet.train` also takes it, such as ``huber(delta=0.5)``."""
        default = LOSSES.get(self.name, self).parameter
        named = self.parameter_name and (self.parameter != default or (all_constants and default))  # 0 is off
        return written(self.name, {self.parameter_name: self.parameter} if named else {})

    def with_parameter(self, value: float) -> Loss:
        """The same loss with another constant.

        Raises:
            InputError: a value out of its bounds.
        """
        if fault := self.parameter_bounds.fault(f"{self.parameter_name} of {self.name}", value):
            raise InputError(fault)
        return replace(self, parameter=float(value))

    def training_targets(self, y: Array) -> Array:
        """The targets (N, O) that training uses in place of ``y``: smoothed, if the loss has a smoothing.

        A share ``smoothing`` of every label is divided evenly among all classes. Szegedy et al., *Rethinking the
        inception architecture* (2016). The loss of other rows is that of their own targets.
        """
        if self.parameter_name != SMOOTHING or not self.parameter:
            return y
        classes = y.shape[1] if self.shares else 2
        return y * y.dtype.type(1 - self.parameter) + y.dtype.type(self.parameter / classes)

    @property
    def quantile_level(self) -> float | None:
        """The level of the quantile that the loss predicts, 0.5 for the median; ``None`` if it predicts another."""
        return {"quantile": self.parameter, "absolute_error": 0.5}.get(self.name)

    def accepts(self, output: Activation) -> bool:
        """Whether the loss is defined for all values of this output activation."""
        return self.outputs is None or output.name in self.outputs

    def refusal(self, output: Activation) -> str:
        """The message for an output activation that the loss is not defined for."""
        accepted = " or ".join(self.outputs or ())
        return f"the loss {self.name} needs {accepted} as output activation, but has {output.name}."

    def fault_of_shares(self, y: Array) -> str:
        """The message for targets ``y`` (N, O) with wrong sums; empty if they are right."""
        if not self.shares:
            return ""
        sums = y.sum(axis=1, dtype=np.float64)
        wrong = sums[np.abs(sums - 1) > SHARES_TOLERANCE]
        if not len(wrong):
            return ""
        return (
            f"the loss {self.name} needs targets that sum to 1 in every row, but a row sums to {wrong[0]:g}."
        )

    def elements(self, output: Activation, z: Array, a: Array, y: Array) -> Array:
        """The loss of every element, (N, O); 0 where the target is missing (NaN)."""
        if self.from_z is not None and output.name == self.link:
            return _where_known(y, self.from_z(z, y))
        if self.function is None:
            raise InputError(self.refusal(output))
        return _where_known(y, self.function(a, y, self.parameter))

    def delta(self, output: Activation, z: Array, a: Array, y: Array) -> Array:
        """∂loss/∂z of every element, (N, O)."""
        if output.name == self.link:
            return _where_known(y, a - y)
        if self.gradient is None:
            raise InputError(self.refusal(output))
        return output.backward(z, a, _where_known(y, self.gradient(a, y, self.parameter)))


def _where_known(y: Array, values: Array) -> Array:
    return np.where(np.isnan(y), values.dtype.type(0), values)


# fmt: off
LOSSES: dict[str, Loss] = {
    entry.name: entry
    for entry in (
        Loss("squared_error", "½ (a - y)²", "a - y", "Legendre (1805)", squared_error, squared_error_gradient),
        Loss("absolute_error", "|a - y|", "sign(a - y)", "Boscovich (1757)", absolute_error,
             absolute_error_gradient),
        Loss("huber", "½ (a - y)² where |a - y| ≤ δ, else δ (|a - y| - ½ δ)", "a - y, kept within ±δ",
             "Huber (1964)", huber, huber_gradient, parameter=1.0, parameter_name="delta",
             parameter_bounds=Bounds(minimum=0, above=True)),
        Loss("quantile", "q (y - a) where y > a, else (1 - q) (a - y)", "-q where y > a, 1 - q where y < a",
             "Koenker, Bassett (1978)", quantile, quantile_gradient, parameter=0.5, parameter_name="level",
             parameter_bounds=Bounds(minimum=0, maximum=1, above=True, below=True)),
        Loss("poisson", "a - y + y log(y / a)", "1 - y / a", "McCullagh, Nelder (1989), chapter 6", poisson,
             poisson_gradient, link="exponential", from_z=poisson_from_z, outputs=("exponential", "softplus"),
             targets=(0.0, math.inf)),
        Loss("binary_log_loss", "-y log a - (1 - y) log(1 - a)", "in z: a - y", "Bishop (2006), equation 4.90",
             link="sigmoid", from_z=binary_log_loss_from_z, outputs=("sigmoid",), targets=(0.0, 1.0),
             parameter_name=SMOOTHING, parameter_bounds=Bounds(minimum=0, maximum=1, below=True)),
        Loss("categorical_log_loss", "-Σ y_i log a_i", "in z: a - y", "Bishop (2006), equation 4.108",
             link="softmax", from_z=categorical_log_loss_from_z, outputs=("softmax",), targets=(0.0, 1.0),
             shares=True, parameter_name=SMOOTHING, parameter_bounds=Bounds(minimum=0, maximum=1, below=True)),
    )
}
# fmt: on


def loss_named(name: str) -> Loss:
    """The entry of :data:`LOSSES` of that name.

    Raises:
        InputError: there is none.
    """
    if name not in LOSSES:
        raise InputError(unknown("loss", name, LOSSES))
    return LOSSES[name]


def Huber(delta: float = 1.0) -> Loss:
    """The huber loss, which is squared up to an error of ``delta`` and absolute beyond. Huber (1964)."""
    return LOSSES["huber"].with_parameter(delta)


def Quantile(level: float = 0.5) -> Loss:
    """The loss whose minimum is the quantile ``level`` of the target. Koenker, Bassett (1978)."""
    return LOSSES["quantile"].with_parameter(level)


def BinaryLogLoss(smoothing: float = 0.0) -> Loss:
    """The log loss of two classes, trained on labels of which a share ``smoothing`` is divided between both."""
    return LOSSES["binary_log_loss"].with_parameter(smoothing)


def CategoricalLogLoss(smoothing: float = 0.0) -> Loss:
    """The log loss of several classes, trained on labels of which a share ``smoothing`` is divided among all."""
    return LOSSES["categorical_log_loss"].with_parameter(smoothing)
