"""``glassnet doctor``"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from glassnet.cli.arguments import AsJson, ForTarget, Member, ModelPath
from glassnet.cli.exit_codes import FAILED
from glassnet.cli.outputs import write_json
from glassnet.cli.rows import load_for, read_rows
from glassnet.cli.terminal import render


def doctor(
    model: ModelPath,
    table: Annotated[
        str | None,
        typer.Argument(
            metavar="TABLE",
            help="Rows to check, too: with their target, for wrong labels; without, for rows unlike the training "
            "rows. - for standard input.",
            show_default=False,
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 if there is a warning or something serious.")
    ] = False,
    json: AsJson = False,
    for_target: ForTarget = None,
    member: Member = None,
    **reading: Any,
) -> None:
    """Look for problems of a model, its training and its table: each with its evidence and a remedy.

    Examples:
      glassnet doctor model.glassnet
      glassnet doctor model.glassnet houses.csv --strict
    """
    trained = load_for(model, for_target, member)
    rows = None if table is None else read_rows(table, trained, reading)
    found = trained.doctor(rows)
    if json:
        write_json("doctor", diagnosis=found)
    else:
        print(render(found.blocks()))
    if strict and not found.healthy:
        raise typer.Exit(FAILED)
