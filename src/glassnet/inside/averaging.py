"""From the outputs of several networks for one row to the prediction: their mean, and what the target makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.inside.digits import EXACT, FIGURES, agreed, term
from glassnet.net.arrays import Array
from glassnet.targets import TargetEncoding, single
from glassnet.text import Block, Heading, Paragraph, Table, number

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel


@dataclass(frozen=True, eq=False)
class Averaging:
    """The last lines of arithmetic of a model of K networks.

    Attributes:
        member: the number of the network whose arithmetic is shown before.
        names: the names of the O outputs.
        outputs: (K, O), those of each network.
        mean: (O,), their mean, from which the prediction is made.
        probabilities: (C,), of the classes; ``None`` for numbers.
        encoding: how outputs become values of the target.
        prediction: the model's.
    """

    member: int
    names: tuple[str, ...]
    outputs: Array
    mean: Array
    probabilities: Array | None
    encoding: TargetEncoding
    prediction: Any

    @classmethod
    def of(cls, model: TrainedModel, inputs: Array, member: int) -> Averaging:
        """Of one row of ``inputs`` (1, I)."""
        encoding, mean = single(model.target), model.outputs(inputs)
        each = [model.outputs(inputs, [number])[0] for number in range(len(model.members))]
        return cls(
            member=member,
            names=model.output_names,
            outputs=np.array(each),
            mean=mean[0],
            probabilities=None if encoding.classes is None else encoding.probabilities(mean)[0],
            encoding=encoding,
            prediction=encoding.decode(mean).tolist()[0],
        )

    @property
    def deviations(self) -> Array:
        """(O,): the standard deviations of the outputs over the networks."""
        return self.outputs.std(axis=0, dtype=np.float64, ddof=1)

    def blocks(self, figures: int | None = None) -> list[Block]:
        """The outputs of each network, their mean, and the prediction.

        Args:
            figures: of each number; ``None`` for all digits, so that the mean can be recalculated.
        """
        dtype = self.outputs.dtype

        def shown(value: np.floating[Any]) -> str:
            return term(value, dtype) if figures is None else number(float(value), figures)

        rows = [
            (f"network {number}" + (" (above)" if number == self.member else ""), *map(shown, own))
            for number, own in enumerate(self.outputs)
        ]
        mean = self._means() if figures is None else [shown(value) for value in self.mean]
        spread = [number(float(value), figures or 4) for value in self.deviations]
        rows += [("mean", *mean), ("± standard deviation", *spread)]
        count = len(self.outputs)
        return [
            Heading(f"The mean of {count} networks", 2 if figures is None else 3),
            Table(("output", *self.names), rows, rules=(count,)),
            *self._prediction(mean, figures or 6),
        ]

    def _means(self) -> list[str]:
        """The means with the digits on which the engine's and that of the printed outputs agree."""
        dtype, found = self.outputs.dtype, []
        with localcontext(EXACT):
            for mean, own in zip(self.mean, self.outputs.T, strict=True):
                exact = sum(Decimal(term(value, dtype)) for value in own) / len(own)
                found.append(agreed([mean, exact], FIGURES[dtype]))
        return found

    def _prediction(self, mean: list[str], figures: int) -> list[Block]:
        encoding = self.encoding
        if encoding.classes is None or self.probabilities is None:
            rows, numbers = [], encoding.unclamped.in_units(self.mean)
            for at, (name, own) in enumerate(zip(encoding.columns, mean, strict=True)):
                scale, shift = repr(encoding.scale[at]), repr(encoding.mean[at])
                with localcontext(EXACT):
                    again = Decimal(own) * Decimal(scale) + Decimal(shift)
                ways: list[float | Decimal] = [float(numbers[at]), again]
                result = agreed(ways, FIGURES[np.dtype(np.float64)])
                rows.append((name, own, f"× {scale}", f"+ {shift}", f"= {result}"))
            head = ("", "mean", "× scale", "+ mean", "= prediction")
            return [Table(head, rows), *map(Paragraph, encoding.out_of_range(self.mean))]
        labels, (shares,) = [str(label) for label in encoding.classes], encoding.shares(self.mean[None])
        columns = {"class": labels, "mean p": _numbers(shares, figures)}
        text = ""
        if encoding.temperature != 1:
            columns["probability"] = _numbers(self.probabilities, figures)
            power = f"1/{encoding.temperature:.4g}"
            text = (
                f"Each probability is p to the power {power}, the temperature, divided by the sum of these. "
            )
        table = Table(tuple(columns), list(zip(*columns.values(), strict=True)))
        return [table, Paragraph(f"{text}The most probable class is predicted: {self.prediction}.")]


def _numbers(values: Array, figures: int) -> list[str]:
    return [number(float(value), figures) for value in values]
