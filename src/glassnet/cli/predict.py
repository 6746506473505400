"""``glassnet predict``"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pyarrow as pa
import typer

from glassnet.cli import terminal
from glassnet.cli.arguments import AsJson, ModelPath, RawText, column_option, out_option
from glassnet.cli.outputs import check_table_out, write_json, write_table
from glassnet.cli.rows import read_rows
from glassnet.cli.settings_options import as_options
from glassnet.errors import Faults, InputError, TableError, nearest, reporting_to, spelled
from glassnet.model import Model, load
from glassnet.tables import Note, ReadTable
from glassnet.tables.schema import REGRESSION
from glassnet.targets.predictions import interval_columns, predicted_columns


def predict(
    model: ModelPath,
    table: Annotated[
        str,
        typer.Argument(
            metavar="TABLE",
            help="The rows to predict: CSV, Parquet, Arrow, JSON; - for standard input; penguins for the bundled one.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path | None,
        out_option("Where the predictions are written: .csv or .parquet. Default: standard output."),
    ] = None,
    proba: Annotated[bool, typer.Option("--proba", help="Add the probability of every class.")] = False,
    interval: Annotated[
        float | None,
        typer.Option(
            "--interval",
            metavar="SHARE",
            help="Add what holds the actual value of this share of the rows, such as 0.9: columns lower and upper for "
            "numbers, the set of possible classes otherwise.",
        ),
    ] = None,
    unlike: Annotated[
        bool,
        typer.Option(
            "--unlike",
            help="Add a column with the reasons why a row is unlike the training rows, empty where it is not.",
        ),
    ] = False,
    keep: Annotated[
        list[str] | None,
        column_option("--keep", "Copy this column of the table; may be given several times."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print no notes.")] = False,
    raw_text: RawText = False,
    json: AsJson = False,
    **reading: Any,
) -> None:
    """Predict the target for the rows of a table, in their order.

    Examples:
      glassnet predict model.glassnet new.csv --out predictions.csv
      glassnet predict model.glassnet new.csv --proba --keep id | head
      glassnet predict model.glassnet new.csv --interval 0.9 --unlike
    """
    out = None if out is None or str(out) == "-" else out
    faults = Faults(InputError)
    if json and out is not None:
        faults.add("--json is printed on standard output; give it without --out.")
    elif out is not None:
        check_table_out(out, faults, model, table)
    faults.raise_if_any()
    trained = load(model)
    rows = read_rows(table, trained, reading)
    with reporting_to(lambda notes: None):  # printed here, with all other notes
        predictions, notes = _predictions(trained, rows, proba, interval, unlike, keep or [])
    if not quiet:
        terminal.notes(notes)
    if json:
        write_json("predict", predictions=predictions.to_pydict(), notes=notes)
        return
    write_table(_flat(predictions, out), out, raw_text=raw_text)
    if out is not None and not quiet:
        terminal.print_text(f"{predictions.num_rows:,} predictions written to {out}")


def _predictions(
    model: Model, rows: ReadTable, proba: bool, interval: float | None, unlike: bool, keep: list[str]
) -> tuple[pa.Table, list[Note]]:
    """The kept columns, a column for each target, one for the probability of each class, those of the interval or set,
    and one of reasons why rows are unlike the training rows; and notes on the rows."""
    faults = Faults(TableError)
    if proba and model.schema.task == REGRESSION:
        faults.add("--proba is for classes, but this model predicts numbers.")
    for name in keep:
        if name not in rows.column_names:
            faults.add(
                f"--keep {name!r}: there is no such column in the table.{nearest(name, rows.column_names)}"
            )
    faults.raise_if_any()

    columns: dict[str, Any] = {name: rows.column(name).to_arrow() for name in keep}
    encoded = model.encode(rows)
    outputs = model.known_outputs(encoded.inputs)
    found = predicted_columns(model.target, outputs, proba)
    if interval is not None:
        with spelled(as_options):
            found |= interval_columns(model.target, model.predict(encoded, interval=interval))
    if unlike:
        found["unlike"] = pa.array([text or None for text in model.unlike(encoded).texts], pa.string())
    for name, own in found.items():
        columns[name if name not in columns else f"predicted_{name}"] = pa.array(own)
    return pa.table(columns), encoded.notes


def _flat(table: pa.Table, out: Path | None) -> pa.Table:
    """``table`` for CSV, where a set is one text: its labels with `` | `` between them. Parquet has lists."""
    if out is not None and out.suffix.lower() == ".parquet":
        return table
    for at, field in enumerate(table.schema):
        if pa.types.is_list(field.type):
            texts = [" | ".join(map(str, each)) for each in table.column(at).to_pylist()]
            table = table.set_column(at, field.name, pa.array(texts))
    return table
