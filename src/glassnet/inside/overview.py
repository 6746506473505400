"""A model in a few lines: what it predicts, its networks, their training, how good they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glassnet.text import Block, Heading, Table

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel


def title(model: TrainedModel) -> str:
    """What the model predicts, and from how many columns."""
    target = ", ".join(repr(column.name) for column in model.schema.target)
    return f"glassnet model: {target} ({model.schema.task}) from {len(model.schema.inputs)} columns"


def facts(model: TrainedModel) -> list[tuple[str, str]]:
    """A name and a line for each network, its training, and the evaluation on held-out rows."""
    rows = f"{model.provenance['rows']['train']:,} rows"
    found = []
    for member in model.members:
        history = member.history
        found.append(("network", f"{member.network}: {member.network.parameter_count:,} parameters"))
        found.append(
            (
                "trained",
                f"{history.epochs} epochs on {rows} in {history.seconds:.2g} s by the {model.engine_name} engine; "
                f"{history.stop_reason}",
            )
        )
    if model.holdout is not None:
        figures = ", ".join(
            f"{name} {value:.4g} (baseline {model.holdout.baseline[name]:.4g})"
            for name, value in model.holdout.metrics.items()
        )
        found.append(("holdout", f"{len(model.holdout):,} rows: {figures}"))
    return found


def overview(model: TrainedModel) -> list[Block]:
    """The title and the facts as blocks."""
    return [Heading(title(model), 3), Table((), facts(model), "<<")]
