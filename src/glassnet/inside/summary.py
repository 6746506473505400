"""The ledger: what training made of every layer's weights and biases, initial against learnt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, overload

import numpy as np

from glassnet.inside.frames import to_frame
from glassnet.net import Parameters
from glassnet.net.arrays import Array


@dataclass(frozen=True)
class LedgerRow:
    """One layer's weights, or its biases. ``norm`` is Euclidean; ``largest_change`` that of one number."""

    layer: int
    what: str
    count: int
    initial_sum: float
    learnt_sum: float
    initial_mean: float
    learnt_mean: float
    initial_norm: float
    learnt_norm: float
    largest_change: float


class Ledger(Sequence[LedgerRow]):
    """Two rows a layer, weights and biases; layers count from 1."""

    def __init__(self, initial: Parameters, learnt: Parameters) -> None:
        self._rows = [
            _row(number, what, before, after)
            for number, (old, new) in enumerate(zip(initial, learnt, strict=True), start=1)
            for what, before, after in (
                ("weights", old.weights, new.weights),
                ("biases", old.biases, new.biases),
            )
        ]

    @overload
    def __getitem__(self, index: int) -> LedgerRow: ...
    @overload
    def __getitem__(self, index: slice) -> list[LedgerRow]: ...
    def __getitem__(self, index: int | slice) -> LedgerRow | list[LedgerRow]:
        return self._rows[index]

    def __len__(self) -> int:
        return len(self._rows)

    def to_dict(self) -> dict[str, list[Any]]:
        """One list a column, ready for a DataFrame."""
        rows = [asdict(row) for row in self._rows]
        return {name: [row[name] for row in rows] for name in rows[0]}

    def to_frame(self) -> Any:
        """A DataFrame with two rows a layer, weights and biases."""
        return to_frame(self.to_dict())

    def to_text(self) -> str:
        """The ledger as an aligned table of text."""
        head = (
            "layer",
            "",
            "count",
            "sum: initial",
            "learnt",
            "mean: initial",
            "learnt",
            "norm: initial",
            "learnt",
            "largest change",
        )
        body = [_cells(row) for row in self._rows]
        widths = [max(map(len, column)) for column in zip(head, *body, strict=True)]
        return "\n".join(
            "  ".join(
                cell.ljust(width) if column == 1 else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in (head, *body)
        )

    def __repr__(self) -> str:
        return self.to_text()


def _row(layer: int, what: str, before: Array, after: Array) -> LedgerRow:
    old, new = before.astype(np.float64), after.astype(np.float64)
    return LedgerRow(
        layer,
        what,
        old.size,
        float(old.sum()),
        float(new.sum()),
        float(old.mean()),
        float(new.mean()),
        float(np.linalg.norm(old)),
        float(np.linalg.norm(new)),
        float(np.abs(new - old).max()),
    )


def _cells(row: LedgerRow) -> tuple[str, ...]:
    layer = str(row.layer) if row.what == "weights" else ""
    numbers = list(asdict(row).values())[3:]
    return (layer, row.what, str(row.count), *(f"{number:.4f}" for number in numbers))
