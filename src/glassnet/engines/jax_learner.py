"""What a run of the JAX engine trains: parameters, moments and rows on one device or on several, and their steps."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from glassnet.engines.jax_arrays import Part, block_rows, blocks, filled, rounded
from glassnet.engines.jax_group import Group
from glassnet.engines.jax_programs import Programs, programs_of
from glassnet.engines.jax_records import DeviceRows, Layers, Learned, Spread, Totals
from glassnet.engines.protocol import Snapshot
from glassnet.net import Network, Objective, Optimizer, Parameters, State
from glassnet.net.arrays import Array

P = ParamSpec("P")
R = TypeVar("R")

_compiling = threading.Lock()
_compiled: weakref.WeakKeyDictionary[Programs, set[Any]] = weakref.WeakKeyDictionary()


@contextmanager
def precision() -> Iterator[None]:
    """Within, this thread's JAX has float64, and computes products of float32 numbers in float32 on every device."""
    with jax.enable_x64(True), jax.default_matmul_precision("highest"):
        yield


def open_learner(group: Group | None, *arguments: Any) -> Learner:
    """A :class:`Learner` in this process, and in those that follow it."""
    if group is None:
        return Learner(None, 0, *arguments)
    number = next(group.numbers)
    with group.doing(number, "open", arguments):
        return Learner(group, number, *arguments)


def _everywhere(
    method: Callable[Concatenate[Learner, P], R],
) -> Callable[Concatenate[Learner, P], R]:
    """A decorator: every process does the same, with the same arguments, if the learner is of several."""

    @wraps(method)
    def done(learner: Learner, /, *args: P.args, **kwargs: P.kwargs) -> R:
        group = learner.group
        telling = nullcontext() if group is None else group.doing(learner.number, method.__name__, args)
        with telling, precision():
            return method(learner, *args, **kwargs)

    return done


class Learner:
    """Parameters and moments as arrays on the device, a pair for each layer; of several devices, each has all of them.

    Args:
        group: the devices, if they are several.
        number: that of the learner in all processes.
        dropout_seed: as for :meth:`Engine.open_run`.
    """

    def __init__(
        self,
        group: Group | None,
        number: int,
        network: Network,
        objective: Objective,
        optimizer: Optimizer,
        dtype: str,
        dropout_seed: int,
    ) -> None:
        self.group, self.number = group, number
        self.block = block_rows(network)
        self._spread = None if group is None else Spread(group.mesh, self.block)
        self.programs = programs_of(network, objective, optimizer, self._spread)
        self._alone = partial(programs_of, network, objective, optimizer, self._spread, False)
        self._network, self._dtype = network, np.dtype(dtype)
        self.seed = np.uint64(dropout_seed % 2**64)
        self._rows: dict[int, DeviceRows] = {}
        self.learned: Learned
        self.step = 0

    @property
    def devices(self) -> int:
        """The number of devices that make a step."""
        return 1 if self._spread is None else self._spread.devices

    def width(self, rows: int) -> int:
        """The places in the arrays of a step with so many rows."""
        return rows if self._spread is None else self._spread.width(rows)

    # -- the state

    @_everywhere
    def set(self, snapshot: Snapshot) -> None:
        vector, state = snapshot
        own, *moments = (self._layers(one) for one in (vector, *state.moments))
        self.learned, self.step = Learned(own, tuple(moments), state.step), state.step

    def snapshot(self) -> Snapshot:
        moments = tuple(self.flat(moment) for moment in self.learned.moments)
        return Snapshot(self.flat(self.learned.layers), State(self.step, moments))

    @property
    def layers(self) -> Layers:
        """The weights and biases on the first device of this process."""
        layers = self.learned.layers
        return layers if self._spread is None else jax.tree.map(lambda own: own.addressable_data(0), layers)

    def flat(self, layers: Layers) -> Array:
        vector = np.empty(self._network.parameter_count, self._dtype)
        for (weights, biases), own in zip(layers, Parameters(self._network, vector), strict=True):
            own.weights[...], own.biases[...] = weights, biases
        return vector

    def _layers(self, vector: Array) -> Layers:
        return tuple(
            (self._placed(own), self._placed(biases)) for own, biases in Parameters(self._network, vector)
        )

    def _placed(self, array: Array) -> jax.Array:
        """A copy on each of the devices."""
        if self._spread is None:
            return jnp.array(array)
        every = jax.sharding.NamedSharding(self._spread.mesh, jax.sharding.PartitionSpec())
        return jax.make_array_from_callback(array.shape, every, lambda _: np.array(array))

    # -- rows

    @_everywhere
    def place(
        self, key: int, forgotten: list[int], inputs: Array, targets: Array, weights: Array | None
    ) -> None:
        """Put rows on the devices, and take others from there."""
        for one in forgotten:
            del self._rows[one]
        size = self._length(len(inputs))
        own = None if weights is None else self._placed(filled(weights, size))
        self._rows[key] = DeviceRows(
            self._placed(filled(inputs, size)), self._placed(filled(targets, size)), own
        )

    def _length(self, rows: int) -> int:
        """Of the arrays of so many rows."""
        return rounded(sum(size for _, _, size in blocks(rows, self.block)))

    def on_one_device(self, inputs: Array, targets: Array, weights: Array | None) -> DeviceRows:
        """Rows on the first device of this process."""
        size = self._length(len(inputs))
        with precision():
            own = None if weights is None else jnp.asarray(filled(weights, size))
            return DeviceRows(jnp.asarray(filled(inputs, size)), jnp.asarray(filled(targets, size)), own)

    def rows(self, key: int) -> DeviceRows:
        """The rows that were placed under that key."""
        return self._rows[key]

    # -- steps

    @_everywhere
    def compile(self, key: int, part: Part, most: int) -> None:
        """Compile calls of up to ``most`` steps unless another run has done so, which takes a second or more."""
        own = [filled(array, most) for array in part]
        kinds = tuple((array.shape, str(array.dtype)) for array in jax.tree.leaves((self._rows[key], own)))
        with _compiling:
            known = _compiled.setdefault(self.programs, set())
            if kinds not in known:
                self.programs.steps(self.learned, self._rows[key], *own, 0, self.seed)
                known.add(kinds)

    @_everywhere
    def make_steps(self, key: int, part: Part, most: int) -> tuple[Totals, int]:
        """Make steps with the rows of that key, in a call of up to ``most``.

        Returns:
            the totals of each; how many were made, which are fewer if the next one diverged.
        """
        own = [filled(array, most) for array in part]
        learned, totals, finite = self.programs.steps(
            self.learned, self._rows[key], *own, len(part[0]), self.seed
        )
        made = int(finite)
        self.learned, self.step = learned, self.step + made
        return Totals(*(np.asarray(array)[:made] for array in totals)), made

    @_everywhere
    def seconds_alone(self, key: int, part: Part, most: int) -> float:
        """The seconds of steps in which the devices do not exchange gradients; what they learn is not kept."""
        steps, own, seconds = self._alone().steps, [filled(array, most) for array in part], 0.0
        for count in (0, len(part[0])):  # the first call compiles
            started = time.perf_counter()
            jax.block_until_ready(steps(self.learned, self._rows[key], *own, count, self.seed))
            seconds = time.perf_counter() - started
        return seconds
