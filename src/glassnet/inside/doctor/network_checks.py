"""Checks of the network: its neurons and its gradients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from glassnet.errors import called, called_changes
from glassnet.inside.doctor.context import Context
from glassnet.inside.doctor.findings import Finding

CONSTANT = 1e-6  # the standard deviation of an activation over the rows, at most
NEAR_ZERO = 0.05  # the norm of a neuron's weights, relative to the largest of its layer
NEARLY_ALL = 0.9  # a share of a layer's neurons
SATURATED = 0.05  # the mean slope, relative to the activation function's largest
MANY = 0.25  # a share of a layer's neurons
VANISHING = 1e-3  # a layer's gradient relative to that of the last layer
EXPLODING = (
    1e3  # a layer's gradient relative to that of the last layer, taken as at least 0.001 and at most 1
)


def dead_neurons(context: Context) -> Iterator[Finding]:
    """Neurons with a constant activation. Those whose weights a penalty shrank to 0 are a note, where few others are
    left.
    """
    for number, deviations in context.hidden(context.network_stats.activation_deviations):
        constant = deviations <= CONSTANT
        norms = np.linalg.norm(context.model.learnt[number - 1].weights.astype(np.float64), axis=0)
        shrunk = constant & (norms < NEAR_ZERO * float(norms.max()))
        count, width = int((constant & ~shrunk).sum()), len(deviations)
        if count > MANY * width:
            activation = context.model.network.layers[number - 1].activation
            change: dict[str, Any] = {"activation": "leaky_relu"}
            if activation.name != "relu":
                change = {"learning_rate": float(f"{context.model.settings.rate / 5:.2g}")}
            yield Finding(
                "warning",
                f"{count} of the {width} neurons of hidden layer {number} are dead.",
                f"Their {activation} activation is constant over the rows, so they do not affect any prediction.",
                f"Try {called_changes(change)}, a smaller learning rate, or fewer neurons.",
                (f"layer {number}",),
                change,
            )
        elif int(shrunk.sum()) > NEARLY_ALL * width:
            l2 = context.model.settings.l2
            yield Finding(
                "note",
                f"Only {width - int(constant.sum())} of the {width} neurons of hidden layer {number} are in use.",
                f"The penalty shrank the weights of {int(shrunk.sum())} neurons to 0: the training rows do not need "
                "them.",
                f"If the model is good enough, use fewer neurons; if not, use a penalty below {called('l2', l2)}.",
                (f"layer {number}",),
            )


def saturated_neurons(context: Context) -> Iterator[Finding]:
    stats = context.network_stats
    both = zip(
        context.hidden(stats.activation_slopes), context.hidden(stats.activation_deviations), strict=True
    )
    for (number, slopes), (_, deviations) in both:
        activation = context.model.network.layers[number - 1].activation
        if not np.isfinite(activation.range).all():
            continue
        saturated = int(((slopes < SATURATED) & (deviations > CONSTANT)).sum())
        if saturated > MANY * len(slopes):
            scaled = context.model.settings.scaling != "none"
            change = {"activation": "relu"} if scaled else {"scaling": "standard"}
            yield Finding(
                "warning",
                f"{saturated} of the {len(slopes)} neurons of hidden layer {number} are saturated.",
                f"The mean slope of their {activation} is below {SATURATED:.0%} of its largest slope: their "
                "activations are close to the ends of its range, so they hardly learn.",
                f"Try {called_changes(change)}, a smaller learning rate or a larger l2 penalty.",
                (f"layer {number}",),
                change,
            )


def vanishing_gradients(context: Context) -> Iterator[Finding]:
    gradients = context.network_stats_at(0).gradients
    last = float(gradients[-1])
    small = np.flatnonzero(gradients[:-1] < VANISHING * last)
    if last and len(small):
        first, hidden = int(small[0]), context.model.settings.hidden
        change: dict[str, Any] = {"activation": "relu"}
        if context.model.network.layers[first].activation.name == "relu":
            change = {"hidden": hidden[: max(len(hidden) // 2, 1)]}
        yield Finding(
            "serious" if gradients[first] < VANISHING**2 * last else "warning",
            f"The gradient vanishes before it reaches layer {first + 1}.",
            f"At the start of training, the root mean square of the gradient of the weights is {gradients[first]:.2g} "
            f"there and {last:.2g} in the last layer.",
            f"Try {called_changes(change)}, or another activation function with larger slopes (leaky_relu, gelu), "
            "or fewer layers.",
            tuple(f"layer {number + 1}" for number in small),
            change,
        )


def exploding_gradients(context: Context) -> Iterator[Finding]:
    start, end = context.network_stats_at(0), context.network_stats
    for when, gradients in (("start", start.gradients), ("end", end.gradients)):
        last = float(gradients[-1])
        large = np.flatnonzero(~np.isfinite(gradients) | (gradients > EXPLODING * min(max(last, 1e-3), 1.0)))
        if len(large):
            first = int(large[0])
            change = {"optimizer": str(replace(context.model.settings.optimizer, max_norm=1.0))}
            yield Finding(
                "serious",
                f"The gradient explodes before it reaches layer {first + 1}.",
                f"At the {when} of training, the root mean square of the gradient of the weights is "
                f"{gradients[first]:.2g} there and {last:.2g} in the last layer.",
                f"Clip the gradient ({called_changes(change)}), start from smaller weights, use fewer layers, or "
                "standardize the inputs and the target.",
                tuple(f"layer {number + 1}" for number in large),
                change,
            )
            return
