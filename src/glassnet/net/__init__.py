"""The chapter in code: what a network is, and its arithmetic.

Input times weight, add a bias, activate! Everything here is NumPy and pure functions: they read no files,
print nothing and keep no state. Read it in this order:

1. :mod:`~glassnet.net.perceptron`: one neuron with a threshold, and how it learns
2. :mod:`~glassnet.net.activations`: from a neuron's sum to its activation, each with its derivative
3. :mod:`~glassnet.net.network` and :mod:`~glassnet.net.parameters`: layers, and the numbers they learn
4. :mod:`~glassnet.net.forward_pass`: from inputs to outputs
5. :mod:`~glassnet.net.losses`: how wrong an output is, each with its gradient
6. :mod:`~glassnet.net.backward_pass`: from the loss back to every weight's gradient
7. :mod:`~glassnet.net.optimizers`: from the gradient to the next parameters
8. :mod:`~glassnet.net.initializers`, :mod:`~glassnet.net.schedules`, :mod:`~glassnet.net.dropout`:
   the initial weights, the learning rate over time, and regularization by noise
9. :mod:`~glassnet.net.gradient_check`: does the gradient agree with finite differences?

The shape alphabet of this project: ``N`` rows, ``I`` inputs of a layer, ``O`` outputs of a layer,
``L`` layers, ``C`` classes, ``P`` parameters. A layer computes ``z = a @ W + b`` with ``a`` (N, I),
``W`` (I, O), ``b`` (O,), and then ``f(z)`` (N, O).
"""

from glassnet.net.activations import ACTIVATIONS, Activation
from glassnet.net.backward_pass import Gradients, Objective, backward, mean_loss, penalty, total_weight
from glassnet.net.dropout import dropout_masks
from glassnet.net.forward_pass import Trace, forward
from glassnet.net.gradient_check import GradientCheck, check_gradients
from glassnet.net.initializers import INITIALIZERS, Initializer, initialize
from glassnet.net.losses import LOSSES, BinaryLogLoss, CategoricalLogLoss, Huber, Loss, Quantile
from glassnet.net.network import Layer, Network
from glassnet.net.optimizers import (
    OPTIMIZERS,
    Adam,
    AdamW,
    GradientDescent,
    Momentum,
    Nesterov,
    Optimizer,
    RMSprop,
    State,
    clip_norm,
)
from glassnet.net.parameters import LayerParameters, Parameters
from glassnet.net.perceptron import Perceptron, learn
from glassnet.net.schedules import (
    SCHEDULES,
    Constant,
    Cosine,
    CosLog4,
    Exponential,
    FlatCosine,
    InverseScaling,
    OneCycle,
    Schedule,
    StepDecay,
    WarmUp,
)

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "LOSSES",
    "OPTIMIZERS",
    "SCHEDULES",
    "Activation",
    "Adam",
    "AdamW",
    "BinaryLogLoss",
    "CategoricalLogLoss",
    "Constant",
    "CosLog4",
    "Cosine",
    "Exponential",
    "FlatCosine",
    "GradientCheck",
    "GradientDescent",
    "Gradients",
    "Huber",
    "Initializer",
    "InverseScaling",
    "Layer",
    "LayerParameters",
    "Loss",
    "Momentum",
    "Nesterov",
    "Network",
    "Objective",
    "OneCycle",
    "Optimizer",
    "Parameters",
    "Perceptron",
    "Quantile",
    "RMSprop",
    "Schedule",
    "State",
    "StepDecay",
    "Trace",
    "WarmUp",
    "backward",
    "check_gradients",
    "clip_norm",
    "dropout_masks",
    "forward",
    "initialize",
    "learn",
    "mean_loss",
    "penalty",
    "total_weight",
]
