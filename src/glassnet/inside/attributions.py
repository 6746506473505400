"""Integrated gradients: the contribution of each column to the prediction of a row.

Along the straight line from a baseline x⁰ to the row x, the contribution of input i is
(x_i − x⁰_i) ∫₀¹ ∂F/∂x_i (x⁰ + t (x − x⁰)) dt, and the contributions sum to F(x) − F(x⁰) (completeness).
Sundararajan, Taly, Yan, *Axiomatic attribution for deep networks* (2017).

The integral is computed in float64, adaptively: a piece of the line is halved until its contributions sum to the
change of F along it. The remaining difference, the gap, is reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from glassnet.errors import InputError, called, one_report, unknown
from glassnet.inside.checks import positive_number
from glassnet.inside.columns import encoded, over_columns
from glassnet.inside.frames import to_frame
from glassnet.inside.gradients import doubled, input_gradients
from glassnet.net import Network, Parameters, forward
from glassnet.net.arrays import Array
from glassnet.text import Block, Heading, Paragraph, Printable, Table

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel

PIECES = 8  # of the line, at first
MAX_HALVINGS = 45  # a piece is then shorter than the resolution of float64
NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(4)
POINTS = (NODES + 1) / 2
SHARES = NODE_WEIGHTS / 2
TOLERANCE = 1e-7  # for the gap, in the units of the output
MAX_POINTS = 8192  # evaluated at once, to limit the memory
ROUNDING = 1e-14  # relative; a smaller gap is rounding error


@dataclass(frozen=True, eq=False, repr=False)
class Attributions(Printable):
    """Contributions for N rows, in the units of the target or, for classes, as probabilities.

    Attributes:
        names: the C columns.
        values: (N, C), the contribution of each column: the sum over its encoded inputs.
        input_names: the I encoded inputs.
        inputs: (N, I), the contribution of each encoded input.
        baseline: (I,), the encoded row from which the contributions are measured.
        outputs: the output that is attributed in each row.
        predictions: (N,), the value of this output.
        start: (N,), its value at the baseline.
        gaps: (N,), the difference between ``predictions - start`` and the sum of the contributions.
        deviations: (N, C), of several networks, of whose mean these are the contributions, the standard deviation of
            ``values`` over them; else ``None``. Contributions are to mean probabilities, before a temperature.
    """

    names: tuple[str, ...]
    values: Array
    input_names: tuple[str, ...]
    inputs: Array
    baseline: Array
    outputs: tuple[str, ...]
    predictions: Array
    start: Array
    gaps: Array
    deviations: Array | None = None

    def __len__(self) -> int:
        return len(self.values)

    def to_frame(self) -> Any:
        """A DataFrame of N rows: output, prediction, start, gap, and the contribution of each column."""
        columns: dict[str, Any] = {
            "output": np.array(self.outputs, dtype=object),
            "prediction": self.predictions,
            "start": self.start,
            "gap": self.gaps,
        }
        own = {f"{name} contributes": self.values[:, at] for at, name in enumerate(self.names)}
        if self.deviations is not None:
            own |= {f"{name} deviation": self.deviations[:, at] for at, name in enumerate(self.names)}
        return to_frame(columns | own)

    def blocks(self, row: int = 0, most: int | None = 20) -> list[Block]:
        """The contributions of one row: the ``most`` largest, and the sum of the others. ``None`` shows all."""
        own = self.values[row]
        order = np.argsort(-np.abs(own), kind="stable")
        rows = [("at the baseline", f"{self.start[row]:.6g}", "")]
        rows += [(self.names[at], f"{own[at]:+.6g}", self._spread(row, int(at))) for at in order[:most]]
        if most is not None and len(order) > most:
            rows.append(
                (f"+ {len(order) - most} smaller contributions", f"{own[order[most:]].sum():+.6g}", "")
            )
        rows.append((f"prediction of {self.outputs[row]}", f"{self.predictions[row]:.6g}", ""))
        if self.deviations is None:
            rows = [line[:2] for line in rows]  # type: ignore[misc]
        which = f" to row {row} of {len(self)}" if len(self) > 1 else ""
        return [
            Heading(f"Contribution of each column{which} (integrated gradients)"),
            Table((), rows, rules=(len(rows) - 1,)),
            Paragraph(f"Error of the sum: {self.gaps[row]:.1e}."),
            *(
                []
                if self.deviations is None
                else [Paragraph("± is the standard deviation over the networks.")]
            ),
        ]

    def _spread(self, row: int, column: int) -> str:
        return "" if self.deviations is None else f"± {self.deviations[row, column]:.4g}"

    def __repr__(self) -> str:
        if len(self) == 1:
            return self.to_text()
        return f"Attributions({len(self)} rows × {len(self.names)} columns; largest gap {np.abs(self.gaps).max():.1e})"


@one_report()
def attributions(
    model: TrainedModel,
    rows: Any,
    *,
    baseline: Any = None,
    output: str | None = None,
    tolerance: float = TOLERANCE,
) -> Attributions:
    """See :meth:`glassnet.Model.attributions`."""
    positive_number("tolerance", tolerance)
    inputs = encoded(model, rows).inputs.astype(np.float64)
    start = _baseline(model, baseline)
    each = [doubled(member.learnt) for member in model.members]
    chosen = _outputs(model, each, inputs, output)
    scale, mean = _units(model)
    found = [
        [
            integrate(model.network, parameters, start, row, at, tolerance / max(abs(scale[at]), 1.0))
            for row, at in zip(inputs, chosen, strict=True)
        ]
        for parameters in each
    ]
    factor, shift = scale[chosen], mean[chosen]
    by_network = np.array([[own.parts for own in rows] for rows in found]) * factor[:, None]
    ends = np.array([[own.ends for own in rows] for rows in found]).mean(axis=0) * factor[:, None]
    parts, first, last = by_network.mean(axis=0), ends[:, 0], ends[:, 1]
    spread = over_columns(model.encoder, by_network).std(axis=0, ddof=1) if len(each) > 1 else None
    return Attributions(
        names=tuple(model.encoder.slices),
        values=over_columns(model.encoder, parts),
        input_names=model.encoder.input_names,
        inputs=parts,
        baseline=start,
        outputs=tuple(model.output_names[at] for at in chosen),
        predictions=last + shift,
        start=first + shift,
        gaps=last - first - parts.sum(axis=1),
        deviations=spread,
    )


class Integral(NamedTuple):
    """The contributions (I,) and the output at both ends of the line."""

    parts: Array
    ends: tuple[float, float]


def integrate(
    network: Network, parameters: Parameters, start: Array, end: Array, output: int, tolerance: float
) -> Integral:
    """Contributions of every input to the change of one output from ``start`` to ``end``, both (I,)."""
    line = end - start

    def values(t: Array) -> Array:
        return np.concatenate(
            [
                forward(network, parameters, start + part[:, None] * line).outputs[:, output]
                for part in _portions(t)
            ]
        )

    def slopes(low: Array, high: Array) -> Array:
        """(pieces, I): the integral of the gradient over each piece, by Gauss and Legendre's four points."""
        t = low[:, None] + (high - low)[:, None] * POINTS
        gradients = np.concatenate(
            [
                input_gradients(network, parameters, start + part[:, None] * line, output)
                for part in _portions(t.ravel())
            ]
        )
        return (high - low)[:, None] * np.einsum("s,psi->pi", SHARES, gradients.reshape(*t.shape, -1))

    edges = np.linspace(0, 1, PIECES + 1)
    at_edges = values(edges)
    ends = float(at_edges[0]), float(at_edges[-1])
    low, high = edges[:-1], edges[1:]
    at_low, at_high = at_edges[:-1], at_edges[1:]
    floor = ROUNDING * (1 + np.abs(at_edges).max())
    total = np.zeros_like(line)
    for depth in range(MAX_HALVINGS + 1):
        parts = slopes(low, high) * line
        gap = np.abs(parts.sum(axis=1) - (at_high - at_low))
        # At a kink, the gap falls only in proportion to the length of the piece, so that a short piece may keep a
        # small share of the tolerance.
        open_ = gap > np.maximum(tolerance * np.maximum(high - low, 1e-3) / 2, floor)
        if depth == MAX_HALVINGS:
            open_[:] = False
        total += parts[~open_].sum(axis=0)
        if not open_.any():
            break
        low, high, at_low, at_high = low[open_], high[open_], at_low[open_], at_high[open_]
        middle = (low + high) / 2
        at_middle = values(middle)
        low, high = np.concatenate([low, middle]), np.concatenate([middle, high])
        at_low, at_high = np.concatenate([at_low, at_middle]), np.concatenate([at_middle, at_high])
    return Integral(total, ends)


