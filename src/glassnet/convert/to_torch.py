"""From a record to a ``Sequential`` of PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from glassnet.convert.torch_modules import Mean, Temperature, Units
from glassnet.errors import Faults, InputError
from glassnet.net.activations import LEAKY_SLOPE
from glassnet.targets import TargetGroup
from glassnet.trained import TrainedModel
from glassnet.training.trained_network import TrainedNetwork

ACTIVATIONS: dict[str, Callable[[], Any]] = {
    "identity": nn.Identity,
    "relu": nn.ReLU,
    "leaky_relu": lambda: nn.LeakyReLU(LEAKY_SLOPE),
    "elu": nn.ELU,
    "selu": nn.SELU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "softplus": nn.Softplus,
    "gelu": lambda: nn.GELU(approximate="tanh"),
    "silu": nn.SiLU,
    "mish": nn.Mish,
    "softmax": lambda: nn.Softmax(dim=1),
}


def to_torch(model: TrainedModel) -> Any:
    """See :meth:`glassnet.Model.to_torch`."""
    faults = Faults(InputError)
    names = dict.fromkeys(layer.activation.name for layer in model.network.layers)
    for name in names:
        if name not in ACTIVATIONS:
            faults.add(
                f"the activation {name} is none of PyTorch's modules, so the model cannot be converted."
            )
    faults.raise_if_any()
    networks = [_network(member) for member in model.members]
    parts = [*networks[0]] if len(networks) == 1 else [Mean(networks)]
    return nn.Sequential(*parts, *_answer(model)).eval()


def _network(member: TrainedNetwork) -> Any:
    parts: list[Any] = []
    for layer, own in zip(member.network.layers, member.learnt, strict=True):
        inputs, outputs = own.weights.shape
        dtype = torch.float64 if own.weights.dtype == np.float64 else torch.float32
        linear = nn.utils.skip_init(nn.Linear, inputs, outputs, dtype=dtype)
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(own.weights.T))
            linear.bias.copy_(torch.tensor(own.biases))
        parts.append(linear)
        if layer.activation.name != "identity":
            parts.append(ACTIVATIONS[layer.activation.name]())
        if layer.dropout:
            parts.append(nn.Dropout(layer.dropout))
    return nn.Sequential(*parts)


def _answer(model: TrainedModel) -> list[Any]:
    """The modules that turn outputs into probabilities, or numbers in the units of the targets, if any are needed."""
    target = model.target
    if isinstance(target, TargetGroup):
        if any(own.temperature != 1 for own in target.each):
            raise InputError(
                "the temperatures of several targets cannot be converted; convert one: for_target."
            )
        return []
    if target.classes is not None:
        smallest = float(np.finfo(np.float64).eps)
        return [] if target.temperature == 1 else [Temperature(target.temperature, smallest)]
    ends = [target.lowest or (-np.inf,) * len(target.mean), target.highest or (np.inf,) * len(target.mean)]
    if not any(target.mean) and {*target.scale} == {1.0} and not target.lowest:
        return []
    dtype = torch.float64 if model.dtype == np.float64 else torch.float32
    return [Units(*(torch.tensor(own, dtype=dtype) for own in (target.scale, target.mean, *ends)))]
