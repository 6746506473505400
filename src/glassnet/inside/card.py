"""The model card: what a model is, what it was made from, how good it is, and what it should not be used for.

After Mitchell and others, *Model cards for model reporting* (2019), as far as a training can tell.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from glassnet.errors import one_report
from glassnet.evaluation import METRICS, SHARES
from glassnet.inside.baseline import baseline_rule
from glassnet.inside.calibration import Calibration, calibrations
from glassnet.inside.figures import ClassFigure, Figure, class_figures, figures
from glassnet.inside.limits import limits
from glassnet.inside.overview import facts, span, title
from glassnet.tables import Schema
from glassnet.tables.read.options import AS_FOUND, ReadOptions
from glassnet.tables.value_text import shortened
from glassnet.text import MISSING, Block, Code, Heading, Paragraph, Printable, Table, number
from glassnet.training.settings import GIVEN, SETTINGS, Settings

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel

MOST_CLASSES = 20


@dataclass(frozen=True, repr=False)
class Card(Printable):
    """A model card.

    Attributes:
        title: what the model predicts.
        facts: the networks, their training and its end, each with a name.
        provenance: versions, date, seed, fingerprint of the table and numbers of rows.
        schema: what each column of the table was.
        settings: those that differ from the recipe ``single``.
        judged: on which rows the figures were measured.
        baseline: the constant prediction that the model is compared with.
        figures: the metrics, with 95 % intervals.
        classes: the share of each class that is recognized.
        calibration: of the probabilities of each target.
        limits: what the model should not be used for.
        script: Python that makes the model again.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    provenance: dict[str, Any]
    schema: Schema
    settings: dict[str, Any]
    judged: str
    baseline: str
    figures: tuple[Figure, ...]
    classes: tuple[ClassFigure, ...]
    calibration: tuple[Calibration, ...]
    limits: tuple[str, ...]
    script: tuple[str, ...]

    def blocks(self) -> list[Block]:
        """All of it, in sections."""
        changed = [(name, str(value)) for name, value in self.settings.items()]
        return [
            Heading(f"Model card: {self.title}", 1),
            Table((), self.facts, "<<"),
            Heading("What it should not be used for", 2),
            *map(Paragraph, self.limits),
            Heading("How good it is", 2),
            *self._figures(),
            *(block for own in self.calibration for block in own.blocks()),
            Heading("Data", 2),
            *self._data(),
            Heading("Settings", 2),
            Paragraph("Those that differ from the recipe single:"),
            *([Table((), changed, "<<")] if changed else [Paragraph("none", 2)]),
            Heading("How to make it again", 2),
            *([Code(self.script)] if self.script else [Paragraph("The model was not trained here.")]),
        ]

    def _figures(self) -> Iterator[Block]:
        if not self.figures:
            yield Paragraph("Not known: no row was kept from training.")
            return
        rows = [
            (_meaning(own.name), *_shown(own.name, own.value, (own.low, own.high), own.baseline))
            for own in self.figures
        ]
        yield Paragraph(f"Measured on {self.judged}. The baseline is to {self.baseline}.")
        yield Table(("", "model", "95 % interval", "baseline"), rows, "<>>>")
        if 0 < len(self.classes) <= MOST_CLASSES:
            each = [
                (shortened(own.label), f"{own.rows:,}", *_shown("accuracy", own.recall, (own.low, own.high)))
                for own in self.classes
            ]
            yield Table(("class", "rows", "recognized", "95 % interval"), each, "<>>>")
        known = any(not math.isnan(own.low) for own in self.figures)
        yield Paragraph(
            "Intervals are those of a bootstrap over these rows, of shares those of Wilson (1927). They hold for new "
            "rows like these, if rows do not depend on each other."
            if known
            else "There are no intervals, because rows have weights."
        )

    def _data(self) -> Iterator[Block]:
        counts = self.provenance["rows"]
        parts = [f"{counts['train']:,} for training"]
        if "folds" in counts:
            parts[0] += f" in {counts['folds']} folds"
        elif counts["validation"]:
            parts.append(f"{counts['validation']:,} for validation")
        if counts["holdout"]:
            parts.append(f"{counts['holdout']:,} held out")
        known = [("rows", ", ".join(parts))]
        if data := self.provenance.get("data"):
            known.append(("fingerprint", str(data)))
        known += [
            (name, str(own))
            for name in ("created", "glassnet", "python")
            if (own := self.provenance.get(name))
        ]
        yield Table((), known, "<<")
        yield from self.schema.blocks()


