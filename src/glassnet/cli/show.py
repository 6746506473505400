"""``glassnet show``"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from glassnet.model import Model


def show(
    model: Annotated[
        str | None,
        typer.Argument(metavar="MODEL", help="A model that glassnet train saved.", show_default=False),
    ] = None,
    engine: Annotated[
        bool, typer.Option("--engine", help="Show what does the arithmetic on this machine.")
    ] = False,
) -> None:
    """Look inside a saved model: columns, settings, history, weights, where it came from.

    Examples:
      glassnet show model.glassnet
      glassnet show --engine
    """
    from glassnet.errors import InputError

    if model is None and not engine:
        raise InputError("nothing to show: name a model, or ask for --engine.")
    if engine:
        _show_engines()
    if model is not None:
        from glassnet.model import load

        _show_model(load(model))


def _show_engines() -> None:
    from glassnet import engines
    from glassnet.cli.terminal import bold
    from glassnet.lessons.layout import columns

    for place, name in enumerate(engines.available()):
        print(bold(name) + (", used unless another is asked for" if not place else ""))
        facts = [(fact, said) for fact, said in engines.get(name).describe().items() if fact != "engine"]
        print("\n".join(columns(facts, "<<")))
    for name, reason in engines.unavailable().items():
        print(f"{bold(name)}: cannot serve here: {reason}")


def _show_model(model: Model) -> None:
    from glassnet.cli import report
    from glassnet.cli.terminal import heading

    def chapter(title: str, lines: Iterable[str]) -> None:
        heading(title)
        print("\n".join(lines))

    print(repr(model))
    chapter("Columns", report.columns_understood(model.schema))
    chapter("Settings (* where not the default)", report.settings_used(model.settings))
    chapter("History", report.history_sampled(model.history))
    if model.holdout is not None:
        chapter(
            f"On {len(model.holdout):,} rows that neither training nor stopping saw",
            report.held_out(model.holdout, report.doing_nothing(model)),
        )
    chapter("Initial and learnt weights and biases", report.ledger(model))
    chapter("Where it came from", report.provenance(model.provenance))
