"""Runs of the JAX engine: the parameters and the rows stay on the device, and calls are cut short, so that they can be
stopped."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from glassnet.engines.checks import check_stop, checked_snapshot
from glassnet.engines.inputs import checked_inputs, checked_steps, rows_of
from glassnet.engines.jax_arrays import (
    Steps,
    block,
    block_rows,
    blocks,
    dense,
    filled,
    forward,
    on_device,
    rounded,
    taken,
)
from glassnet.engines.jax_programs import Batch, DeviceRows, Layers, Learned, Programs
from glassnet.engines.protocol import (
    EachRow,
    Epochs,
    Inputs,
    Order,
    Rates,
    Rows,
    Snapshot,
    StopFlag,
    raise_if_stopped,
)
from glassnet.net import Network, Parameters, State
from glassnet.net.arrays import Array
from glassnet.net.backward_pass import total_weight

SECONDS = 0.05  # of a call of the device; the stop flag is looked at in between
MOST_STEPS = 1024  # of such a call
MOST_INDICES = 2**18  # of the rows of these steps, 1 MiB

_compiling = threading.Lock()
_compiled: weakref.WeakKeyDictionary[Programs, set[Any]] = weakref.WeakKeyDictionary()


@contextmanager
def precision() -> Iterator[None]:
    """Within, this thread's JAX has float64, and computes products of float32 numbers in float32 on every device."""
    with jax.enable_x64(True), jax.default_matmul_precision("highest"):
        yield


