"""From a ``Sequential`` of PyTorch to a record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import torch
from torch import nn

from glassnet.convert.sequential import Layers, sequential
from glassnet.errors import InputTypeError
from glassnet.net.activations import LEAKY_SLOPE
from glassnet.trained import TrainedModel

M = TypeVar("M", bound=TrainedModel)

# the name of each activation, and the condition under which it is the same function
ACTIVATIONS: dict[type, tuple[str, Callable[[Any], bool]]] = {
    nn.ReLU: ("relu", lambda own: True),
    nn.Tanh: ("tanh", lambda own: True),
    nn.Sigmoid: ("sigmoid", lambda own: True),
    nn.ELU: ("elu", lambda own: own.alpha == 1),
    nn.SELU: ("selu", lambda own: True),
    nn.LeakyReLU: ("leaky_relu", lambda own: own.negative_slope == LEAKY_SLOPE),
    nn.GELU: ("gelu", lambda own: own.approximate == "tanh"),
    nn.SiLU: ("silu", lambda own: True),
    nn.Mish: ("mish", lambda own: True),
    nn.Softplus: ("softplus", lambda own: own.beta == 1 and own.threshold >= 20),
    nn.Softmax: ("softmax", lambda own: own.dim in (None, 1, -1)),
    nn.LogSoftmax: ("softmax", lambda own: own.dim in (None, 1, -1)),
}
DROPOUTS = (nn.Dropout, nn.AlphaDropout, nn.FeatureAlphaDropout)
POSSIBLE = (
    "Sequential", "Linear", "Dropout", "Identity", "Flatten", "ReLU", "Tanh", "Sigmoid", "ELU(alpha=1)", "SELU",
    "LeakyReLU(0.01)", "GELU(approximate='tanh')", "SiLU", "Mish", "Softplus", "Softmax(dim=1)", "LogSoftmax(dim=1)",
)  # fmt: skip


def from_torch(model_class: type[M], module: Any, **asked: Any) -> M:
    """The record of ``module``; see :func:`glassnet.from_torch`."""
    if not isinstance(module, nn.Sequential):
        raise InputTypeError(f"module is {type(module).__name__}, but must be a torch.nn.Sequential.")
    layers = Layers()
    for own in _flat(module):
        _add(layers, own)
    if isinstance([*_flat(module), None][-2], nn.LogSoftmax) and asked["classes"] == ():
        layers.faults.add("the outputs are logarithms of probabilities, which are no numbers to predict.")
    return sequential(model_class, layers, f"a Sequential of PyTorch {torch.__version__}", **asked)


def _flat(module: Any) -> Iterator[Any]:
    for own in module:
        if type(own).forward is nn.Sequential.forward:
            yield from _flat(own)
        else:
            yield own


def _add(layers: Layers, own: Any) -> None:
    name, holds = ACTIVATIONS.get(type(own), ("", lambda own: False))
    if type(own) is nn.Linear:
        weights, bias = own.weight.detach().cpu(), own.bias
        if weights.dtype not in (torch.float32, torch.float64):
            layers.faults.add(f"the weights of {own} are {weights.dtype}; call module.float() first.")
            return
        layers.add(weights.numpy().T.copy(), None if bias is None else bias.detach().cpu().numpy().copy())
    elif holds(own):
        layers.activate(name, str(own))
    elif isinstance(own, DROPOUTS):
        layers.drop(float(own.p))
    elif type(own) not in (nn.Identity, nn.Flatten):
        layers.refuse(str(own), POSSIBLE)
