"""The smallest change of a row that gets another prediction: a counterfactual.

Wachter, Mittelstadt, Russell, *Counterfactual explanations without opening the black box* (2017). It says what the
model would answer, not what a change would cause.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from glassnet.errors import Faults, InputError, called, one_report, unknown
from glassnet.inside.choices import choices_of
from glassnet.inside.columns import one_row
from glassnet.inside.frames import to_frame
from glassnet.inside.search import Gap, Search
from glassnet.inside.unlike import reasons_of
from glassnet.net.arrays import Array
from glassnet.targets import TargetEncoding, single
from glassnet.text import MISSING, Block, Heading, Paragraph, Printable, Table

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel

Change = str | Sequence[str] | Mapping[str, Collection[Any] | None]


@dataclass(frozen=True, repr=False)
class WhatIf(Printable):
    """A row with another prediction, and what was changed for it.

    Attributes:
        target: the name of the target.
        wanted: what was asked for, in words.
        found: whether the changed row has it; else it is the one that comes nearest.
        changes: for each changed column its value now and instead.
        distances: of each of these columns; see :meth:`glassnet.Model.what_if`.
        before: the prediction for the row as it is; ``after`` for the changed row.
        probabilities: of what is predicted now: before and after; of what is predicted instead: before and after;
            ``None`` for numbers.
        row: the changed row, which the model can predict.
        changeable: the columns that could be changed.
        warnings: why the changed row is unlike the training rows, though the row as it is was not for this reason.
    """

    target: str
    wanted: str
    found: bool
    changes: dict[str, tuple[Any, Any]]
    distances: dict[str, float]
    before: Any
    after: Any
    probabilities: tuple[tuple[float, float], tuple[float, float]] | None
    row: dict[str, Any]
    changeable: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def distance(self) -> float:
        """The sum of the distances of the columns."""
        return math.fsum(self.distances.values())

    def to_frame(self) -> Any:
        """A DataFrame with a row for each changed column."""
        now, instead = ([str(own[at]) for own in self.changes.values()] for at in (0, 1))
        columns = {"column": [*self.changes], "now": now, "instead": instead}
        return to_frame({**columns, "distance": [*self.distances.values()]})

    def blocks(self) -> list[Block]:
        """The changed columns, and the predictions before and after."""
        if self.found and not self.changes:
            return [
                Heading(f"{self.target} is {self.wanted} already", 2),
                Paragraph(f"It is {_text(self.before)}: nothing has to be changed."),
            ]
        title = f"To make {self.target} {self.wanted}"
        names = ", ".join(self.changeable)
        failed = f"Nothing was found: no values of {names} that were tried give this."
        failed += " The nearest:" if self.changes else f" It stays {_text(self.before)}."
        rows = [
            (name, _text(now), _text(instead), f"{self.distances[name]:.3f}")
            for name, (now, instead) in self.changes.items()
        ]
        shown: list[Block] = [Table(("column", "now", "instead", "distance"), rows, "<>>>")] if rows else []
        return [
            Heading(title, 2),
            *([] if self.found else [Paragraph(failed)]),
            *shown,
            *([Table(("", "now", "instead"), self._predictions, "<>>")] if self.changes else []),
            *(Paragraph(f"The changed row is unlike the training rows: {text}.") for text in self.warnings),
            Paragraph(
                "A distance of 1 is the range of the middle 90 % of the training rows, or another level. This is what "
                "the model answers, not what a change would cause."
            ),
        ]

    @property
    def _predictions(self) -> list[tuple[str, str, str]]:
        found = [("prediction", _text(self.before), _text(self.after))]
        if self.probabilities is not None:
            for label, own in zip(dict.fromkeys((self.before, self.after)), self.probabilities, strict=False):
                now, instead = (f"{100 * share:.1f} %" for share in own)
                found.append((f"probability of {label}", now, instead))
        return found


@one_report()
def what_if(model: TrainedModel, row: Any, change: Change | None = None, to: Any = None) -> WhatIf:
    """See :meth:`glassnet.Model.what_if`."""
    target = single(model.target)
    if len(target.columns) > 1:
        raise InputError(f"what_if is for a single target, but this model predicts {len(target.columns)}.")
    own = one_row(model, row)
    allowed = _allowed(model, change)
    before = model.known_outputs(own.inputs)
    gap, wanted = _wanted(model, target, to, before)
    table, slices = own.table, model.encoder.slices
    choices = [
        choices_of(model, name, table.column(name), own.inputs[0, slices[name]], given)
        for name, given in allowed.items()
    ]
    search = Search(own.inputs[0], [slices[name] for name in allowed], choices, gap)
    state, remaining = search.smallest()
    changed = {each.column: int(at) for each, at in zip(choices, state, strict=True) if at}
    values = {name: table.column(name).to_list()[0] for name in slices}
    by_name = {each.column: each for each in choices}
    new = values | {name: by_name[name].values[at] for name, at in changed.items()}
    after = model.known_outputs(search.inputs(state[None]))
    known = {reason.kind for reason in reasons_of(model, own)[0][0]}
    return WhatIf(
        target=target.columns[0],
        wanted=wanted,
        found=remaining <= 0,
        changes={name: (values[name], new[name]) for name in changed},
        distances={name: float(by_name[name].distances[at]) for name, at in changed.items()},
        before=target.decode(before).tolist()[0],
        after=target.decode(after).tolist()[0],
        probabilities=_probabilities(target, before, after),
        row=new,
        changeable=tuple(allowed),
        warnings=tuple(
            reason.text for reason in reasons_of(model, model.encode(new))[0][0] if reason.kind not in known
        ),
    )


def _allowed(model: TrainedModel, change: Change | None) -> dict[str, Collection[Any] | None]:
    """What each column may become; ``None`` for what the training table had."""
    names = list(model.encoder.slices)
    if change is None:
        change = names
    change = [change] if isinstance(change, str) else change
    given = dict(change) if isinstance(change, Mapping) else dict.fromkeys(change)
    faults = Faults(InputError)
    for name in given:
        if name not in names:
            faults.add(unknown(f"{called('change')}: the column", name, names))
    if not given:
        faults.add(f"{called('change')} names no column.")
    faults.raise_if_any()
    return given


def _wanted(model: TrainedModel, target: TargetEncoding, to: Any, before: Array) -> tuple[Gap, str]:
    """How far outputs are from what is wanted, and what that is, in words."""
    if target.classes is not None:
        return _class_wanted(model, target, to, before)
    low, high = _wanted_range(target, to, float(target.in_units(before)[0, 0]))
    unit = float(target.scale[0])
    ends = f"{_text(low)} to {_text(high)}"
    words = (
        f"at most {_text(high)}"
        if low == -math.inf
        else f"at least {_text(low)}"
        if high == math.inf
        else ends
    )

    def gap(inputs: Array) -> npt.NDArray[np.float64]:
        numbers = target.in_units(model.outputs(inputs))[:, 0]
        return np.maximum(np.maximum(low - numbers, numbers - high), 0.0) / unit

    return gap, words


def _wanted_range(target: TargetEncoding, to: Any, now: float) -> tuple[float, float]:
    """The range that is wanted; a number is to be reached from where the prediction is."""
    given = list(to) if isinstance(to, (tuple, list)) else [to]
    ends = [float(end) for end in given if isinstance(end, Real) and not isinstance(end, bool)]
    if len(ends) == len(given) and all(map(math.isfinite, ends)):
        if len(ends) == 1:
            return (ends[0], math.inf) if now < ends[0] else (-math.inf, ends[0])
        if len(ends) == 2 and ends[0] <= ends[1]:
            return ends[0], ends[1]
    raise InputError(
        f"{called('to')} is {to!r:.80}, but {target.columns[0]!r} is a number: give one that it should reach, or the "
        "lowest and the highest that it should be."
    )


def _class_wanted(model: TrainedModel, target: TargetEncoding, to: Any, before: Array) -> tuple[Gap, str]:
    labels = target.labels.tolist()
    now = labels.index(target.decode(before).tolist()[0])
    texts = [str(label) for label in labels]
    if to is not None and str(to) not in texts:
        raise InputError(unknown(called("to"), str(to), texts))
    code = None if to is None else texts.index(str(to))

    def gap(inputs: Array) -> npt.NDArray[np.float64]:
        outputs = model.outputs(inputs)
        chosen = np.array([labels.index(label) for label in target.decode(outputs).tolist()])
        logs = np.log(np.maximum(target.probabilities(outputs), 1e-15))
        own = logs[:, now] if code is None else logs[:, code]
        rest = np.delete(logs, now if code is None else code, axis=1).max(axis=1)
        missing = own - rest if code is None else rest - own
        reached = chosen != now if code is None else chosen == code
        return np.where(reached, 0.0, np.maximum(missing, 1e-12))

    return gap, f"other than {texts[now]}" if code is None else texts[code]


def _probabilities(
    target: TargetEncoding, before: Array, after: Array
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    if target.classes is None:
        return None
    labels, both = target.labels.tolist(), np.concatenate([before, after])
    shares = target.probabilities(both)
    first, second = (labels.index(label) for label in target.decode(both).tolist())
    return (float(shares[0, first]), float(shares[1, first])), (
        float(shares[0, second]),
        float(shares[1, second]),
    )


def _text(value: Any) -> str:
    if value is None:
        return MISSING
    return f"{value:.6g}" if isinstance(value, float) else str(value)
