"""Checks of the network: its neurons and its gradients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from glassnet.inside.doctor.context import Context
from glassnet.inside.doctor.findings import Finding

DEAD = 1e-6  # standard deviation of an activation over the rows
EMPTIED = 0.05  # norm of a neuron's weights, as a share of the largest of its layer
NEARLY_ALL = 0.9
SATURATED = 0.05  # mean slope, as a share of the activation's largest
MANY = 0.25  # share of a layer's neurons
VANISHING = 1e-3  # a layer's gradient as a share of the last layer's
EXPLODING = 1e3  # a layer's gradient as a multiple of the last layer's, which counts as 0.001 to 1


def dead_units(context: Context) -> Iterator[Finding]:
    """Neurons that never change their mind; those whose weights the penalty has taken to 0 only where few are left."""
    seen = context.network_stats
    for number, deviations in context.hidden(seen.activation_deviations):
        dead = deviations <= DEAD
        sizes = np.linalg.norm(context.model.learnt[number - 1].weights.astype(np.float64), axis=0)
        emptied = dead & (sizes < EMPTIED * float(sizes.max()))
        count, width = int((dead & ~emptied).sum()), len(deviations)
        if count > MANY * width:
            activation = context.model.network.layers[number - 1].activation
            yield Finding(
                "dead_units",
                "warning",
                f"{count} of the {width} neurons of hidden layer {number} are dead.",
                f"Their {activation} gives the same for every row, so they take no part in any prediction.",
                "Try a smaller learning rate, activation='leaky_relu', or fewer neurons.",
                (f"layer {number}",),
            )
        elif int(emptied.sum()) > NEARLY_ALL * width:
            l2 = context.model.settings.l2
            yield Finding(
                "dead_units",
                "note",
                f"Of the {width} neurons of hidden layer {number}, {width - int(dead.sum())} are left.",
                f"The penalty has taken the weights of {int(emptied.sum())} to 0: the training rows did not need them.",
                f"If the model is good enough, fewer neurons will do; if not, try less than l2={l2:g}.",
                (f"layer {number}",),
            )


def saturated_units(context: Context) -> Iterator[Finding]:
    seen = context.network_stats
    both = zip(
        context.hidden(seen.activation_slopes), context.hidden(seen.activation_deviations), strict=True
    )
    for (number, slopes), (_, deviations) in both:
        layer = context.model.network.layers[number - 1]
        low, high = layer.activation.range
        if not (np.isfinite(low) and np.isfinite(high)):
            continue
        flat = int(((slopes < SATURATED) & (deviations > DEAD)).sum())
        if flat > MANY * len(slopes):
            yield Finding(
                "saturated_units",
                "warning",
                f"{flat} of the {len(slopes)} neurons of hidden layer {number} are saturated.",
                f"On average over the rows, their {layer.activation} has less than {SATURATED:.0%} of its "
                "steepest slope: they sit at the ends of its range and hardly learn.",
                "Standardize the inputs, try a smaller learning rate or more l2, or activation='relu'.",
                (f"layer {number}",),
            )


def vanishing_gradients(context: Context) -> Iterator[Finding]:
    start = context.network_stats_at(0).gradients
    last = float(start[-1])
    small = np.flatnonzero(start[:-1] < VANISHING * last)
    if last and len(small):
        at = int(small[0])
        yield Finding(
            "vanishing_gradients",
            "serious" if start[at] < VANISHING**2 * last else "warning",
            f"The gradient vanishes on its way back to layer {at + 1}.",
            f"At the start of training, a weight's gradient there is {start[at]:.2g}, in the last layer {last:.2g} "
            "(root mean squares).",
            "Use fewer layers, or an activation whose slope does not shrink everything: relu, leaky_relu, gelu.",
            tuple(f"layer {number + 1}" for number in small),
        )


def exploding_gradients(context: Context) -> Iterator[Finding]:
    start, end = context.network_stats_at(0), context.network_stats
    for when, gradients in (("At the start", start.gradients), ("At the end", end.gradients)):
        last = float(gradients[-1])
        large = np.flatnonzero(~np.isfinite(gradients) | (gradients > EXPLODING * min(max(last, 1e-3), 1.0)))
        if len(large):
            at = int(large[0])
            clipped = replace(context.model.settings.optimizer, max_norm=1.0)
            yield Finding(
                "exploding_gradients",
                "serious",
                f"The gradient explodes on its way back to layer {at + 1}.",
                f"{when} of training, a weight's gradient there is {gradients[at]:.2g}, in the last layer {last:.2g} "
                "(root mean squares).",
                f"Clip it (optimizer='{clipped}'), start from smaller weights, use fewer "
                "layers, or standardize inputs and target.",
                tuple(f"layer {number + 1}" for number in large),
            )
            return
