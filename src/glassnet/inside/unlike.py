"""Rows that are unlike the training rows, each with the reasons: predictions for them are extrapolations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from glassnet.errors import plural
from glassnet.inside.frames import to_frame
from glassnet.inside.grids import input_range
from glassnet.net.arrays import Array
from glassnet.tables import Column
from glassnet.tables.column_values import ColumnValues
from glassnet.tables.encode.column_encoder import ColumnEncoder
from glassnet.tables.schema import DATETIME
from glassnet.tables.value_text import shortened
from glassnet.text import Block, Heading, Paragraph, Printable, Table

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel
    from glassnet.training.encoded_rows import EncodedTable
    from glassnet.training.training_stats import RowStats

SHOWN = 20  # rows that are printed
AT_ONCE = 65536  # rows whose distances are computed at a time

Flags = npt.NDArray[np.bool_]


class Reason(NamedTuple):
    """Why a row is unlike the training rows.

    Attributes:
        kind: what is unusual, and the column, if it is a single one: what reasons with other values have in common.
        text: the reason in words.
    """

    kind: tuple[str, ...]
    text: str


@dataclass(frozen=True, eq=False, repr=False)
class Unlike(Printable):
    """Which rows are unlike the training rows.

    Attributes:
        reasons: for each of the N rows, why it is; empty for a row that is like the training rows.
        distances: (N,), how far each row is from the mean of the training rows, given the correlations of the inputs
            (Mahalanobis distance); NaN where the model has no measure of it.
        limit: 99 % of the training rows are not as far; NaN where there is no measure.
    """

    reasons: tuple[tuple[str, ...], ...]
    distances: npt.NDArray[np.float64]
    limit: float

    def __len__(self) -> int:
        return len(self.reasons)

    @property
    def flags(self) -> Flags:
        """(N,), true for a row that is unlike the training rows."""
        return np.array([bool(own) for own in self.reasons], np.bool_)

    @property
    def texts(self) -> list[str]:
        """The reasons of each row as one text, which is empty for a row that is like the training rows."""
        return ["; ".join(own) for own in self.reasons]

    def to_frame(self) -> Any:
        """A DataFrame with a row for each row: its number, whether it is unlike the training rows, and why."""
        rows = np.arange(len(self))
        columns = {"row": rows, "unlike": self.flags, "reasons": self.texts, "distance": self.distances}
        return to_frame(columns)

    def blocks(self) -> list[Block]:
        """The first 20 rows that are unlike the training rows, with their reasons."""
        rows = np.flatnonzero(self.flags).tolist()
        title = f"{len(rows):,} of {plural(len(self), 'row')} unlike the training rows"
        shown = [(f"row {row}", text) for row in rows[:SHOWN] for text in self.reasons[row]]
        more = [Paragraph(f"… and {len(rows) - SHOWN:,} more rows")] if len(rows) > SHOWN else []
        note = "Rows count from 0. 99 % of the training rows are within the limit of distances."
        table = [Table((), shown, "<<")] if shown else []
        return [Heading(title, 2), *table, *more, Paragraph(note)]


def unlike(model: TrainedModel, rows: Any) -> Unlike:
    """See :meth:`glassnet.Model.unlike`."""
    reasons, distances, limit = reasons_of(model, model.encode(rows))
    return Unlike(tuple(tuple(reason.text for reason in own) for own in reasons), distances, limit)


def reasons_of(
    model: TrainedModel, encoded: EncodedTable
) -> tuple[list[list[Reason]], npt.NDArray[np.float64], float]:
    """What :class:`Unlike` has: the reasons of each row, the distances and their limit."""
    found: list[list[Reason]] = [[] for _ in range(len(encoded))]
    for name, own in model.encoder.slices.items():
        values, encoder = encoded.table.column(name), model.encoder[name]
        for row, reason in _of_column(model, encoder, values, encoded.inputs[:, own]):
            found[row].append(reason)
    stats = None if model.stats is None else model.stats.rows
    if stats is None or not stats.distances.known:
        unknown = np.full(len(found), np.nan)
        return found, unknown, float("nan")
    starts = range(0, len(found), AT_ONCE)
    each = [_combinations(model, stats, encoded.inputs[start : start + AT_ONCE]) for start in starts]
    distances = np.concatenate([np.zeros(0), *(own for own, _ in each)])
    for start, (_, texts) in zip(starts, each, strict=True):
        for row, text in texts.items():
            if not found[start + row]:  # a value that is unusual by itself makes the distance large
                found[start + row].append(Reason(("combination",), text))
    return found, distances, stats.distances.limit


def _of_column(
    model: TrainedModel, encoder: ColumnEncoder, values: ColumnValues, inputs: Array
) -> Iterator[tuple[int, Reason]]:
    """Rows whose value of a column is none that training had, with the reason."""
    described, name = model.schema[encoder.column], shortened(encoder.column)
    positions = encoder.positions(values) if encoder.continuous else None
    missing = values.is_missing if positions is None else np.isnan(positions)
    if missing.any() and not encoder.missing_flag and encoder.missing_note(values):
        for row in np.flatnonzero(missing).tolist():
            text = f"{name} is missing, which it was in no training row"
            yield row, Reason(("missing", encoder.column), text)
    if positions is not None:
        ends = known_range(described)
        if ends is None:
            return
        shown = described.examples if described.type == DATETIME else [f"{end:.6g}" for end in ends]
        for far, side in ((positions < ends[0], "below"), (positions > ends[1], "above")):
            rows = np.flatnonzero(far)
            for row, value in zip(rows.tolist(), values.take(rows).to_list(), strict=True):
                own = f"{value:.6g}" if isinstance(value, float) else str(value)
                text = f"{name} is {own}, {side} all training rows ({shown[0]} to {shown[-1]})"
                yield row, Reason((side, encoder.column), text)
        return
    strange = encoder.unusual(inputs, described, input_range(model, encoder.column), missing)
    rows = np.flatnonzero(strange & ~missing)
    for row, value in zip(rows.tolist(), values.take(rows).to_list(), strict=True):
        text = f"{name} is {shortened(str(value))!r}, which training did not have"
        yield row, Reason(("level", encoder.column), text)


def known_range(described: Column) -> tuple[float, float] | None:
    """The lowest and the highest value of a continuous column in the table that was trained on, if they are known.

    Those of a date are in seconds since 1970.
    """
    if described.minimum is not None and described.maximum is not None:
        return described.minimum, described.maximum
    if described.type != DATETIME or not described.examples:
        return None
    try:
        first, last = (_seconds(described.examples[at]) for at in (0, -1))
    except ValueError:  # a stranger may have written them
        return None
    return first - 1, last + 1  # they are written without fractions


def _seconds(text: str) -> float:
    """Of a date, or of a time of day."""
    return float(np.datetime64(text if "-" in text else f"1970-01-01 {text}", "s").astype(np.int64))


def _combinations(
    model: TrainedModel, stats: RowStats, inputs: Array
) -> tuple[npt.NDArray[np.float64], dict[int, str]]:
    """The distances of rows, and the reasons why those beyond the limit are unusual, by their places."""
    plain, measure = model.encoder.plain, stats.distances
    standardized = stats.standardized(inputs.astype(np.float64))[:, plain]
    distances = measure.to(standardized)
    far = np.flatnonzero(distances > measure.limit)
    owners = np.repeat(
        np.arange(len(model.encoder.encoders)),
        [own.stop - own.start for own in model.encoder.slices.values()],
    )[plain]
    names, found = [encoder.column for encoder in model.encoder.encoders], {}
    for row, shares in zip(far.tolist(), measure.shares(standardized[far]), strict=True):
        each = np.bincount(owners, shares, len(names))
        first = [shortened(names[at]) for at in np.argsort(-each, kind="stable")[:2].tolist() if each[at] > 0]
        found[row] = (
            f"unusual combination, mostly of {' and '.join(first)}: distance {distances[row]:.3g}, "
            f"limit {measure.limit:.3g}"
        )
    return distances, found
