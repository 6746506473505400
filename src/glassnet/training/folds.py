"""The folds of a model of several networks: each network has one for validation, and is trained on the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from glassnet.engines import Rows
from glassnet.net.arrays import Array
from glassnet.tables import Split, Table, fold_groups, fold_rows
from glassnet.tables.seeds import Randomness, generator
from glassnet.training.encoded_rows import LabeledRows
from glassnet.training.evaluated import mean_outputs
from glassnet.training.row_split import group_codes, split_table
from glassnet.training.settings import Settings

Numbers = npt.NDArray[np.int64]


def fold_count(settings: Settings) -> int:
    """The number of folds; 0 if all members of the model have the same training rows.

    Members have the same rows if these are divided by time, if there are no validation rows, and if those come from a
    table of their own.
    """
    if settings.members == 1 or not settings.validation or settings.time is not None:
        return 0
    return max(2, round(1 / settings.validation))


@dataclass(frozen=True, eq=False)
class Folds:
    """Rows in the order of their folds, which begin at ``starts`` (F,).

    After the last fold, some of the first stand once more: so the rows of all folds but one are a slice of ``ring``,
    and no network needs a copy of its training rows.
    """

    ring: Rows
    starts: Numbers
    count: int

    @classmethod
    def of(cls, rows: Rows, starts: Numbers, members: int) -> Folds:
        """``rows`` (N), in the order of their folds; ``members`` is the number of networks."""
        most = min(
            members - 1, len(starts) - 2
        )  # the training rows of the last fold begin with the first row
        again = np.arange(len(rows) + int(starts[most])) % len(rows)
        return cls(rows.take(again), starts, len(rows))

    def __len__(self) -> int:
        return len(self.starts)

    def of_member(self, number: int) -> int:
        """The fold on which that network is validated."""
        return number % len(self)

    def judged(self, members: int) -> int:
        """The number of rows, the first of all, that are validation rows of one of so many networks."""
        return self.part(min(members, len(self)) - 1).stop

    def part(self, fold: int) -> slice:
        """Where the rows of the fold stand among all rows."""
        ends = [*self.starts.tolist(), self.count]
        return slice(ends[fold], ends[fold + 1])

    def rows(self) -> Rows:
        """All rows."""
        return self.ring.take(slice(0, self.count))

    def train(self, fold: int) -> Rows:
        """The rows of all other folds."""
        part = self.part(fold)
        start = part.stop % self.count
        return self.ring.take(slice(start, start + self.count - (part.stop - part.start)))


def split_or_folds(
    table: Table,
    rows: Numbers,
    settings: Settings,
    types: Mapping[str, str],
    rng: Randomness,
    classes: Numbers | None,
) -> tuple[Split, Numbers | None]:
    """As :func:`split_table`; or training rows in the order of their folds, and where each fold begins (F,).

    With folds there are no other validation rows.
    """
    count = fold_count(settings)
    if not count:
        return split_table(table, rows, settings, types, rng, classes), None
    rng = generator(rng)
    split = split_table(table, rows, settings.with_checked(validation=0.0), types, rng, classes)
    own = None if classes is None else classes[split.train]
    groups = group_codes(table, rows[split.train], settings)
    found = (
        fold_rows(len(split.train), count, rng, own)
        if groups is None
        else fold_groups(groups, count, rng, own)
    )
    sizes = np.bincount(found, minlength=count)
    order = np.argsort(found, kind="stable")
    return split._replace(train=split.train[order]), np.cumsum(sizes) - sizes


def out_of_fold(
    folds: Folds, labeled: LabeledRows, outputs: Mapping[int, Array]
) -> tuple[LabeledRows, Array]:
    """Rows without their inputs, and the mean outputs (R, O) for them of the networks that were not trained on them.

    The rows are in the order of the table.

    Args:
        labeled: all training rows, in the order of the folds.
        outputs: of networks, by their numbers, for the rows of their fold.
    """
    found, places = [], []
    for fold in range(len(folds)):
        own = [each for number, each in outputs.items() if folds.of_member(number) == fold]
        if own:
            part = folds.part(fold)
            found.append(mean_outputs(own))
            places.append(np.arange(part.start, part.stop))
    at = np.concatenate(places)
    order = np.argsort(labeled.numbers[at], kind="stable")
    return labeled.without_inputs().take(at[order]), np.concatenate(found)[order]
