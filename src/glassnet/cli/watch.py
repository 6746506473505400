"""``glassnet watch``"""

from __future__ import annotations

import time
import warnings
from typing import Annotated, Any

import typer

from glassnet.cli.completion import column
from glassnet.cli.process import forgo_pandas
from glassnet.cli.reading import read_keywords
from glassnet.cli.rows import read_source
from glassnet.cli.terminal import print_text
from glassnet.errors import InputError, TableError


def watch(
    table: Annotated[
        str | None,
        typer.Argument(
            metavar="TABLE",
            help="CSV, Parquet, Arrow or JSON. Default: the worked example of glassnet lesson.",
            show_default=False,
        ),
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option(
            "--target", "-t", metavar="COLUMN", autocompletion=column, help="The column to predict."
        ),
    ] = None,
    hidden: Annotated[
        str | None, typer.Option("--hidden", metavar="WIDTHS", help="Neurons in each hidden layer: 8,4.")
    ] = None,
    learning_rate: Annotated[float | None, typer.Option("--learning-rate", help="Step size.")] = None,
    epochs: Annotated[int | None, typer.Option("--epochs", min=1, help="Maximum number of epochs.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Makes the training repeatable.")] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="Of the server at 127.0.0.1.")
    ] = None,
    browser: Annotated[
        bool,
        typer.Option(
            "--browser/--no-browser",
            show_default=False,
            help="Whether to open the page in the browser. Default: yes.",
        ),
    ] = True,
    **reading: Any,
) -> None:
    """Watch a network learn: open a page in the browser on which it is trained, seen and steered.

    Examples:
      glassnet watch
      glassnet watch houses.csv --target price
    """
    from glassnet.watching import watch as open_page

    forgo_pandas()
    if table is not None and not target:
        raise TableError("there is no target: name the column to predict with --target.")
    given: dict[str, Any] = {"learning_rate": learning_rate, "epochs": epochs, "seed": seed}
    if hidden is not None:
        given["hidden"] = _widths(hidden)
    settings = {name: value for name, value in given.items() if value is not None}
    chosen = target[0] if target and len(target) == 1 else target
    try:
        source = table if table is None or not read_keywords(reading) else read_source(table, reading)
        server = open_page(source, chosen, browser=browser, port=port, **settings)
    except ImportError as error:
        raise InputError(str(error)) from None
    # a training that is replaced on the page by another one is no reason to warn
    warnings.filterwarnings("ignore", "training was stopped before its first epoch", RuntimeWarning)
    print_text(f"The page is at {server.url}\nCtrl-C ends it.")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        pass
    finally:
        server.close()


def _widths(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",") if part]
    except ValueError:
        raise InputError(
            f"--hidden is {text!r}, but must be whole numbers with commas, such as 8,4."
        ) from None
