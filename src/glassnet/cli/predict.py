"""``glassnet predict``"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import pyarrow as pa

    from glassnet.model import Model


def predict(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="A model that glassnet train saved.", show_default=False)
    ],
    table: Annotated[
        str,
        typer.Argument(
            metavar="TABLE",
            help="The rows to predict: CSV, Parquet, Arrow, JSON; - for standard input.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="Where the predictions go, as CSV, or Parquet by its name. Default: standard output.",
        ),
    ] = None,
    proba: Annotated[bool, typer.Option("--proba", help="Add the probability of every class.")] = False,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            "--keep", metavar="COLUMN", help="Copy this column of the table; may be given several times."
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No notes.")] = False,
) -> None:
    """Predict the target for the rows of a table, in their order.

    Examples:
      glassnet predict model.glassnet new.csv --out predictions.csv
      glassnet predict model.glassnet new.csv --proba --keep id | head
    """
    from glassnet.cli import terminal
    from glassnet.cli.outputs import check_table_out, write_table
    from glassnet.cli.rows import read_rows
    from glassnet.errors import Faults, InputError
    from glassnet.model import load
    from glassnet.tables import notes_of

    out = None if out is None or str(out) == "-" else out
    faults = Faults(InputError)
    if out is not None:
        check_table_out(out, faults, model, table)
    faults.raise_if_any()
    trained = load(model)
    rows = read_rows(table, trained)
    notes = [*notes_of(rows), *trained.check(rows)]
    predictions = _predictions(trained, rows, proba, keep or [])
    if not quiet:
        for note in notes:
            terminal.note(note)
    write_table(predictions, out)
    if out is not None and not quiet:
        print(f"{predictions.num_rows:,} predictions written to {out}")


def _predictions(model: Model, rows: pa.Table, proba: bool, keep: list[str]) -> pa.Table:
    """The kept columns, a column for each target, and one for the probability of each class."""
    import pyarrow as pa

    from glassnet.errors import Faults, TableError, nearest

    faults = Faults(TableError)
    if proba and model.target.classes is None:
        faults.add("--proba is for classes, but this model predicts numbers.")
    for name in keep:
        if name not in rows.column_names:
            faults.add(
                f"--keep {name!r}: there is no such column in the table.{nearest(name, rows.column_names)}"
            )
    faults.raise_if_any()

    columns: dict[str, Any] = {name: rows.column(name) for name in keep}
    values = model.predict(rows)
    for name, own in zip(model.target.columns, values.reshape(len(values), -1).T, strict=True):
        columns[name if name not in columns else f"predicted_{name}"] = pa.array(own.tolist())
    if proba:
        for label, own in zip(model.classes, model.predict_proba(rows).T, strict=True):
            columns[f"probability_{label}"] = pa.array(own)
    return pa.table(columns)
