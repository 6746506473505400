"""The record of a training: its curves, and why it ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.text import Block, Heading, Paragraph, Printable, Table, number, plain
from glassnet.training.snapshots import Snapshots

EPOCHS_SHOWN = 8
CURVES = ("loss", "validation_loss", "penalty", "rate", "validation_score")
Curve = npt.NDArray[np.float64]


def _empty() -> Curve:
    return np.empty(0)


@dataclass(frozen=True, eq=False)
class History(Printable):
    """The record of a training. Every curve has one entry per epoch; epochs count from 1.

    Args:
        loss: the mean loss over the training rows, of each batch before its step, without penalties, so that it can be
            compared with the validation loss.
        validation_loss: the loss over the validation rows after the epoch; empty without such rows.
        penalty: what the penalties l1 and l2 add to the loss, before each step; training minimizes their sum.
        rate: the learning rate of the epoch's last step.
        validation_score: the metric of early stopping after the epoch; empty if that is the validation loss.
        metric: its name; empty for the validation loss.
        best_epoch: the epoch whose parameters are kept: the best on the validation rows, or the last.
        stop_reason: the reason for the end of training, as text; empty while it goes on.
        ended_by: what ended it: ``"epochs"``, ``"patience"`` or ``"max_time"``, the settings of these names;
            ``"stop"``, a stop token or Ctrl-C; or ``"divergence"``.
        seconds: the duration.
        snapshots: the parameters of some epochs, if the setting of that name is above 0.
    """

    loss: Curve = field(default_factory=_empty)
    validation_loss: Curve = field(default_factory=_empty)
    penalty: Curve = field(default_factory=_empty)
    rate: Curve = field(default_factory=_empty)
    validation_score: Curve = field(default_factory=_empty)
    metric: str = ""
    best_epoch: int = 0
    stop_reason: str = ""
    ended_by: str = ""
    seconds: float = 0.0
    snapshots: Snapshots | None = None

    @property
    def epochs(self) -> int:
        """The number of epochs done."""
        return len(self.loss)

    @property
    def curves(self) -> dict[str, Any]:
        """The curves by name, as a DataFrame takes them."""
        curves: dict[str, Any] = {"epoch": np.arange(1, self.epochs + 1), "loss": self.loss}
        if len(self.validation_loss):
            curves["validation_loss"] = self.validation_loss
        if len(self.validation_score):
            curves[f"validation_{self.metric}"] = self.validation_score
        if self.penalty.any():
            curves["penalty"] = self.penalty
        curves["rate"] = self.rate
        return curves

    def to_dict(self) -> dict[str, Any]:
        """All of it but the snapshots, as JSON can hold it."""
        names = ("best_epoch", "metric", "stop_reason", "ended_by", "seconds")
        return {"curves": plain(self.curves), **{name: getattr(self, name) for name in names}}

    def blocks(self) -> list[Block]:
        """A few epochs, closer together at the start, where most happens; the kept one among them."""
        last = self.epochs
        shown = {1, self.best_epoch, last} | {
            round(last ** (place / (EPOCHS_SHOWN - 1))) for place in range(EPOCHS_SHOWN)
        }
        curves = {name: own for name, own in self.curves.items() if len(own) == last and name != "epoch"}
        rows = [
            (
                str(epoch),
                *(number(own[epoch - 1]) for own in curves.values()),
                "kept" if epoch == self.best_epoch else "",
            )
            for epoch in sorted(shown & set(range(1, last + 1)))
        ]
        head = ("epoch", *(name.replace("_", " ") for name in curves), "")
        table = Table(head, rows, ">" * (len(curves) + 1) + "<")
        return [Heading("History", 3), table, Paragraph(f"stopped: {self.stop_reason}", 2)]

    def __repr__(self) -> str:
        if not self.epochs:
            return "History(no epochs)"
        best = self.best_epoch - 1
        loss = f"loss {self.loss[best]:.4g}"
        if len(self.validation_loss):
            loss += f", validation {self.validation_loss[best]:.4g}"
        if len(self.validation_score):
            loss += f", {self.metric} {self.validation_score[best]:.4g}"
        return f"History({self.epochs} epochs, best {self.best_epoch}: {loss}; {self.stop_reason})"


class GrowingCurve:
    """A curve that is appended to; :attr:`values` is a read-only view of its entries so far, which do not change."""

    def __init__(self) -> None:
        self._buffer = np.empty(64)
        self.values = self._buffer[:0]

    def extend(self, values: Curve | Sequence[float]) -> None:
        start, end = len(self.values), len(self.values) + len(values)
        if end > len(self._buffer):
            grown = np.empty(max(end, 2 * len(self._buffer)))
            grown[:start] = self.values
            self._buffer = grown
        self._buffer[start:end] = values
        self.values = self._buffer[:end]
        self.values.setflags(write=False)


class Recorder:
    """What the loop writes while it trains; :meth:`history` is the record so far, which does not change later."""

    def __init__(self, metric: str = "", snapshots: int = 0) -> None:
        self.metric = metric
        self.loss, self.penalty, self.rate = GrowingCurve(), GrowingCurve(), GrowingCurve()
        self.validation_loss, self.validation_score = GrowingCurve(), GrowingCurve()
        self.best_epoch = 0
        self.stop_reason = self.ended_by = ""
        self.seconds = 0.0
        self.snapshots = Snapshots(snapshots) if snapshots else None

    @property
    def epochs(self) -> int:
        return len(self.loss.values)

    def is_best(self, better: Callable[[float, float], bool]) -> bool:
        """Whether the last epoch is better than the best before it.

        Args:
            better: whether a score, or a loss if there is no metric, is better than another.
        """
        scores = self.validation_score.values
        curve = scores if len(scores) else self.validation_loss.values
        if not np.isfinite(curve[-1]):
            return False
        return not self.best_epoch or better(float(curve[-1]), float(curve[self.best_epoch - 1]))

    def restore(self, history: History) -> None:
        """Go on from what another recorder has recorded."""
        for name in CURVES:
            getattr(self, name).extend(getattr(history, name))
        self.best_epoch, self.seconds = history.best_epoch, history.seconds
        self.ended_by, self.stop_reason = history.ended_by, history.stop_reason
        self.snapshots = history.snapshots and history.snapshots.copy()

    def end(self, ended_by: str, reason: str) -> None:
        """Training ends here; see :class:`History`."""
        self.ended_by, self.stop_reason = ended_by, reason

    def history(self) -> History:
        return History(
            loss=self.loss.values,
            validation_loss=self.validation_loss.values,
            penalty=self.penalty.values,
            rate=self.rate.values,
            validation_score=self.validation_score.values,
            metric=self.metric,
            best_epoch=self.best_epoch,
            stop_reason=self.stop_reason,
            ended_by=self.ended_by,
            seconds=self.seconds,
            snapshots=self.snapshots and self.snapshots.copy(),
        )
