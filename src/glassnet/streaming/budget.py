"""How much memory the rows of a training may take, and whether a table fits into it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from typing import Any

from glassnet.errors import SettingsError, called
from glassnet.memory import as_text, memory
from glassnet.tables.notes import Note
from glassnet.tables.read.blocks import TableBlocks
from glassnet.tables.read.options import bytes_of
from glassnet.tables.schema import LEVELS
from glassnet.training.recipes import Facts, choices_of
from glassnet.training.settings import Settings

COPIES = 3  # of a table that reading and splitting take, at most at a time
PACKED = 100  # times the size of its files that a table takes at most, with all its inputs
LEAST = 2**24  # bytes


@dataclass(frozen=True)
class Budget:
    """Bytes for rows: an eighth each for a bucket, for the one that is read ahead, for the sample and for validation
    rows, a quarter for rows that are to be written."""

    size: int

    @classmethod
    def of(cls, given: Any) -> Budget:
        """From the setting ``memory``; half of what the process may use if it is ``None``.

        Raises:
            SettingsError: too small a size.
        """
        if given is None:
            return cls(memory() // 2)
        size = bytes_of(given)
        if size < LEAST:
            raise SettingsError(
                f"{called('memory')} is {given!r:.80}, but must be at least {as_text(LEAST)}: give more."
            )
        return cls(size)

    @property
    def part(self) -> int:
        """An eighth."""
        return self.size // 8


def needed(blocks: TableBlocks, settings: Settings) -> int:
    """About how many bytes training in memory takes for the rows of a table; from its first block."""
    raw = next(blocks.raw(), None)
    if raw is None or not raw.num_rows:
        return 0
    typed = blocks.typed(raw)
    bins = settings.bins
    if "bins" in settings.left_open:
        choice = choices_of(settings.recipe, Facts("multiclass", 10**6)).get("bins")
        bins = choice.value if choice else bins
    inputs = 0
    for name in typed.column_names:
        column = typed.column(name)
        inputs += min(len(column.words.texts), LEVELS) if column.is_text else 1 + bins
    row = COPIES * raw.nbytes / raw.num_rows + inputs * (8 if settings.dtype == "float64" else 4)
    rows = blocks.rows
    if rows is None:  # of a text: its size over that of the rows of its first block
        rows = int(blocks.size / max(raw.nbytes / raw.num_rows / 2, 1))
    return int(rows * row)


def too_large(source: Any, settings: Settings) -> tuple[TableBlocks, Note] | None:
    """The blocks of a table that does not fit into the memory of ``settings``, and a note on that.

    ``None`` if it does, or if it cannot be read in blocks.

    Raises:
        SettingsError: the setting ``memory`` is too small, or has no effect.
    """
    budget = Budget.of(settings.memory)
    blocks = TableBlocks.of(source) or _of_memory(source, settings, budget)
    if blocks is None and settings.memory is not None:
        raise SettingsError(
            f"{called('memory', settings.memory)} is for tables that can be read in blocks, again and again: Parquet, "
            f"Arrow and text files, DataFrames; this is none of them. Leave {called('memory')} out."
        )
    if blocks is None or 0 < blocks.size * PACKED < budget.size:
        return None
    size = needed(blocks, settings)
    if size <= budget.size:
        return None
    folder = settings.cache or tempfile.gettempdir()
    text = (
        f"The rows of {blocks.name!r} need about {as_text(size)} of memory, and {as_text(budget.size)} are for them: "
        f"they are read in blocks, and encoded rows are written to a cache in {folder!r}."
    )
    return blocks, Note("rows_beyond_memory", text, "memory", as_setting(2 * size))


def _of_memory(source: Any, settings: Settings, budget: Budget) -> TableBlocks | None:
    """The blocks of a table in memory, if training may make more of it than the memory has room for."""
    if settings.memory is not None and isinstance(source, tuple):
        raise SettingsError(
            f"{called('memory', settings.memory)} is for tables, but (X, y) are arrays; pass a table with its target."
        )
    rows, columns = getattr(source, "shape", None) or (
        getattr(source, "num_rows", 0),
        len(getattr(source, "column_names", ())),
    )
    if settings.memory is None and rows * columns * PACKED < budget.size:
        return None
    return TableBlocks.of_memory(source)


def as_setting(size: int) -> str:
    """A size as the setting ``memory`` takes it."""
    return f"{-(-size // 2**30)} GB"
