"""How far rows are from the middle of the training rows, as the correlations of the inputs measure it."""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from glassnet.net.arrays import Array

MOST = 128  # inputs: a model keeps the square of so many numbers
RIDGE = 0.1  # variance that is added to that of each standardized input, so that no direction has none
WITHIN = 0.99  # share of the training rows within the limit
FARTHEST = 3.0  # standard deviations that count of an input: a level that few rows have is not far by itself


class Distances(NamedTuple):
    """The Mahalanobis distance of a row from the mean of the training rows; of each input, 3 deviations count at most.

    Mahalanobis, *On the generalized distance in statistics* (1936): with correlated inputs, a row is far where it
    contradicts the correlation, although each input by itself is usual.

    Attributes:
        inverse: (B, B), the inverse of the correlations of the inputs, with a ridge on the diagonal; (0, 0) where there
            are more than 128 inputs, or too few rows.
        limit: 99 % of the training rows are not as far, each measured without itself.
    """

    inverse: Array
    limit: float

    @classmethod
    def of(cls, standardized: Array) -> Self:
        """Those of training rows with these inputs (N, B)."""
        standardized, (count, width) = _clipped(standardized), standardized.shape
        if width > MOST or count <= width + 2:
            return cls(np.zeros((0, 0)), 0.0)
        inverse = np.linalg.inv(standardized.T @ standardized / count + RIDGE * np.eye(width))
        inverse = (inverse + inverse.T) / 2
        squares = _squares(standardized, inverse)
        squares = squares / np.maximum(
            1 - squares / count, 1 / count
        )  # without the row itself (Sherman, Morrison)
        place = int(np.ceil(WITHIN * count)) - 1
        return cls(inverse, float(np.sqrt(np.partition(squares, place)[place])))

    @property
    def known(self) -> bool:
        """Whether there is a distance."""
        return len(self.inverse) > 0

    def to(self, standardized: Array) -> npt.NDArray[np.float64]:
        """The distances (N,) of rows with these inputs (N, B)."""
        distances: npt.NDArray[np.float64] = np.sqrt(
            np.maximum(_squares(_clipped(standardized), self.inverse), 0.0)
        )
        return distances

    def shares(self, standardized: Array) -> Array:
        """(N, B): what each input contributes to the square of the distance; some contributions may be negative."""
        clipped = _clipped(standardized)
        return clipped * (clipped @ self.inverse)


def _clipped(standardized: Array) -> Array:
    return standardized.clip(-FARTHEST, FARTHEST)


def _squares(standardized: Array, inverse: Array) -> Array:
    found: Array = ((standardized @ inverse) * standardized).sum(axis=1)
    return found
