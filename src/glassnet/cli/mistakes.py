"""``glassnet mistakes``"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from glassnet.cli.arguments import AsJson, ForTarget, ModelPath
from glassnet.cli.outputs import write_json
from glassnet.cli.rows import load_for, read_rows
from glassnet.cli.terminal import command_lines, render
from glassnet.text import Code


def mistakes(
    model: ModelPath,
    table: Annotated[
        str | None,
        typer.Argument(
            metavar="TABLE",
            help="Rows with their target; - for standard input. Default: the rows that were held out in training.",
            show_default=False,
        ),
    ] = None,
    json: AsJson = False,
    for_target: ForTarget = None,
    **reading: Any,
) -> None:
    """List the rows that a model predicts wrongly, the most surprising first; of numbers, those with large errors.

    Rows count from 0, in the table that was trained on or in TABLE, as for: glassnet explain --row

    Examples:
      glassnet mistakes model.glassnet
      glassnet mistakes model.glassnet houses.csv
    """
    trained = load_for(model, for_target)
    found = trained.mistakes(None if table is None else read_rows(table, trained, reading))
    if json:
        write_json("mistakes", mistakes=found)
        return
    print(render(found.blocks()))
    if len(found):
        words = ["glassnet", "explain", model, table or "TABLE", "--row", str(found.rows[0])]
        print(render([Code(command_lines("explain the first  ", words))]))
