"""How well probabilities fit what came true, before and after the temperature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from glassnet.evaluation import log_loss
from glassnet.targets import TargetGroup, single
from glassnet.text import Block, Heading, Paragraph, Printable, Table

if TYPE_CHECKING:
    from glassnet.evaluation import Evaluation
    from glassnet.trained import TrainedModel

BINS = 10
FIGURES = "log loss", "expected calibration error"

Numbers = npt.NDArray[np.float64]


class Bins(NamedTuple):
    """Rows by their probability, in bins of equal width; bins without rows are left out.

    Attributes:
        counts: (B,), the number of rows, or the sum of their weights.
        means: (B,), their mean probability.
        shares: (B,), the share of them for which it came true.
        squares: (B,), the sum of the squares of their weights, which are 1 by default.
    """

    counts: Numbers
    means: Numbers
    shares: Numbers
    squares: Numbers

    @classmethod
    def of(
        cls,
        codes: npt.NDArray[np.intp],
        probabilities: Numbers,
        bins: int = BINS,
        weights: Numbers | None = None,
    ) -> Bins:
        """Of two classes, by the probability of the second; of several, by that of the predicted class.

        Args:
            codes: (N,), the actual classes as columns of ``probabilities`` (N, C).
            weights: (N,), of the rows; ``None`` for equal weights.
        """
        chosen = 1 if probabilities.shape[1] == 2 else probabilities.argmax(axis=1)
        predicted = probabilities[:, 1] if isinstance(chosen, int) else probabilities.max(axis=1)
        places = np.clip((predicted * bins).astype(int), 0, bins - 1)
        rows = np.ones(len(predicted)) if weights is None else weights
        summed = rows, rows * predicted, rows * (codes == chosen), rows**2
        sums = np.array([np.bincount(places, own, bins) for own in summed], np.float64)
        counts, means, shares, squares = sums[:, sums[0] > 0]
        return cls(counts, means / counts, shares / counts, squares)

    @property
    def error(self) -> float:
        """The expected calibration error: the mean over rows of the distance between probability and share.

        Naeini, Cooper, Hauskrecht, *Obtaining well calibrated probabilities using Bayesian binning* (2015).
        """
        return float((np.abs(self.means - self.shares) * self.counts).sum() / self.counts.sum())

    @property
    def error_by_chance(self) -> float:
        """What the error is on average if all probabilities are right: the shares of so few rows vary.

        The mean absolute value of a normal variable is √(2/π) of its standard deviation.
        """
        deviations = np.sqrt(self.means * (1 - self.means) * self.squares)  # of the sums of weights
        return float(deviations.sum() / self.counts.sum() * np.sqrt(2 / np.pi))


@dataclass(frozen=True, repr=False)
class Calibration(Printable):
    """Probabilities of the classes of a target, compared with what came true.

    Attributes:
        target: the name of the target.
        rows: the number of rows, which were not trained on; without those of weight 0.
        weighted: whether rows count by their weights.
        temperature: of the probabilities; 1 where none was fitted.
        log_loss: before the temperature, and after.
        error: the expected calibration error, before and after.
        error_by_chance: what it would be on average if all probabilities were right.
    """

    target: str
    rows: int
    weighted: bool
    temperature: float
    log_loss: tuple[float, float]
    error: tuple[float, float]
    error_by_chance: float

    def blocks(self) -> list[Block]:
        """The figures before and after the temperature; once where there is none."""
        plain = self.temperature == 1
        head = ("", "" if plain else f"temperature {self.temperature:.3f}", *([] if plain else ["without"]))
        both = zip(FIGURES, (self.log_loss, self.error), strict=True)
        rows = [(name, *(f"{each:.4f}" for each in own[::-1][: len(head) - 1])) for name, own in both]
        rows_text = f"{self.rows:,} rows{', weighted' if self.weighted else ''}"
        return [
            Heading(f"Calibration of the probabilities of {self.target} ({rows_text})", 3),
            Table(head, rows),
            Paragraph(
                f"Probabilities that are right have an error of about {self.error_by_chance:.4f} by chance.",
                2,
            ),
        ]


def calibrations(model: TrainedModel) -> tuple[Calibration, ...]:
    """That of each target of classes, on the rows of ``model.held_out``; none where there are no such rows."""
    if isinstance(model.target, TargetGroup):
        return tuple(own for name in model.target.columns for own in calibrations(model.for_target(name)))
    if model.held_out is None or model.target.classes is None:
        return ()
    return (_calibration(model, model.held_out.with_weight()),)


def _calibration(model: TrainedModel, found: Evaluation) -> Calibration:
    assert found.probabilities is not None
    codes = single(model.target).codes_of(found.actual)
    temperature = float(model.target.temperature)
    after = found.probabilities
    powers = after**temperature  # probabilities are proportional to powers of those without the temperature
    before = powers / powers.sum(axis=1, keepdims=True)
    bins = Bins.of(codes, after, weights=found.weights)
    return Calibration(
        model.target.columns[0],
        len(found),
        found.weights is not None,
        temperature,
        (log_loss(codes, before, found.weights), log_loss(codes, after, found.weights)),
        (Bins.of(codes, before, weights=found.weights).error, bins.error),
        bins.error_by_chance,
    )
