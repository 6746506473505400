"""``glassnet doctor``"""

from __future__ import annotations

from typing import Annotated

import typer


def doctor(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="A model that glassnet train saved.", show_default=False)
    ],
    table: Annotated[
        str | None,
        typer.Argument(
            metavar="[TABLE]",
            help="Rows to look at besides: with their target, labels are checked; without, whether they are like "
            "the training rows. - for standard input.",
            show_default=False,
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 if something is worse than a note.")
    ] = False,
) -> None:
    """Say what looks wrong with a model, its training and its table, how one can tell, and what to do.

    Examples:
      glassnet doctor model.glassnet
      glassnet doctor model.glassnet houses.csv --strict
    """
    from glassnet.cli.exit_codes import FAILED
    from glassnet.cli.rows import read_rows
    from glassnet.cli.terminal import bold
    from glassnet.model import load

    trained = load(model)
    found = trained.doctor(None if table is None else read_rows(table, trained))
    text = found.to_text()
    for finding in found:
        title = f"{finding.severity}: {finding.title}"
        text = text.replace(title, bold(title))
    print(text)
    if strict and not found.healthy:
        raise typer.Exit(FAILED)
