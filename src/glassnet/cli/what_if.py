"""``glassnet what-if``"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from glassnet.cli.arguments import AsJson, ForTarget, ModelPath, column_option
from glassnet.cli.outputs import write_json
from glassnet.cli.rows import load_for, one_row, read_rows
from glassnet.cli.settings_options import as_options
from glassnet.cli.terminal import render
from glassnet.errors import spelled
from glassnet.tables.schema import REGRESSION


def what_if(
    model: ModelPath,
    table: Annotated[
        str,
        typer.Argument(
            metavar="TABLE",
            help="Rows: CSV, Parquet, Arrow, JSON; - for standard input; penguins for the bundled table.",
            show_default=False,
        ),
    ],
    row: Annotated[int, typer.Option("--row", "-r", metavar="ROW", help="Which row, counted from 0.")] = 0,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="WANTED",
            help="The class that is wanted, by default any other; of a number, one to be reached, or two ends: 40,60.",
        ),
    ] = None,
    change: Annotated[
        list[str] | None,
        column_option("--change", "A column that may be changed; may be given several times. Default: all."),
    ] = None,
    json: AsJson = False,
    for_target: ForTarget = None,
    **reading: Any,
) -> None:
    """Find the smallest change of a row that gets another prediction.

    Values stay within the range, or among the levels, of the training table. This says what the model answers, not what
    a change would cause.

    Examples:
      glassnet what-if model.glassnet customers.csv --row 12 --to stays --change price --change plan
      glassnet what-if model.glassnet houses.csv --row 12 --to 250000
    """
    trained = load_for(model, for_target)
    rows = one_row(read_rows(table, trained, reading), row)
    wanted: Any = to
    if to is not None and trained.schema.task == REGRESSION:
        wanted = _numbers(to)
    with spelled(as_options):
        found = trained.what_if(rows, change or None, wanted)
    if json:
        write_json("what-if", what_if=found)
        return
    print(render(found.blocks()))


def _numbers(text: str) -> Any:
    """``text`` as a number, or as several; as it is if it has none, so that it is refused."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        return text
    return numbers if len(numbers) > 1 else numbers[0]
