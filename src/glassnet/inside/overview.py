"""A model in a few lines: what it predicts, its networks, their training, how good they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from glassnet.targets import encodings_of
from glassnet.text import Block, Heading, Table
from glassnet.training.judged import best_of

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel


def title(model: TrainedModel) -> str:
    """What the model predicts, and from how many columns."""
    target = ", ".join(repr(column.name) for column in model.schema.target)
    return f"glassnet model: {target} ({model.schema.task}) from {len(model.schema.inputs)} columns"


def facts(model: TrainedModel) -> list[tuple[str, str]]:
    """The networks, their training, and the evaluation on held-out rows, each with a name."""
    counts, count, network = model.provenance["rows"], len(model.members), model.network
    size = f"{network}: {network.parameter_count:,} parameters"
    found = [("network", size) if count == 1 else ("networks", f"{count} × {size}")]
    if model.origin:
        rows = f"; statistics of {counts['train']:,} rows" if model.stats is not None else ""
        return [*found, ("converted", f"from {model.origin}{rows}")]
    folds = f" in {counts['folds']} folds" if "folds" in counts else ""
    where = f" on {counts['train']:,} rows{folds}"
    who = f" by the {model.engine_name} engine"
    history, epochs = model.history, span([member.history.epochs for member in model.members])
    how = f"{epochs} epochs{where} in {history.seconds:.2g} s{who}; {history.stop_reason}"
    found.append(("trained", how))
    if errors := model.provenance.get("errors"):
        found.append(("kept", kept_text(errors)))
    if temperatures := temperature_text(model):
        found.append(("temperature", temperatures))
    if model.holdout is not None:
        figures = ", ".join(
            f"{name} {value:.4g} (baseline {model.holdout.baseline[name]:.4g})"
            for name, value in model.holdout.metrics.items()
        )
        found.append(("holdout", f"{len(model.holdout):,} rows: {figures}"))
    return found


def kept_text(errors: Mapping[str, float]) -> str:
    """Which of a model's networks were kept, those with bins, those without or all, and the error of each."""
    best = best_of(errors)
    others = ", ".join(f"{error:.4g} {name}" for name, error in errors.items() if name != best)
    return f"{best}: mean squared error of outputs {errors[best]:.4g} for rows not trained on ({others})"


def span(numbers: Sequence[int]) -> str:
    """The numbers from the smallest to the largest."""
    least, most = min(numbers), max(numbers)
    return f"{least}" if least == most else f"{least} to {most}"


def temperature_text(model: TrainedModel) -> str:
    """The temperatures of the probabilities of each target that has one; empty if there are none."""
    target = model.target
    each = encodings_of(target)
    several = len(each) > 1
    found = [
        (f"{own.columns[0]} " if several else "") + f"{own.temperature:.3f}"
        for own in each
        if own.temperature != 1
    ]
    return (
        f"{', '.join(found)}: probabilities are the softmax of log(mean output) / temperature"
        if found
        else ""
    )


def overview(model: TrainedModel) -> list[Block]:
    """The title and the facts as blocks."""
    return [Heading(title(model), 3), Table((), facts(model), "<<")]
