"""``glassnet verify``"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from glassnet.cli.arguments import AsJson, ModelPath
from glassnet.cli.exit_codes import FAILED
from glassnet.cli.outputs import write_json
from glassnet.cli.rows import read_rows
from glassnet.cli.terminal import print_text, render
from glassnet.model import load


def verify(
    out: Annotated[
        str, typer.Argument(metavar="OUT", help="The export. It is run: take it from people you trust only.")
    ],
    model: ModelPath,
    table: Annotated[
        str | None,
        typer.Argument(
            metavar="TABLE",
            help="Rows to prove the export with; by default rows are made up from the training table's ranges.",
            show_default=False,
        ),
    ] = None,
    rows: Annotated[
        int, typer.Option("--rows", min=1, help="The most rows that are tried, besides adversarial ones.")
    ] = 1000,
    json: AsJson = False,
    **reading: Any,
) -> None:
    """Prove again that an export answers as its model does. This runs the export; exit code 1 if it does not.

    Examples:
      glassnet verify model.py model.glassnet new.csv
    """
    from glassnet.ship.export import verify

    trained = load(model)
    given = None if table is None else read_rows(table, trained, reading)
    found = verify(out, trained, given, rows=rows)
    if json:
        write_json("verify", certificate=found, passed=found.passed)
    else:
        print_text(render(found.blocks()))
        print_text("The export answers as the model does." if found.passed else "The export is NOT proven.")
    if not found.passed:
        raise typer.Exit(FAILED)
