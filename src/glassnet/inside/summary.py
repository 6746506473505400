"""The summary of a model: its layers, and their parameters before and after training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.caching import cached_property
from glassnet.inside.frames import to_frame
from glassnet.inside.parameter_changes import (
    ParameterChange,
    change_columns,
    change_table,
    combined,
    parameter_changes,
)
from glassnet.net import Network, Parameters
from glassnet.net.arrays import Array
from glassnet.text import Block, Heading, Printable, Table, plain


def _deviation(values: Array) -> float:
    return float(np.std(values, ddof=1))


@dataclass(frozen=True, eq=False, repr=False)
class Summary(Printable):
    """The layers of a network with their shapes, activations and parameters, and initial against learnt.

    ``changes`` has two entries for each layer, the weights and the biases: their sum, mean and norm before and after
    training, and the largest change of a single number. Of several networks of the same layers, whose ``initial`` and
    ``learnt`` parameters are in that order, these are means; ``deviations`` are the standard deviations over them.
    Where the initial parameters are not known, ``initial`` is empty, and nothing is said of changes.
    """

    network: Network
    initial: Sequence[Parameters]
    learnt: Sequence[Parameters]

    @cached_property
    def changes(self) -> tuple[ParameterChange, ...]:
        return self._each[0] if len(self._each) == 1 else combined(self._each, np.mean)

    @cached_property
    def deviations(self) -> tuple[ParameterChange, ...]:
        """As :attr:`changes`; empty for a single network."""
        return () if len(self._each) == 1 else combined(self._each, _deviation)

    @cached_property
    def _each(self) -> list[tuple[ParameterChange, ...]]:
        return [parameter_changes(*own) for own in zip(self.initial or self.learnt, self.learnt, strict=True)]

    def to_frame(self) -> Any:
        """A DataFrame with two rows for each layer, weights and biases."""
        columns = change_columns(self.changes, "initial", "learnt")
        if not self.initial:
            known = ("layer", "part", "count")
            columns = {name: own for name, own in columns.items() if name in known or name[:6] == "learnt"}
        layers = [self.network.layers[number - 1] for number in columns["layer"]]
        described = {
            "activation": [layer.activation.name for layer in layers],
            "shape": [" × ".join(map(str, each.shape)) for each in self.changes],
        }
        return to_frame({"layer": columns.pop("layer"), **described, **columns})

    def to_dict(self) -> dict[str, Any]:
        """The layers, the number of parameters, and the changes; not every single weight."""
        layers = [
            {
                "inputs": inputs,
                "neurons": outputs,
                "activation": layer.activation.name,
                "dropout": layer.dropout,
            }
            for layer, (inputs, outputs) in zip(self.network.layers, self.network.shapes, strict=True)
        ]
        found: dict[str, Any] = {"parameters": self.network.parameter_count, "layers": layers}
        if not self.initial:
            after = [{"layer": own.layer, "part": own.part, **own.after._asdict()} for own in self.changes]
            return found | {"learnt": plain(after)}
        found["changes"] = plain(self.changes)
        return found | ({"deviations": plain(self.deviations)} if self.deviations else {})

    def blocks(self) -> list[Block]:
        """The layers, and their initial and learnt parameters."""
        return [
            Heading(f"{self._several}{self.network}: {self.network.parameter_count:,} parameters"),
            self.layers_table,
            *self.changes_blocks,
        ]

    @property
    def changes_blocks(self) -> list[Block]:
        """The initial and learnt parameters, under a heading."""
        count = len(self.learnt)
        means = f": means over {count} networks, and ± their standard deviation" if count > 1 else ""
        what = "Initial and learnt weights" if self.initial else "Weights"
        return [Heading(f"{what} and biases{means}", 3), self.changes_table]

    @property
    def _several(self) -> str:
        return f"{len(self.learnt)} networks " if len(self.learnt) > 1 else ""

    @property
    def layers_table(self) -> Table:
        """A row for each layer: the shape of its weights, its activation, its number of parameters; then the total."""
        rows = []
        for number, (layer, (inputs, outputs)) in enumerate(
            zip(self.network.layers, self.network.shapes, strict=True), start=1
        ):
            drop = f"{layer.dropout:g}" if layer.dropout else ""
            count = f"{(inputs + 1) * outputs:,}"
            rows.append((str(number), str(inputs), str(outputs), layer.activation.name, drop, count))
        head = ["layer", "inputs", "neurons", "activation", "dropout", "parameters"]
        table = Table(
            head,
            [*rows, ("", "", "", "total", "", f"{self.network.parameter_count:,}")],
            ">>><>>",
            rules=(len(rows),),
        )
        return table if self.network.drops else table.columns([0, 1, 2, 3, 5])

    @property
    def changes_table(self) -> Table:
        """Sums, means and norms, initial and learnt, with the largest change of a single number."""
        before, measures = ("initial", ("largest_change",)) if self.initial else ("", ())
        return change_table(self.changes, before, "learnt", measures, self.deviations)
