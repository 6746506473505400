"""``glassnet explain``"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, cast

import pyarrow as pa
import typer

from glassnet.cli.arguments import AsJson, ForTarget, Member, ModelPath, RawText, out_option
from glassnet.cli.completion import one_of
from glassnet.cli.outputs import check_out, write_json, write_table, write_text
from glassnet.cli.rows import load_for, one_row, read_rows
from glassnet.cli.settings_options import as_options
from glassnet.cli.terminal import render
from glassnet.errors import Faults, InputError, spelled, unknown

FORMS = ("text", "latex", "html", "csv")


def explain(
    model: ModelPath,
    table: Annotated[
        str,
        typer.Argument(
            metavar="TABLE",
            help="Rows: CSV, Parquet, Arrow, JSON; - for standard input; penguins for the bundled table. With the "
            "target, the backward pass is shown, too.",
            show_default=False,
        ),
    ],
    row: Annotated[int, typer.Option("--row", "-r", metavar="ROW", help="Which row, counted from 0.")] = 0,
    contributions: Annotated[
        bool,
        typer.Option(
            "--contributions", help="Show what each column contributed (integrated gradients) instead."
        ),
    ] = False,
    output: Annotated[
        str | None,
        typer.Option("--output", metavar="NAME", help="contributions: to which class or target."),
    ] = None,
    importances: Annotated[
        bool,
        typer.Option(
            "--importances", help="Show which columns matter over all rows instead, by five methods."
        ),
    ] = False,
    layer: Annotated[
        int | None, typer.Option("--layer", metavar="LAYER", help="Show the numbers of this layer, from 1.")
    ] = None,
    neuron: Annotated[
        str | None,
        typer.Option("--neuron", metavar="NEURON", help="Only this neuron of the layer: its name or number."),
    ] = None,
    digits: Annotated[
        str, typer.Option("--digits", metavar="NUMBER", help="Figures of each number, or all: every digit.")
    ] = "4",
    terms: Annotated[
        int, typer.Option("--terms", help="Terms of a sum that are shown, the largest; 0 for all.")
    ] = 8,
    neurons: Annotated[
        int,
        typer.Option("--neurons", help="Neurons of a layer that are shown, those that matter; 0 for all."),
    ] = 8,
    most: Annotated[
        int, typer.Option("--most", help="Columns of contributions or importances that are shown; 0 for all.")
    ] = 20,
    form: Annotated[
        str,
        typer.Option(
            "--form", metavar="FORM", autocompletion=one_of(FORMS), help=f"One of {', '.join(FORMS)}."
        ),
    ] = "text",
    out: Annotated[Path | None, out_option("Where it is written. Default: standard output.")] = None,
    raw_text: RawText = False,
    json: AsJson = False,
    for_target: ForTarget = None,
    member: Member = None,
    **reading: Any,
) -> None:
    """Explain a prediction: every product, sum and activation, and the backward pass.

    First a summary that fits a screen; then one layer, one neuron, or everything with all digits: inputs, weights
    and biases with all their figures, results with the figures that a recalculation from the printed numbers gives.
    What is left out is counted and summed up.

    Examples:
      glassnet explain model.glassnet houses.csv --row 12
      glassnet explain model.glassnet houses.csv --row 12 --layer 2 --neuron 5
      glassnet explain model.glassnet houses.csv --row 12 --digits all | less
      glassnet explain model.glassnet houses.csv --row 12 --contributions
      glassnet explain model.glassnet houses.csv --importances
      glassnet explain model.glassnet houses.csv --form html --out row.html
    """
    faults = Faults(InputError)
    if form not in FORMS:
        faults.add(unknown("--form", form, FORMS))
    if contributions and importances:
        faults.add("--contributions is about one row, --importances about all rows; give one of them.")
    if json and (form != "text" or out is not None):
        faults.add("--json is printed on standard output; give it without --form and --out.")
    for option, count in (("--terms", terms), ("--neurons", neurons), ("--most", most)):
        if count < 0:
            faults.add(f"{option} is {count}, but must be at least 1, or 0, which shows all.")
    if out is not None:
        check_out(out, faults, model, table)
    faults.raise_if_any()
    trained = load_for(model, for_target)
    rows = read_rows(table, trained, reading)
    options: dict[str, Any] = {"most": most or None}
    if importances:
        what, found = "importances", cast(Any, trained.importances(rows, member=member))
    elif contributions:
        what, found = "contributions", trained.attributions(one_row(rows, row), output=output, member=member)
    else:
        what, found = "arithmetic", trained.explain(one_row(rows, row), member=member)
        options = {"layer": layer, "neuron": neuron, "digits": int(digits) if digits.isdecimal() else digits}
        options |= {"terms": terms or None, "neurons": neurons or None}
    if json:
        write_json("explain", **{what: found})
        return
    if form == "csv":
        write_table(pa.table(found.to_frame()), out, raw_text=raw_text)
        return
    with spelled(lambda name, *value: as_options(name, *(each or 0 for each in value))):
        if form == "text" and out is None:
            text = render(found.blocks(**options))
        else:
            text = getattr(found, f"to_{form}")(**options)
    write_text(text + "\n", out)
