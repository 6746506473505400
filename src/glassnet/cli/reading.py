"""The options of reading a table, which all commands that read one have, and the conversion of their text to values."""

from __future__ import annotations

import csv
import inspect
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

import typer

from glassnet.cli.completion import one_of
from glassnet.errors import TableError

BLANKS = {"tab": "\t", r"\t": "\t", "space": " "}  # how marks are written that a shell cannot show
NONE = "none"


class _Option(NamedTuple):
    metavar: str
    help: str
    choices: tuple[str, ...] = ()


OPTIONS = {
    "delimiter": _Option("TEXT", "The text between two fields; also tab or space.", ("tab", "space")),
    "header": _Option(
        "ROWS",
        "The row with the names, from 0; several, as 0,1; none; or the names themselves, as a,b,c.",
        ("infer", NONE),
    ),
    "skip_rows": _Option("NUMBER", "How many lines stand above the table."),
    "decimal": _Option("MARK", "The decimal mark, where the numbers leave it open: . or ,", (".", ",")),
    "thousands": _Option("MARK", "The mark between groups of digits: , . ' or space.", (".", ",", "'", "space")),
    "missing": _Option(
        "WORD", "A word that stands for a missing value; or COLUMN=WORD,WORD. May be given several times."
    ),
    "sheet": _Option("SHEET", "The sheet of a workbook: its name, or its number from 0."),
    "encoding": _Option("NAME", "The encoding of a text, as utf-8 or cp1252."),
    "max_size": _Option("SIZE", "How large the table may become when it is unpacked, as 8G."),
}  # fmt: skip


def parameters() -> list[inspect.Parameter]:
    """One parameter, which Typer makes an option of, for each option of reading."""
    return [_parameter(name, option) for name, option in OPTIONS.items()]


def _parameter(name: str, option: _Option) -> inspect.Parameter:
    described = typer.Option(
        "--" + name.replace("_", "-"),
        metavar=option.metavar,
        help=option.help,
        show_default=False,
        rich_help_panel="Reading",
        autocompletion=one_of(option.choices) if option.choices else None,
    )
    text: Any = list[str] | None if name == "missing" else str | None
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[text, described]
    )


def read_keywords(given: Mapping[str, Any]) -> dict[str, Any]:
    """The keywords of :func:`glassnet.tables.read_table` that the options ``given`` stand for.

    Raises:
        TableError: words for missing values both with and without a column.
    """
    return {name: _value(name, text) for name, text in given.items() if name in OPTIONS and text is not None}


def _value(name: str, text: Any) -> Any:
    if name == "missing":
        return _missing(text)
    if name == "header":
        return _header(text)
    if name == "skip_rows":
        return int(text) if text.isdecimal() else text
    if name in ("delimiter", "thousands"):
        return BLANKS.get(text, text)
    return text


def _header(text: str) -> Any:
    if text in ("infer", NONE):
        return None if text == NONE else text
    parts = [part.strip() for part in next(csv.reader([text]))] or [text]
    if not all(part.isdecimal() for part in parts):
        return parts
    rows = [int(part) for part in parts]
    return rows if len(rows) > 1 else rows[0]


def _missing(texts: list[str]) -> Any:
    columns = [text.partition("=") for text in texts]
    if not any(mark for _, mark, _ in columns):
        return texts
    if not all(mark for _, mark, _ in columns):
        raise TableError(
            f"--missing is given both with and without a column ({', '.join(texts)}); give words for all columns, or a "
            "column with each."
        )
    return {name: words.split(",") for name, _, words in columns}
