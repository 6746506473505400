"""``glassnet report``"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from glassnet.cli.arguments import ForTarget, ModelPath, Quiet
from glassnet.cli.outputs import check_out
from glassnet.cli.rows import load_for, read_rows
from glassnet.cli.terminal import print_text
from glassnet.errors import Faults, InputError


def report(
    model: ModelPath,
    table: Annotated[
        str | None,
        typer.Argument(
            metavar="TABLE",
            help="Rows to show, to judge the predictions by and to measure importances on; - for standard input.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="Where the report is written.")
    ] = Path("report.html"),
    rows: Annotated[
        int, typer.Option("--rows", min=1, help="The most rows of the table that go into the report.")
    ] = 2000,
    quiet: Quiet = False,
    for_target: ForTarget = None,
    **reading: Any,
) -> None:
    """Write a report: one HTML file in which the network can be explored, and which predicts without a server.

    Examples:
      glassnet report model.glassnet
      glassnet report model.glassnet houses.csv --out houses.html
    """
    faults = Faults(InputError)
    check_out(out, faults, model, table)
    faults.raise_if_any()
    trained = load_for(model, for_target)
    trained.report(out, None if table is None else read_rows(table, trained, reading), rows=rows)
    if not quiet:
        print_text(f"Report written to {out}")
