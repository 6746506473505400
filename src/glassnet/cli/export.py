"""``glassnet export``"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from glassnet.cli.arguments import AsJson, ModelPath, Quiet
from glassnet.cli.completion import one_of
from glassnet.cli.outputs import check_out, write_json
from glassnet.cli.rows import read_rows
from glassnet.cli.terminal import print_text, render
from glassnet.errors import Faults, InputError
from glassnet.model import load
from glassnet.ship.export.exporting import FORMS


def export(
    model: ModelPath,
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="The file to write, whose ending chooses the form.")
    ],
    table: Annotated[
        str | None,
        typer.Argument(
            metavar="TABLE",
            help="Rows to prove the export with; by default rows are made up from the training table's ranges.",
            show_default=False,
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="FORM",
            help=f"The form, if the ending does not choose it: {', '.join(FORMS)}.",
            autocompletion=one_of(FORMS),
        ),
    ] = None,
    rows: Annotated[
        int, typer.Option("--rows", min=1, help="The most rows that are tried, besides adversarial ones.")
    ] = 1000,
    check: Annotated[
        bool,
        typer.Option(
            "--check/--no-check",
            show_default=False,
            help="Run the export, and write it only if it answers the same.",
        ),
    ] = True,
    quiet: Quiet = False,
    json: AsJson = False,
    **reading: Any,
) -> None:
    """Write a model as a file that runs without glassnet, and prove that it answers the same.

    The file takes the raw columns, as predict does. It is run at once on rows of a table, or on made-up ones, and on
    adversarial ones, and its answers are compared with those of the model; what was found is written into the file.

    Examples:
      glassnet export model.glassnet model.py
      glassnet export model.glassnet model.py new.csv --to numpy
    """
    faults = Faults(InputError)
    check_out(out, faults, model, table, option="OUT")
    faults.raise_if_any()
    trained = load(model)
    given = None if table is None else read_rows(table, trained, reading)
    found = trained.export(out, to, given, rows=rows, check=check)
    if json:
        write_json("export", certificate=found)
    elif not quiet:
        print_text(render(found.blocks()))
        print_text(f"Export written to {out}")
