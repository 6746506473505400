"""The option ``missing``: words that the caller says stand for a missing value."""

from __future__ import annotations

from collections.abc import Sequence

from glassnet.errors import Faults, TableError, called, with_nearest
from glassnet.tables._arrow import pa, pc
from glassnet.tables.missing_tokens import MISSING
from glassnet.tables.read.options import ReadOptions


class MissingWords:
    """The words of one column.

    Attributes:
        words: those given.
        kept: words that usually stand for a missing value, and do not here.
    """

    def __init__(self, options: ReadOptions, name: str) -> None:
        own = options.missing.get(name) if isinstance(options.missing, dict) else None
        self.words: tuple[str, ...] = own or (() if isinstance(options.missing, dict) else options.missing)
        self.kept = frozenset() if own is None else frozenset(MISSING) - {"", *own}

    @property
    def numbers(self) -> list[float]:
        """The numbers among the words."""
        return [float(word) for word in self.words if _is_number(word)]

    def out_of_text(self, text: pa.Array) -> pa.Array:
        """Dictionary-encoded text with nothing in place of the words."""
        if not self.words:
            return text
        found = pc.is_in(
            pc.utf8_trim_whitespace(text.dictionary), value_set=pa.array(self.words, pa.string())
        )
        return pa.DictionaryArray.from_arrays(text.indices, pc.if_else(found, "", text.dictionary))

    def out_of_values(self, values: pa.Array) -> pa.Array:
        """Numbers with nulls in place of those that the words name; other values as they are."""
        own, types = values.type, pa.types
        numbers = self.numbers
        if not numbers or not (types.is_integer(own) or types.is_floating(own)):
            return values
        found = pc.is_in(values.cast(pa.float64(), safe=False), value_set=pa.array(numbers, pa.float64()))
        return pc.if_else(found, pa.scalar(None, own), values)


def _is_number(word: str) -> bool:
    try:
        return float(word) == float(word)
    except ValueError:
        return False


def check_columns(options: ReadOptions, names: Sequence[str]) -> None:
    """Refuse words for columns that are not there.

    Raises:
        TableError: the message names them.
    """
    if isinstance(options.missing, dict):
        faults, known = Faults(TableError), set(names)
        for name, hint in with_nearest((name for name in options.missing if name not in known), names):
            faults.add(f"{called('missing')} names the column {name!r}, which is not in the table.{hint}")
        faults.raise_if_any()