@one_report()
def card(model: TrainedModel) -> Card:
    """See :meth:`glassnet.Model.card`."""
    found = None if model.held_out is None else model.held_out.with_weight()
    weighted = "" if found is None or found.weights is None else ", weighted as the training rows"
    several = "folds" in model.provenance["rows"]
    kind = "rows that were held out" if model.holdout is not None else "validation rows"
    if model.holdout is None and several:
        kind = "rows, each predicted by the networks that were not trained on it"
    return Card(
        title=title(model).removeprefix("glassnet model: "),
        facts=tuple(facts(model)),
        provenance=model.provenance,
        schema=model.schema,
        settings=_changed(model.settings),
        judged="" if found is None else f"{len(found):,} {kind}{weighted}",
        baseline=baseline_rule(model),
        figures=tuple(figures(model)),
        classes=tuple(class_figures(model)),
        calibration=calibrations(model),
        limits=tuple(limits(model)),
        script=() if model.origin else tuple(_script(model)),
    )


def _changed(settings: Settings) -> dict[str, Any]:
    """The settings that differ from the recipe ``single``, whose values are the defaults."""
    used, defaults = settings.to_dict(), Settings().to_dict()
    left_out = ("recipe", "threads", "seed")
    found = {name: used[name] for name in SETTINGS if name not in left_out and used[name] != defaults[name]}
    return {name: tuple(own) if isinstance(own, list) else own for name, own in found.items()}


def _script(model: TrainedModel) -> Iterator[str]:
    counts, settings = model.provenance["rows"], _changed(model.settings)
    columns = model.target.columns
    target: Any = columns[0] if len(columns) == 1 else list(columns)
    options = {
        own.name: value
        for own in fields(ReadOptions)
        if (value := getattr(model.schema.read_options, own.name)) != getattr(AS_FOUND, own.name)
    }
    yield "import glassnet"
    if options:
        yield "from glassnet.tables import read_table"
    yield ""
    if "continued" in model.provenance:
        yield "# The training of another model was continued: glassnet.train_more"
    if model.settings.max_time is not None or any(own.history.ended_by == "stop" for own in model.members):
        epochs = span([own.history.epochs for own in model.members])
        yield f"# A time limit or a stop decided how long training took, {epochs} epochs: it may differ next time."
    yield "model = glassnet.train("
    yield "    # the table with the fingerprint"
    yield f"    # {model.provenance.get('data', '')}"
    given = "".join(f", {name}={value!r}" for name, value in options.items())
    yield f'    read_table("table.csv"{given}),' if given else '    "table.csv",'
    chosen = {"target": target, "recipe": "single", **settings, "seed": model.settings.seed}
    for name, value in chosen.items():
        known = value != GIVEN
        yield f"    {name}={value!r}," if known else f"    # {name} was given as an array or a function"
    if counts["validation"] and not model.settings.validation:
        yield f"    # validation was a table of {counts['validation']:,} rows"
    yield ")"


def _meaning(name: str) -> str:
    metric, _, column = name.partition(" ")
    return METRICS[metric][0] + (f" of {column}" if column else "")


def _shown(name: str, value: float, ends: tuple[float, float], *more: float) -> tuple[str, ...]:
    """A metric, its interval and more such figures as text."""
    form = (lambda own: f"{own + 0.0:.4f}") if name.partition(" ")[0] in SHARES else number
    known, low, high, *others = (MISSING if math.isnan(own) else form(own) for own in (value, *ends, *more))
    return known, MISSING if MISSING in (low, high) else f"{low} to {high}", *others
