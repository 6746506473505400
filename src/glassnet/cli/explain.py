"""``glassnet explain``"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

FORMS = ("text", "latex", "html", "csv")


def explain(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="A model that glassnet train saved.", show_default=False)
    ],
    table: Annotated[
        str,
        typer.Argument(
            metavar="TABLE",
            help="Rows: CSV, Parquet, Arrow, JSON; - for standard input. With the target, the way back is shown too.",
            show_default=False,
        ),
    ],
    row: Annotated[int, typer.Option("--row", "-r", help="Which row, counted from 1.")] = 1,
    contributions: Annotated[
        bool,
        typer.Option(
            "--contributions", help="Show what each column contributed (integrated gradients) instead."
        ),
    ] = False,
    importances: Annotated[
        bool,
        typer.Option(
            "--importances", help="Show which columns matter over all rows instead, by five measures."
        ),
    ] = False,
    terms: Annotated[
        int, typer.Option("--terms", help="Terms of a sum that are shown, the largest; 0 for all.")
    ] = 8,
    neurons: Annotated[
        int,
        typer.Option("--neurons", help="Neurons of a layer that are shown, those that matter; 0 for all."),
    ] = 8,
    form: Annotated[str, typer.Option("--form", metavar="FORM", help=f"One of {', '.join(FORMS)}.")] = "text",
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Where it goes. Default: standard output."),
    ] = None,
) -> None:
    """Explain a prediction: every product, sum and activation, and the way back for learning.

    Terms are printed with all their figures, results with those that whoever redoes the sums will find.
    What is left out for length is said, with what it adds up to.

    Examples:
      glassnet explain model.glassnet houses.csv --row 12
      glassnet explain model.glassnet houses.csv --row 12 --contributions
      glassnet explain model.glassnet houses.csv --importances
      glassnet explain model.glassnet houses.csv --form html --out row.html
    """
    from glassnet.cli.outputs import check_out, write_text
    from glassnet.cli.rows import one_row, read_rows
    from glassnet.errors import Faults, InputError, unknown
    from glassnet.model import load

    faults = Faults(InputError)
    if form not in FORMS:
        faults.add(unknown("--form", form, FORMS))
    if (contributions or importances) and form not in ("text", "csv"):
        faults.add(f"--form {form} is for the arithmetic of a row; what columns contribute is text or csv.")
    if contributions and importances:
        faults.add("--contributions is of a row, --importances of all rows: ask for one of them.")
    for option, count in (("--terms", terms), ("--neurons", neurons)):
        if count < 0:
            faults.add(f"{option} is {count}, but must be at least 1, or 0, which shows all.")
    if out is not None:
        check_out(out, faults, model, table)
    faults.raise_if_any()
    trained = load(model)
    rows = read_rows(table, trained)
    if importances:
        found: Any = trained.importances(rows)
    else:
        own = one_row(rows, row)
        found = trained.attributions(own) if contributions else trained.explain(own)
    if form == "csv":
        write_text(_csv(found), out)
    elif contributions or importances:
        write_text(found.to_text() + "\n", out)
    else:
        write_text(getattr(found, f"to_{form}")(terms or None, neurons or None) + "\n", out)


def _csv(found: Any) -> str:
    import io

    from glassnet.cli.outputs import write_csv
    from glassnet.tables import read_table

    stream = io.BytesIO()
    write_csv(read_table(found.to_frame()), stream)
    return stream.getvalue().decode("utf-8")