def _portions(t: Array) -> list[Array]:
    return np.array_split(t, max(1, -(-len(t) // MAX_POINTS)))


def _baseline(model: TrainedModel, given: Any) -> Array:
    """The encoded row to start from: the mean of ``given``, or of the training rows if known, or else all zeros."""
    if given is not None:
        return encoded(model, given).inputs.astype(np.float64).mean(axis=0)
    if model.stats is not None:
        return model.stats.rows.means.astype(np.float64)
    return np.zeros(model.network.inputs)


def _outputs(model: TrainedModel, each: list[Parameters], inputs: Array, output: str | None) -> Array:
    """The number of the output to attribute in each row: the one that is named, or that of the predicted class."""
    names = model.output_names
    if output is not None:
        if str(output) not in names:
            raise InputError(unknown("output", output, names))
        return np.full(len(inputs), names.index(str(output)))
    if model.target.classes is None and len(names) > 1:
        raise InputError(
            f"the model predicts {len(names)} numbers. Choose the one to attribute, for example "
            f"{called('output', names[0])}."
        )
    outputs = [forward(model.network, parameters, inputs).outputs for parameters in each]
    return np.mean(outputs, axis=0).argmax(axis=1)


def _units(model: TrainedModel) -> tuple[Array, Array]:
    """(scale, mean) that convert each output to the units of the target; probabilities are not converted."""
    if model.target.classes is not None:
        return np.ones(model.network.outputs), np.zeros(model.network.outputs)
    return np.array(model.target.scale), np.array(model.target.mean)
