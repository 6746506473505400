"""``glassnet predict``"""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import typer

from glassnet.cli import terminal
from glassnet.cli.arguments import AsJson, ModelPath, RawText, column_option, out_option
from glassnet.cli.outputs import check_table_out, write_json, write_tables
from glassnet.cli.rows import in_blocks
from glassnet.cli.settings_options import as_options
from glassnet.errors import Faults, InputError, TableError, nearest, reporting_to, spelled
from glassnet.intervals import predicted_within
from glassnet.model import Model, load
from glassnet.net.arrays import Array
from glassnet.tables import Note, ReadTable
from glassnet.tables.schema import REGRESSION
from glassnet.targets import Targets, encodings_of
from glassnet.targets.predictions import columns_of, decoded, interval_columns, probability_columns
from glassnet.text import to_json


def predict(
    model: ModelPath,
    table: Annotated[
        str,
        typer.Argument(
            metavar="TABLE",
            help="The rows to predict: CSV, Parquet, Arrow, JSON; a folder or a quoted pattern of such files; - for "
            "standard input; penguins for the bundled one.",
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
    noted: list[Note] = []

    def predicted(rows: ReadTable) -> pa.Table:
        with reporting_to(lambda notes: None):  # printed here, with all other notes
            predictions, notes = _predictions(trained, rows, proba, interval, unlike, keep or [])
        new = [note for note in notes if note not in noted]
        noted.extend(new)
        if not quiet:
            terminal.notes(new)
        return predictions

    parts = in_blocks(table, trained, reading, predicted)
    if json:
        predictions = pa.concat_tables(parts, promote_options="permissive")
        write_json("predict", predictions=predictions.to_pydict(), notes=noted)
        return
    if out is None or out.suffix.lower() != ".parquet":  # which has lists
        parts = (_flat(part, trained.target) for part in parts)
    first = next(parts)  # faults of the call are said before anything is written
    count = write_tables(chain([first], parts), out, raw_text=raw_text)
    if out is not None and not quiet:
        terminal.print_text(f"{count:,} predictions written to {out}")


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

    _check_names(model, proba, interval, unlike)
    encoded = model.encode(rows)
    reasons = [text or None for text in model.unlike(encoded).texts] if unlike else None
    found = _added(model, model.known_outputs(encoded.inputs), proba, interval, reasons)
    columns: dict[str, Any] = {name: rows.column(name).to_arrow() for name in keep}
    own = {name for _, name, _ in found}
    for _, name, values in found:
        shown = name
        while shown in columns or (shown != name and shown in own):
            shown = f"predicted_{shown}"
        columns[shown] = values
    return pa.table(columns), encoded.notes


def _added(
    model: Model, outputs: Array, proba: bool, interval: float | None, reasons: list[str | None] | None
) -> list[tuple[str, str, Any]]:
    """The option, name and values of each column that is predicted from ``outputs`` (N, O), or given as ``reasons``."""
    target = model.target
    predicted = decoded(target, outputs)
    found = [("", name, pa.array(own)) for name, own in columns_of(target, predicted, False).items()]
    if proba:
        found += [("--proba", name, pa.array(own)) for name, own in probability_columns(target, predicted)]
    if interval is not None:
        with spelled(as_options):
            within = predicted_within(target, outputs, (model.holdout, model.validation), interval)
        labels = [pa.array(own.labels).type for own in encodings_of(target)]
        for at, (name, own) in enumerate(interval_columns(target, within).items()):
            kind = None if target.task == REGRESSION else pa.list_(labels[at])  # all sets may be empty
            found.append(("--interval", name, pa.array(own, kind)))
    if reasons is not None:
        found.append(("--unlike", "unlike", pa.array(reasons, pa.string())))
    return found


def _check_names(model: Model, proba: bool, interval: float | None, unlike: bool) -> None:
    """Raise an error if two columns that are added to the kept ones have the same name."""
    faults, names = Faults(TableError), set[str]()
    outputs = np.zeros((1, model.members[0].network.outputs), model.dtype)
    for option, name, _ in _added(model, outputs, proba, interval, [None] if unlike else None):
        if name in names:
            faults.add(
                f"{option} adds a column {name!r}, but another column of the predictions has that name: leave {option} "
                "out, or train with another name of the target."
            )
        names.add(name)
    faults.raise_if_any()


def _flat(table: pa.Table, target: Targets) -> pa.Table:
    """``table`` for CSV, where a set is one text: its labels with `` | `` between them.

    If a label has such a character, sets are lists in JSON: the labels could not be told apart.
    """
    ambiguous = any("|" in str(label) for own in encodings_of(target) for label in own.labels.tolist())
    write = to_json if ambiguous else _joined
    for at, field in enumerate(table.schema):
        if pa.types.is_list(field.type):
            texts = [write(each) for each in table.column(at).to_pylist()]
            table = table.set_column(at, field.name, pa.array(texts, pa.string()))
    return table


def _joined(labels: list[Any]) -> str:
    return " | ".join(map(str, labels))
