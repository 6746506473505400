"""What the computations of the JAX engine are made of."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax

DEVICES = "devices"  # the name of the axis of a mesh

Layers = tuple[tuple[jax.Array, jax.Array], ...]  # of each layer the weights (I, O) and the biases (O,)


class Learned(NamedTuple):
    """What a step changes: the parameters, the optimizer's moments, and the number of steps made."""

    layers: Layers
    moments: tuple[Layers, ...]
    step: Any


class Batch(NamedTuple):
    """Rows, of which some only fill up the arrays.

    Attributes:
        inputs, targets: (R, I) and (R, O).
        weights: (R,) or None.
        used: (R,), whether a row counts.
        first: the number of the first row in its batch.
        weight: the total weight of the whole batch, by which means are divided.
    """

    inputs: jax.Array
    targets: jax.Array
    weights: jax.Array | None
    used: jax.Array
    first: Any
    weight: jax.Array


class DeviceRows(NamedTuple):
    """Rows on the device: ``inputs`` (N, I), ``targets`` (N, O), ``weights`` (N,) or None."""

    inputs: jax.Array
    targets: jax.Array
    weights: jax.Array | None


class Spread(NamedTuple):
    """The devices that make each step together, and how many rows each of them computes at once."""

    mesh: jax.sharding.Mesh
    block: int

    @property
    def devices(self) -> int:
        """The number of devices."""
        return int(self.mesh.devices.size)

    def width(self, rows: int) -> int:
        """The least number of places in a batch for so many rows: of each device a whole number of equal parts."""
        own = -(-rows // self.devices)
        parts = self.parts(own)
        return -(-own // parts) * parts * self.devices

    def parts(self, rows: int) -> int:
        """The number of parts in which a device computes its rows of a batch."""
        return -(-rows // self.block)


class Totals(NamedTuple):
    """Of each step the objective, its penalty and the total weight of the batch; each (K,) in float64."""

    objective: jax.Array
    penalty: jax.Array
    weight: jax.Array