class JaxRun:
    """A run whose parameters and moments are arrays on the device, a pair for each layer."""

    def __init__(
        self, programs: Programs, network: Network, parameters: Parameters, moments: int, dropout_seed: int
    ) -> None:
        self._programs = programs
        self._network = network
        self._dtype = parameters.dtype
        self._size = parameters.vector.size
        self._moment_count = moments
        self._block = block_rows(network)
        self._rows: dict[int, tuple[weakref.ref[Rows], DeviceRows]] = {}
        self._learned: Learned
        self._step: int
        self._steps_per_call: dict[int, int] = {}  # by the size of the batch
        with precision():
            self._seed = jnp.asarray(dropout_seed % 2**64, jnp.uint64)
            zeros = tuple(np.zeros_like(parameters.vector) for _ in range(moments))
            self._set(parameters.vector, State(0, zeros))

    # -- training

    def epochs(
        self,
        rows: Rows,
        batch_size: int,
        rates: Rates,
        orders: Order | None = None,
        stop: StopFlag | None = None,
    ) -> Epochs:
        dense(rows.inputs)
        checked_inputs(rows, self._network, self._dtype)
        rates, orders = checked_steps(len(rows), batch_size, rates, orders)
        check_stop(stop)
        count, steps = rates.shape
        batch_size = min(int(batch_size), len(rows))
        totals = np.zeros((3, count * steps))
        made, diverged = 0, False
        with precision():
            if steps:
                placed = self._on_device(rows)
                sequence = Steps(len(rows), batch_size, rates, orders)
                train = self._many_steps if batch_size <= self._block else self._large_steps
                made, diverged = train(rows, placed, sequence, totals, stop)
        finished = made // steps if steps else count
        objective, penalty, weight = totals[:, : finished * steps].reshape(3, finished, steps)
        share = weight.sum(axis=1)
        share[share == 0] = 1.0
        losses, penalties = (objective * weight).sum(axis=1) / share, (penalty * weight).sum(axis=1) / share
        return Epochs(losses, self._step + 1 if diverged else None, penalties)

    def _many_steps(
        self, rows: Rows, placed: DeviceRows, sequence: Steps, totals: Array, stop: StopFlag | None
    ) -> tuple[int, bool]:
        """Make the steps, many in a call of the device; returns how many were made, and whether the next diverged."""
        made, batch = 0, sequence.batch_size
        most = max(1, min(MOST_STEPS, MOST_INDICES // batch))
        compiled = False
        while made < sequence.count and not (stop is not None and stop[0]):
            if not compiled:
                self._compile(placed, sequence.part(0, 0, most))
                compiled = True
            at_once = self._steps_per_call.get(batch, 1)
            count = min(at_once, most, sequence.count - made)
            started = time.perf_counter()
            learned, own, finite = self._programs.steps(
                self._learned, placed, *sequence.part(made, count, most), count, self._seed
            )
            done = int(finite)
            totals[:, made : made + done] = np.stack(own)[:, :done]
            self._learned, self._step = learned, self._step + done
            made += done
            if done < count:
                return made, True
            if count == at_once:
                faster = SECONDS / max(1e-9, time.perf_counter() - started)
                self._steps_per_call[batch] = int(min(max(1.0, count * faster), most, 8 * count))
        return made, False

    def _compile(self, placed: DeviceRows, part: tuple[Array, ...]) -> None:
        """Compile the steps for these shapes unless another run has done so, which takes a second or more."""
        kinds = tuple((array.shape, str(array.dtype)) for array in jax.tree.leaves((placed, part)))
        with _compiling:
            known = _compiled.setdefault(self._programs, set())
            if kinds not in known:
                self._programs.steps(self._learned, placed, *part, 0, self._seed)
                known.add(kinds)

    def _large_steps(
        self, rows: Rows, placed: DeviceRows, sequence: Steps, totals: Array, stop: StopFlag | None
    ) -> tuple[int, bool]:
        """As :meth:`_many_steps`, with calls of the device for parts of the rows of a step."""
        for made in range(sequence.count):
            order, rate = sequence.step(made)
            weights = None if rows.weights is None else rows.weights[order]
            weight = total_weight(len(order), weights)
            loss: Any = 0.0
            gradient: Any = None
            for start, count, size in blocks(len(order), self._block):
                if stop is not None and stop[0]:
                    return made, False
                at = np.zeros(size, np.int32)
                at[:count] = order[start : start + count]
                inputs, targets, own_weights = taken(placed, at)
                used = np.arange(size) < count
                batch = Batch(inputs, targets, own_weights, used, start, np.float64(weight))
                own, slope = self._programs.part(self._learned, batch, self._seed, drop=True)
                loss += float(own)
                gradient = slope if gradient is None else jax.tree.map(jnp.add, gradient, slope)
            penalty, gradient = self._programs.penalize(self._learned.layers, gradient, np.float64(weight))
            objective = loss + float(penalty)
            if not np.isfinite(objective):
                return made, True
            if stop is not None and stop[0]:
                return made, False
            own_weight = len(order) if weights is None else weights.sum(dtype=np.float64)
            totals[:, made] = objective, float(penalty), own_weight
            self._learned = self._programs.update(self._learned, gradient, np.float64(rate))
            self._step += 1
        return sequence.count, False

    # -- rows

    def _on_device(self, rows: Rows) -> DeviceRows:
        """The rows on the device, where they stay as long as they exist."""
        known = self._rows.get(id(rows))
        if known is not None and known[0]() is rows:
            return known[1]
        self._rows = {key: kept for key, kept in self._rows.items() if kept[0]() is not None}
        size = rounded(sum(size for _, _, size in blocks(len(rows), self._block)))
        weights = None if rows.weights is None else jnp.asarray(filled(rows.weights, size))
        placed = DeviceRows(
            jnp.asarray(filled(rows.inputs, size)), jnp.asarray(filled(rows.targets, size)), weights
        )
        self._rows[id(rows)] = weakref.ref(rows), placed
        return placed

    # -- without training

    def predict(self, inputs: Inputs, stop: StopFlag | None = None) -> Array:
        check_stop(stop)
        dense(inputs)
        inputs = rows_of(inputs, self._network.inputs, self._dtype, (2,))
        outputs = np.empty((len(inputs), self._network.outputs), self._dtype)
        with precision():
            for start, count, size in blocks(len(inputs), self._block):
                raise_if_stopped(stop)
                _, a = forward(
                    self._network, self._learned.layers, filled(inputs[start : start + count], size)
                )
                outputs[start : start + count] = np.asarray(a)[:count]
        return outputs

    def evaluate(self, rows: Rows, stop: StopFlag | None = None, each: EachRow | None = None) -> float:
        check_stop(stop)
        dense(rows.inputs)
        checked_inputs(rows, self._network, self._dtype)
        total = 0.0
        with precision():
            placed = self._on_device(rows)
            for start, count, size in blocks(len(rows), self._block):
                raise_if_stopped(stop)
                inputs, targets = (block(array, start, size) for array in placed[:2])
                z, a = forward(self._network, self._learned.layers, inputs)
                part = slice(start, start + count)
                losses = np.asarray(self._programs.row_losses(z, a, targets))[:count]
                total += float(losses.sum() if rows.weights is None else losses @ rows.weights[part])
                if each is not None:
                    each.outputs[part], each.losses[part] = np.asarray(a)[:count], losses
        return total / (rows.weight or 1.0)

    def gradients(self, rows: Rows) -> tuple[float, Array]:
        dense(rows.inputs)
        checked_inputs(rows, self._network, self._dtype)
        weight = np.float64(total_weight(len(rows), rows.weights))
        loss = 0.0
        with precision():
            layers = self._learned.layers
            gradient = jax.tree.map(jnp.zeros_like, layers)
            for start, count, size in blocks(len(rows), self._block):
                piece = rows.take(slice(start, start + count))
                weights = None if piece.weights is None else filled(piece.weights, size)
                arrays = filled(piece.inputs, size), filled(piece.targets, size), weights
                batch = Batch(*arrays, np.arange(size) < count, start, weight)
                own, slope = self._programs.part(self._learned, batch, self._seed, drop=False)
                loss += float(own)
                gradient = jax.tree.map(jnp.add, gradient, slope)
            penalty, gradient = self._programs.penalize(layers, gradient, weight)
            return loss + float(penalty), self._flat(gradient)

    # -- the state

    def parameters(self) -> Array:
        return self._flat(self._learned.layers)

    def snapshot(self) -> Snapshot:
        learned = self._learned
        return Snapshot(
            self._flat(learned.layers), State(self._step, tuple(map(self._flat, learned.moments)))
        )

    def restore(self, snapshot: Snapshot) -> None:
        vector, state = checked_snapshot(snapshot, self._size, self._moment_count, self._dtype)
        with precision():
            self._set(vector, state)

    def _set(self, vector: Array, state: State) -> None:
        own, *moments = (on_device(Parameters(self._network, one)) for one in (vector, *state.moments))
        self._learned, self._step = Learned(own, tuple(moments), state.step), state.step

    def _flat(self, layers: Layers) -> Array:
        vector = np.empty(self._size, self._dtype)
        for (weights, biases), own in zip(layers, Parameters(self._network, vector), strict=True):
            own.weights[...], own.biases[...] = weights, biases
        return vector
