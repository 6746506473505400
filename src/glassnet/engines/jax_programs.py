"""The computations of the JAX engine, which JAX compiles for the shapes of their arrays.

Whatever changes between calls (the number of steps or of rows in the last batch, the seed, rates) is a value and not
a shape, so nothing is compiled again for it. Numbers are computed in the dtype of the parameters; losses, penalties and
total weights in float64, as the reference engine does.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from glassnet.engines.jax_formulas import activation_of, dropout_masks, loss_of, optimizer_of
from glassnet.engines.jax_records import DEVICES, Batch, DeviceRows, Layers, Learned, Spread, Totals
from glassnet.net import Activation, Network, Objective, Optimizer


def _layer_sums(inputs: jax.Array, weights: jax.Array, biases: jax.Array) -> jax.Array:
    return inputs @ weights + biases


layer_sums = jax.jit(_layer_sums)


@lru_cache(maxsize=64)
def layer_activation(activation: Activation) -> Callable[[jax.Array], jax.Array]:
    """Compiled by itself, so that it gives the same bits whatever precedes or follows it."""
    return jax.jit(activation_of(activation).function)


class Programs:
    """The compiled computations of one network, objective and optimizer, shared by all its runs.

    Args:
        spread: the devices that share the rows of each step; ``None`` for a single one.
        exchange: whether the devices sum their gradients; without that, steps are only good for being timed.
    """

    def __init__(
        self,
        network: Network,
        objective: Objective,
        optimizer: Optimizer,
        spread: Spread | None = None,
        exchange: bool = True,
    ) -> None:
        self._exchange = exchange
        self._network = network
        self._spread = spread
        self._objective = objective
        self._activations = [activation_of(layer.activation) for layer in network.layers]
        self._loss = loss_of(objective.loss)
        self._optimizer = optimizer_of(optimizer)
        self.steps = jax.jit(self._steps if spread is None else self._spread_steps(spread))
        self.part = jax.jit(self._part, static_argnames="drop")
        self.update = jax.jit(self._update)
        self.penalize = jax.jit(self._penalize)
        self.row_losses = jax.jit(self._row_losses)

    # -- many steps

    def _steps(
        self,
        learned: Learned,
        rows: DeviceRows,
        orders: jax.Array,
        sizes: jax.Array,
        rates: jax.Array,
        count: Any,
        seed: jax.Array,
    ) -> tuple[Learned, Totals, Any]:
        """Make ``count`` steps, or those before the first whose objective is not finite.

        Args:
            orders: (K, B), the rows of each step; rows beyond the size of a step only fill up the array.
            sizes, rates: (K,), the number of rows and the learning rate of each step.
            seed: of the dropout masks.

        Returns:
            what was learned; the totals of each step, also of the one that was not made; the number of steps made.
        """
        capacity, width = orders.shape
        place = jnp.arange(width)

        def go_on(carry: Any) -> Any:
            made, finite, _, _ = carry
            return (made < count) & finite

        def step(carry: Any) -> Any:
            made, _, learned, totals = carry
            at, used = orders[made], place < sizes[made]
            weights = None if rows.weights is None else rows.weights[at]
            weight = total_weight(used, weights)
            divisor = jnp.where(weight == 0, 1.0, weight)

            def batch_of(first: Any, size: int) -> Batch:
                own = partial(jax.lax.dynamic_slice_in_dim, start_index=first, slice_size=size)
                these = own(at)
                own_weights = None if weights is None else own(weights)
                return Batch(rows.inputs[these], rows.targets[these], own_weights, own(used), first, divisor)

            loss, gradient, finite = self._gradient(learned, batch_of, width, seed)
            penalty, gradient = self._penalize(learned.layers, gradient, divisor)
            finite &= jnp.isfinite(loss + penalty)
            learned = jax.lax.cond(
                finite, lambda: self._update(learned, gradient, rates[made]), lambda: learned
            )
            now = Totals(loss + penalty, penalty, weight)
            totals = Totals(*(all_.at[made].set(one) for all_, one in zip(totals, now, strict=True)))
            return jnp.where(finite, made + 1, made), finite, learned, totals

        totals = Totals(*(jnp.zeros(capacity) for _ in range(3)))
        made, _, learned, totals = jax.lax.while_loop(go_on, step, (0, True, learned, totals))
        if self._spread is not None and self._exchange:
            # of the loss, each device has the part of its own rows
            loss = jax.lax.psum(totals.objective - totals.penalty, DEVICES)
            totals = totals._replace(objective=loss + totals.penalty)
        return learned, totals, made

    def _spread_steps(self, spread: Spread) -> Callable[..., tuple[Learned, Totals, Any]]:
        """:meth:`_steps` on several devices, all of which get and return the same."""
        replicated = jax.sharding.PartitionSpec()
        return jax.shard_map(
            self._steps, mesh=spread.mesh, in_specs=replicated, out_specs=replicated, check_vma=False
        )

    def _gradient(
        self, learned: Learned, batch_of: Callable[[Any, int], Batch], width: int, seed: jax.Array
    ) -> tuple[Any, Layers, Any]:
        """The loss of a batch, its gradient, and whether the loss is finite.

        With several devices, each computes the loss and the gradient of its own rows, and only the gradient is summed
        over all, together with what says whether all losses are finite: one sum for each step.
        """
        if self._spread is None:
            loss, gradient = self._part(learned, batch_of(0, width), seed, drop=True)
            return loss, gradient, jnp.isfinite(loss)
        own = width // self._spread.devices
        parts = self._spread.parts(own)
        start, size = jax.lax.axis_index(DEVICES) * own, own // parts

        def add(number: Any, sums: Any) -> Any:
            mine = self._part(learned, batch_of(start + number * size, size), seed, drop=True)
            return jax.tree.map(jnp.add, sums, mine)

        nothing = jnp.zeros(()), jax.tree.map(jnp.zeros_like, learned.layers)
        loss, gradient = jax.lax.fori_loop(0, parts, add, nothing) if parts > 1 else add(0, nothing)
        leaves, structure = jax.tree.flatten(gradient)
        fault = jnp.where(jnp.isfinite(loss), 0.0, jnp.nan).astype(leaves[0].dtype)
        *sums, fault = summed([*leaves, fault]) if self._exchange else [*leaves, fault]
        return loss, structure.unflatten(sums), jnp.isfinite(fault)

    # -- parts of a step

    def _part(self, learned: Learned, batch: Batch, seed: jax.Array, *, drop: bool) -> tuple[Any, Layers]:
        """The share of some rows of a batch in its loss, and in the gradient of that.

        Rumelhart, Hinton, Williams, *Learning representations by back-propagating errors* (1986).
        """
        layers, dtype = learned.layers, batch.targets.dtype
        masks: list[Any] = [None] * len(layers)
        if drop:
            masks = dropout_masks(
                self._network,
                len(batch.targets),
                seed=seed,
                step=learned.step,
                dtype=dtype,
                first_row=batch.first,
            )
        inputs, sums, activations = [batch.inputs], [], []
        for (weights, biases), activation, mask in zip(layers, self._activations, masks, strict=True):
            sums.append(inputs[-1] @ weights + biases)
            activations.append(activation(sums[-1]))
            inputs.append(activations[-1] if mask is None else activations[-1] * mask)

        one = jnp.ones((), jnp.float64) if batch.weights is None else batch.weights.astype(jnp.float64)
        shares = jnp.where(batch.used, one / batch.weight, 0.0)
        z, a, output = sums[-1], activations[-1], self._activations[-1]
        losses = jnp.where(batch.used, self._row_losses(z, a, batch.targets), 0.0)
        delta = self._loss.delta(output, z, a, batch.targets)
        delta = jnp.where(batch.used[:, None], delta, 0) * shares[:, None].astype(dtype)

        gradient: list[Any] = []
        for number in reversed(range(len(layers))):
            gradient.insert(0, (inputs[number].T @ delta, delta.sum(axis=0)))
            if number:
                error = delta @ layers[number][0].T
                if masks[number - 1] is not None:
                    error *= masks[number - 1]
                activation = self._activations[number - 1]
                delta = activation.backward(sums[number - 1], activations[number - 1], error)
                delta = jnp.where(batch.used[:, None], delta, 0)
        return losses @ shares, tuple(gradient)

    def _row_losses(self, z: jax.Array, a: jax.Array, targets: jax.Array) -> jax.Array:
        """The loss of each row (R,), summed over outputs in float64."""
        elements: Any = self._loss.elements(self._activations[-1], z, a, targets)
        return jnp.minimum(elements, self._objective.loss_cap).sum(axis=1, dtype=jnp.float64)

    def _penalize(self, layers: Layers, gradient: Layers, weight: jax.Array) -> tuple[Any, Layers]:
        """The penalty on the weights, and the gradient with that of the penalty."""
        objective = self._objective
        share: Any = 1 / weight if objective.penalty_per_row else jnp.ones((), jnp.float64)
        total: Any = jnp.zeros((), jnp.float64)
        whole: list[Any] = []
        for (weights, _), (own, biases) in zip(layers, gradient, strict=True):
            if objective.l1:
                total += objective.l1 * jnp.abs(weights).sum(dtype=jnp.float64)
                own += (share * objective.l1).astype(own.dtype) * jnp.sign(weights)
            if objective.l2:
                total += objective.l2 / 2 * (weights * weights).sum(dtype=jnp.float64)
                own += (share * objective.l2).astype(own.dtype) * weights
            whole.append((own, biases))
        return total * share, tuple(whole)

    def _update(self, learned: Learned, gradient: Layers, rate: jax.Array) -> Learned:
        """What is learned by the step with this gradient of the objective."""
        rule = self._optimizer
        if rule.max_norm is not None:
            gradient = clipped(gradient, rule.max_norm)
        parameters, structure = jax.tree.flatten(learned.layers)
        memories = [jax.tree.leaves(moment) for moment in learned.moments]
        step = learned.step + 1
        after, after_moments = [], []
        for number, (own, slope) in enumerate(zip(parameters, jax.tree.leaves(gradient), strict=True)):
            moments = tuple(memory[number] for memory in memories)
            change, new = rule.change(own, slope, moments, rate.astype(own.dtype), step)
            after.append(own + change)
            after_moments.append(new)
        kept = tuple(structure.unflatten(one) for one in zip(*after_moments, strict=True))
        return Learned(structure.unflatten(after), kept, step)


def summed(arrays: list[jax.Array]) -> list[jax.Array]:
    """The sums of these arrays over all devices, by one exchange."""
    whole = jax.lax.psum(jnp.concatenate([array.ravel() for array in arrays]), DEVICES)
    ends = np.cumsum([array.size for array in arrays])[:-1]
    pieces = jnp.split(whole, ends)
    return [piece.reshape(array.shape) for piece, array in zip(pieces, arrays, strict=True)]


def total_weight(used: jax.Array, weights: jax.Array | None) -> jax.Array:
    if weights is None:
        return used.sum(dtype=jnp.float64)
    return jnp.where(used, weights, 0).sum(dtype=jnp.float64)


def clipped(gradient: Layers, max_norm: float) -> Layers:
    """The gradient, scaled down to the norm ``max_norm`` if its norm is larger. Pascanu, Mikolov, Bengio (2013)."""
    squares = [(own.astype(jnp.float64) ** 2).sum() for own in jax.tree.leaves(gradient)]
    norm = jnp.sqrt(sum(squares, start=jnp.zeros((), jnp.float64)))
    factor = jnp.where(norm > max_norm, max_norm / norm, 1.0)
    scaled: Layers = jax.tree.map(lambda own: own * factor.astype(own.dtype), gradient)
    return scaled


@lru_cache(maxsize=64)
def programs_of(
    network: Network,
    objective: Objective,
    optimizer: Optimizer,
    spread: Spread | None = None,
    exchange: bool = True,
) -> Programs:
    """One for all runs of equal networks, objectives and optimizers, so that each is compiled once."""
    return Programs(network, objective, optimizer, spread, exchange)
