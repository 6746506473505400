"""``glassnet draw``"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glassnet.cli.arguments import ForTarget, Member, ModelPath, Quiet, Theme, column_option
from glassnet.cli.completion import one_of
from glassnet.cli.outputs import check_out
from glassnet.cli.rows import load_for, one_row, read_rows
from glassnet.cli.terminal import print_text
from glassnet.errors import Faults, InputError, unknown

if TYPE_CHECKING:
    from types import ModuleType

# As in glassnet.pictures.CATALOG, which is not loaded until something is drawn.
PICTURES = (
    "network", "initial", "flow", "gradients", "activations", "curves", "weights", "activation-histograms",
    "first-layer", "confusion", "reliability", "roc", "precision-recall", "predictions", "residuals", "importances",
    "profile", "surface",
)  # fmt: skip


def draw(
    model: ModelPath,
    what: Annotated[
        str,
        typer.Option(
            "--what",
            "-w",
            metavar="PICTURE",
            help=f"One of {', '.join(PICTURES)}.",
            autocompletion=one_of(PICTURES),
        ),
    ] = "network",
    table: Annotated[
        str | None,
        typer.Option(
            "--table",
            "-t",
            metavar="TABLE",
            help="Rows, for the pictures that need some; - for standard input.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="The file to write: .png, .svg, .pdf, .jpg or .webp. Default: the picture's name, as .png.",
        ),
    ] = None,
    theme: Theme = "light",
    x: Annotated[
        str | None,
        column_option("--x", "surface: the column across."),
    ] = None,
    y: Annotated[
        str | None,
        column_option("--y", "surface: the column up."),
    ] = None,
    column: Annotated[
        str | None,
        column_option("--column", "profile: which column."),
    ] = None,
    row: Annotated[
        int | None, typer.Option("--row", metavar="ROW", help="flow: which row, counted from 0.")
    ] = None,
    max_display: Annotated[
        int | None,
        typer.Option("--max-display", help="Draw at most this many neurons per layer, or inputs."),
    ] = None,
    layer: Annotated[
        int | None,
        typer.Option(
            "--layer", metavar="LAYER", help="weights, activation-histograms: one layer, counted from 1."
        ),
    ] = None,
    image: Annotated[
        str | None,
        typer.Option(
            "--image",
            metavar="SIZE",
            help="first-layer: the inputs are pixels, such as 28x28, height and width; in color, 32x32x3.",
        ),
    ] = None,
    quiet: Quiet = False,
    for_target: ForTarget = None,
    member: Member = None,
    **reading: Any,
) -> None:
    """Draw a picture of a saved model.

    Examples:
      glassnet draw model.glassnet
      glassnet draw model.glassnet --what curves --theme dark --out curves.svg
      glassnet draw model.glassnet --what surface --table houses.csv --x size --y age
    """
    pictures = drawing()
    out = Path(f"{what}.png") if out is None else out
    faults = Faults(InputError)
    if what not in pictures.CATALOG:
        faults.add(unknown("--what", what, pictures.CATALOG))
    if theme not in pictures.THEMES:
        faults.add(unknown("--theme", theme, pictures.THEMES))
    try:
        pictures.check_ending(out)
    except InputError as error:
        faults.add(str(error))
    if row is not None and what != "flow":
        faults.add(f"--row is for the picture flow, not for {what}.")
    if image is not None and not re.fullmatch(r"\d+x\d+(x3)?", image):
        faults.add(f"--image is {image!r}, but must be such as 28x28, height and width, or 28x28x3 in color.")
    check_out(out, faults, model, table)
    faults.raise_if_any()
    given = {
        "title": None if row is None else f"Row {row} through the network",
        "x": x,
        "y": y,
        "column": column,
        "max_display": max_display,
        "layer": layer,
        "image": None if image is None else tuple(map(int, image.split("x"))),
    }
    options: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    trained = load_for(model, for_target)
    rows = None if table is None else read_rows(table, trained, reading)
    if row is not None and rows is not None:
        rows = one_row(rows, row)
    axes = trained.draw(what, rows, theme=theme, member=member, **options)
    pictures.save(axes, out)
    if not quiet:
        print_text(f"{what} drawn to {out}")


def drawing() -> ModuleType:
    """:mod:`glassnet.pictures`, or one clear line where Matplotlib is missing."""
    try:
        from glassnet import pictures
    except ImportError as error:
        raise InputError(str(error)) from None
    return pictures
