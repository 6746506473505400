"""The plain record of a training."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.training.snapshots import Snapshots

Curve = npt.NDArray[np.float64]


def _empty() -> Curve:
    return np.empty(0)


@dataclass
class History:
    """One entry an epoch in every curve; epochs count from 1.

    ``loss`` is the objective over the training rows (each batch before its step, penalties included),
    ``validation_loss`` the loss over the validation rows after the epoch (empty without such rows), and
    ``rate`` the learning rate of the epoch's last step. Where training is judged by something else than
    the validation loss, ``metric`` names it and ``validation_score`` has it after each epoch.
    ``best_epoch`` is the one whose parameters were kept: the best on validation rows, or the last.
    ``snapshots`` has the parameters of some epochs, if the setting of that name asked for them.
    """

    loss: Curve = field(default_factory=_empty)
    validation_loss: Curve = field(default_factory=_empty)
    rate: Curve = field(default_factory=_empty)
    validation_score: Curve = field(default_factory=_empty)
    metric: str = ""
    best_epoch: int = 0
    stop_reason: str = ""
    seconds: float = 0.0
    snapshots: Snapshots | None = None

    @property
    def epochs(self) -> int:
        return len(self.loss)

    def extend(
        self,
        losses: Curve,
        rates: Curve,
        validation_loss: float | None = None,
        validation_score: float | None = None,
    ) -> None:
        """Append epochs: their losses and rates, and what was measured after the last of them."""
        self.loss = np.concatenate([self.loss, losses])
        self.rate = np.concatenate([self.rate, rates])
        if validation_loss is not None:
            self.validation_loss = np.append(self.validation_loss, validation_loss)
        if validation_score is not None:
            self.validation_score = np.append(self.validation_score, validation_score)

    def to_dict(self) -> dict[str, Any]:
        """As a dictionary of curves, ready for a DataFrame."""
        curves: dict[str, Any] = {
            "epoch": np.arange(1, self.epochs + 1),
            "loss": self.loss,
            "rate": self.rate,
        }
        if len(self.validation_loss):
            curves["validation_loss"] = self.validation_loss
        if len(self.validation_score):
            curves[f"validation_{self.metric}"] = self.validation_score
        return curves

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
