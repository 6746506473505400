"""What a search has found: the best model, and every trial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from glassnet.errors import plural
from glassnet.model import Model
from glassnet.text import MISSING, Block, Heading, Paragraph, Printable, Table, number
from glassnet.text import plain as as_json

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from optuna import Study

SHOWN = 20  # trials in the printed table
REASONS = 3  # for which trials failed


@dataclass(frozen=True)
class Trial:
    """One trial.

    Attributes:
        number: from 0, in the order in which they began.
        score: on the rows that were not trained on; of a pruned trial, the last value if the validation curve is of
            the same metric; ``None`` without any.
        state: ``complete``, ``pruned``, ``failed``, ``running``, or ``stopped`` by the end of the search.
        settings: what was chosen from the space; empty for what the recipe chooses by itself.
        epochs: of the first network, until the kept epoch or until the trial was pruned.
        seconds: its duration.
        reason: why it failed, or what stopped it; else empty.
    """

    number: int
    score: float | None
    state: str
    settings: Mapping[str, Any]
    epochs: int
    seconds: float
    reason: str = ""


@dataclass(frozen=True, eq=False)
class SearchResult(Printable):
    """What :func:`glassnet.search` has found.

    Attributes:
        model: the model of the best trial.
        best: that trial.
        trials: all of them, those of other processes too, in their order.
        metric: the name of the score.
        greater: whether a greater score is better.
        study: Optuna's study.
    """

    model: Model
    best: Trial
    trials: tuple[Trial, ...]
    metric: str
    greater: bool
    study: Study = field(repr=False)

    @property
    def settings(self) -> dict[str, Any]:
        """What the best trial chose from the space."""
        return dict(self.best.settings)

    def to_dict(self) -> dict[str, Any]:
        """The trials, as JSON can hold them."""
        return {
            "metric": self.metric,
            "greater_is_better": self.greater,
            "best": self.best.number,
            "trials": as_json(self.trials),
        }

    def draw(self, setting: str | None = None, **style: Any) -> Axes:
        """The scores of the trials, in their order or over the values of one ``setting``; see :mod:`glassnet.pictures`.

        Args:
            setting: the name of one that was searched.
            style: ``title``, ``ax`` and ``theme``.
        """
        from glassnet.pictures import trials

        return trials(
            [as_json(own) for own in self.trials],
            metric=self.metric,
            greater=self.greater,
            setting=setting,
            **style,
        )

    def blocks(self, trials: int = SHOWN) -> list[Block]:
        """The best trials, the best first.

        Args:
            trials: how many.
        """
        states = [own.state for own in self.trials]
        counts = ", ".join(
            f"{states.count(state)} {state}"
            for state in ("complete", "pruned", "stopped", "failed", "running")
            if state in states
        )
        ranked = sorted(self.trials, key=self._rank)[:trials]
        values: dict[str, set[str]] = {}
        for own in self.trials:
            for name, value in own.settings.items():
                values.setdefault(name, set()).add(_text(value))
        names = [name for name, found in values.items() if len(found) > 1 or len(self.trials) < 3]
        head = [
            "trial",
            self.metric,
            "state",
            "epochs",
            "seconds",
            *(name.replace("_", " ") for name in names),
        ]
        rows = [
            [
                str(own.number),
                MISSING if own.score is None else number(own.score),
                "best" if own is self.best else own.state,
                str(own.epochs or MISSING),
                f"{own.seconds:.1f}",
                *(_text(own.settings[name]) if name in own.settings else MISSING for name in names),
            ]
            for own in ranked
        ]
        better = "greater" if self.greater else "smaller"
        best = self.best.score
        summary = (
            f"{plural(len(self.trials), 'trial')}: {counts}. {self.metric} on rows not trained on, {better} is "
            f"better; the best is {MISSING if best is None else number(best)}, of trial {self.best.number}."
        )
        more = [] if len(ranked) == len(self.trials) else [Paragraph(f"The best {len(ranked)} are shown.")]
        failed: dict[str, list[str]] = {}
        for own in self.trials:
            if own.state == "failed" and own.reason:
                failed.setdefault(own.reason, []).append(str(own.number))
        more += [
            Paragraph(
                f"Failed, {'trial' if len(numbers) == 1 else 'trials'} {', '.join(numbers)}: {reason}", 2
            )
            for reason, numbers in list(failed.items())[:REASONS]
        ]
        return [
            Heading("Search", 3),
            Paragraph(summary, 2),
            Table(head, rows, "><<" + ">" * (len(head) - 3)),
            *more,
        ]

    def _rank(self, trial: Trial) -> tuple[int, float]:
        """Complete trials come first, the best before the others."""
        if trial.score is None:
            return 2, 0.0
        return int(trial.state != "complete"), -trial.score if self.greater else trial.score


def _text(value: Any) -> str:
    if isinstance(value, float):
        return number(value, 3)
    return ",".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)
