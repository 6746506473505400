"""Runs of the JAX engine: the parameters and the rows stay on the device, and calls are cut short, so that they can be
stopped."""

from __future__ import annotations

import time
import weakref
from itertools import count as numbers
from typing import Any, Generic, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from glassnet.engines.checks import check_stop, checked_snapshot
from glassnet.engines.inputs import checked_inputs, checked_steps, rows_of
from glassnet.engines.jax_arrays import (
    Steps,
    block,
    blocks,
    dense,
    filled,
    forward,
    taken,
)
from glassnet.engines.jax_exchange import ExchangeTimer
from glassnet.engines.jax_learner import Learner, precision
from glassnet.engines.jax_records import Batch, DeviceRows, Learned
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

T = TypeVar("T")
SECONDS = 0.05  # of a call of the device; the stop flag is looked at in between
MOST_STEPS = 1024  # of such a call
MOST_INDICES = 2**18  # of the rows of these steps, 1 MiB


class PerRows(Generic[T]):
    """Something for each :class:`Rows`, as long as they exist."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[weakref.ref[Rows], T]] = {}

    def __getitem__(self, rows: Rows) -> T | None:
        known = self._known.get(id(rows))
        return known[1] if known is not None and known[0]() is rows else None

    def __setitem__(self, rows: Rows, value: T) -> None:
        self._known[id(rows)] = weakref.ref(rows), value

    def forgotten(self) -> list[T]:
        """What belonged to rows that no longer exist; it is forgotten here."""
        gone = [key for key, (rows, _) in self._known.items() if rows() is None]
        return [self._known.pop(key)[1] for key in gone]


class JaxRun:
    """A run whose parameters and moments are arrays on the device, a pair for each layer."""

    def __init__(self, learner: Learner, network: Network, parameters: Parameters, moments: int) -> None:
        self._learner = learner
        self._programs = learner.programs
        self._network = network
        self._dtype = parameters.dtype
        self._size = parameters.vector.size
        self._moment_count = moments
        self._block = learner.block
        self._numbers = numbers()
        self._timer = ExchangeTimer(learner)
        self._keys: PerRows[int] = PerRows()  # of the rows that are trained on
        self._evaluated: PerRows[DeviceRows] = PerRows()
        self._steps_per_call: dict[int, int] = {}  # by the size of the batch
        if learner.group is not None:
            weakref.finalize(self, learner.group.closed.append, learner.number)
        zeros = tuple(np.zeros_like(parameters.vector) for _ in range(moments))
        learner.set(Snapshot(parameters.vector, State(0, zeros)))

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
        if steps:
            key, width = self._placed(rows), self._learner.width(batch_size)
            sequence = Steps(len(rows), batch_size, rates, orders, width)
            at_once = self._learner.group is not None or batch_size <= self._block
            train = self._many_steps if at_once else self._large_steps
            made, diverged = train(rows, key, sequence, totals, stop)
        finished = made // steps if steps else count
        objective, penalty, weight = totals[:, : finished * steps].reshape(3, finished, steps)
        share = weight.sum(axis=1)
        share[share == 0] = 1.0
        losses, penalties = (objective * weight).sum(axis=1) / share, (penalty * weight).sum(axis=1) / share
        return Epochs(losses, self._learner.step + 1 if diverged else None, penalties)

    def _many_steps(
        self, rows: Rows, key: int, sequence: Steps, totals: Array, stop: StopFlag | None
    ) -> tuple[int, bool]:
        """Make the steps, many in a call of the device; returns how many were made, and whether the next diverged."""
        made, batch = 0, sequence.batch_size
        most = max(1, min(MOST_STEPS, MOST_INDICES // batch))
        compiled = False
        while made < sequence.count and not (stop is not None and stop[0]):
            if not compiled:
                self._learner.compile(key, sequence.part(0, 0), most)
                compiled = True
            at_once = self._steps_per_call.get(batch, 1)
            count = min(at_once, most, sequence.count - made)
            started = time.perf_counter()
            own, done = self._learner.make_steps(key, sequence.part(made, count), most)
            totals[:, made : made + done] = own
            made += done
            if done < count:
                return made, True
            seconds = time.perf_counter() - started
            self._timer.add(key, sequence, most, count, seconds)
            if count == at_once:
                faster = SECONDS / max(1e-9, seconds)
                self._steps_per_call[batch] = int(min(max(1.0, count * faster), most, 8 * count))
        return made, False

    def _large_steps(
        self, rows: Rows, key: int, sequence: Steps, totals: Array, stop: StopFlag | None
    ) -> tuple[int, bool]:
        """As :meth:`_many_steps`, with calls of the device for parts of the rows of a step."""
        with precision():
            return self._steps_in_parts(rows, self._learner.rows(key), sequence, totals, stop)

    def _steps_in_parts(
        self, rows: Rows, placed: DeviceRows, sequence: Steps, totals: Array, stop: StopFlag | None
    ) -> tuple[int, bool]:
        learner, programs = self._learner, self._programs
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
                own, slope = programs.part(learner.learned, batch, learner.seed, drop=True)
                loss += float(own)
                gradient = slope if gradient is None else jax.tree.map(jnp.add, gradient, slope)
            penalty, gradient = programs.penalize(learner.layers, gradient, np.float64(weight))
            objective = loss + float(penalty)
            if not np.isfinite(objective):
                return made, True
            if stop is not None and stop[0]:
                return made, False
            own_weight = len(order) if weights is None else weights.sum(dtype=np.float64)
            totals[:, made] = objective, float(penalty), own_weight
            learner.learned = programs.update(learner.learned, gradient, np.float64(rate))
            learner.step += 1
        return sequence.count, False

    # -- rows

    def _placed(self, rows: Rows) -> int:
        """The key of the rows on the devices, where they stay as long as they exist."""
        known = self._keys[rows]
        if known is not None:
            return known
        key = next(self._numbers)
        self._learner.place(key, self._keys.forgotten(), rows.inputs, rows.targets, rows.weights)
        self._keys[rows] = key
        return key

    def _on_device(self, rows: Rows) -> DeviceRows:
        """The rows on one device, for what is computed there."""
        if self._learner.group is None:
            return self._learner.rows(self._placed(rows))
        known = self._evaluated[rows]
        if known is None:
            self._evaluated.forgotten()
            known = self._evaluated[rows] = self._learner.on_one_device(
                rows.inputs, rows.targets, rows.weights
            )
        return known

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
                    self._network, self._learner.layers, filled(inputs[start : start + count], size)
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
                z, a = forward(self._network, self._learner.layers, inputs)
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
            layers = self._learner.layers
            learned = Learned(layers, (), self._learner.step)
            gradient = jax.tree.map(jnp.zeros_like, layers)
            for start, count, size in blocks(len(rows), self._block):
                piece = rows.take(slice(start, start + count))
                weights = None if piece.weights is None else filled(piece.weights, size)
                arrays = filled(piece.inputs, size), filled(piece.targets, size), weights
                batch = Batch(*arrays, np.arange(size) < count, start, weight)
                own, slope = self._programs.part(learned, batch, self._learner.seed, drop=False)
                loss += float(own)
                gradient = jax.tree.map(jnp.add, gradient, slope)
            penalty, gradient = self._programs.penalize(layers, gradient, weight)
            return loss + float(penalty), self._learner.flat(gradient)

    # -- the state

    def parameters(self) -> Array:
        return self._learner.flat(self._learner.layers)

    def snapshot(self) -> Snapshot:
        return self._learner.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        vector, state = checked_snapshot(snapshot, self._size, self._moment_count, self._dtype)
        self._learner.set(Snapshot(vector, state))
