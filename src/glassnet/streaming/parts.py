"""Which part each row of a table belongs to, by a hash of its number or of its group."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import SettingsError, called
from glassnet.streaming.row_hash import Hashes, hashes, shares
from glassnet.tables.notes import Note
from glassnet.tables.table import Table
from glassnet.training.row_split import check_groups
from glassnet.training.settings import Settings

TRAIN, VALIDATION, HOLDOUT = range(3)
Parts = NDArray[np.int8]


class Division:
    """How rows are divided: the part of a row does not depend on other rows.

    Args:
        settings: the shares of the parts, and the column of groups, whose rows are in the same part.
        key: of the hashes.

    Raises:
        SettingsError: settings for which all rows would have to be in memory.
    """

    def __init__(self, settings: Settings, key: np.uint64) -> None:
        refuse_arrays(settings)
        self._groups, self._key = settings.groups, key
        self.holdout, self.validation = settings.holdout, settings.validation

    @property
    def described(self) -> list[Any]:
        """All that the parts follow from, as JSON can hold it."""
        return [str(self._groups), int(self._key), self.holdout, self.validation]

    def limit(self, rows: int, most: int) -> list[Note]:
        """Lower the share of validation rows so that there are about ``most`` of ``rows``, and say so in a note."""
        wanted = self.validation * rows
        if wanted <= most:
            return []
        self.validation = most / rows
        text = (
            f"There are about {most:,} validation rows instead of {wanted:,.0f}, so that they fit into memory; the "
            "others are trained on."
        )
        return [Note("fewer_validation_rows", text, "validation", float(f"{self.validation:.3g}"))]

    def of(self, numbers: NDArray[np.int64], table: Table) -> Parts:
        """The part of each row of ``table`` (N,), whose numbers are given."""
        found = shares(hashes(numbers, self._key) if self._groups is None else self._of_groups(table))
        parts: Parts = np.full(len(found), TRAIN, np.int8)
        parts[found < self.holdout + self.validation] = VALIDATION
        parts[found < self.holdout] = HOLDOUT
        return parts

    def _of_groups(self, table: Table) -> Hashes:
        words = check_groups(table, self._groups, np.arange(table.num_rows)).words
        each = [hashlib.blake2b(text.encode(), digest_size=8).digest() for text in words.texts]
        return hashes(np.frombuffer(b"".join(each), "<u8")[words.codes], self._key)


def refuse_arrays(settings: Settings) -> None:
    """Refuse settings that have a value for each row, or that need the rows in an order.

    Raises:
        SettingsError: there are some.
    """
    for name in ("sample_weight", "groups"):
        given = getattr(settings, name)
        if given is not None and not isinstance(given, str):
            raise SettingsError(
                f"{called(name)} has values, but the rows of this table do not fit into memory; name a column of it."
            )
    if settings.batch_size is None:
        raise SettingsError(
            f"{called('batch_size', None)} needs all rows in memory, but those of this table do not fit; set a number "
            "of rows."
        )
    if settings.time is not None:
        raise SettingsError(
            f"{called('time')} needs all rows in memory, but those of this table do not fit; write the later rows to a "
            f"table of their own and pass it as {called('validation')}."
        )
