"""Arguments and options that several verbs have, and the command class that prints their help."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from glassnet.cli.completion import column, one_of

MODEL: Any = typer.Argument(metavar="MODEL", help="A model that glassnet train saved.", show_default=False)
QUIET: Any = typer.Option("--quiet", "-q", help="Print nothing but errors.")

JSON: Any = typer.Option("--json", help="Print one JSON document, with every figure, instead of text.")

ModelPath = Annotated[str, MODEL]
Quiet = Annotated[bool, QUIET]
AsJson = Annotated[bool, JSON]
Theme = Annotated[
    str,
    typer.Option(
        "--theme",
        metavar="THEME",
        autocompletion=one_of(("light", "dark")),
        help="Of the pictures: light or dark.",
    ),
]

ForTarget = Annotated[
    str | None,
    typer.Option(
        "--for-target",
        metavar="COLUMN",
        help="Which target, where the model has several targets of classes.",
        autocompletion=column,
    ),
]

Member = Annotated[
    int | None,
    typer.Option(
        "--member",
        metavar="NUMBER",
        help="Which network, counted from 0, where the model has several.",
    ),
]

RawText = Annotated[
    bool,
    typer.Option(
        "--raw-text",
        help="In CSV, write texts as they are; by default ' precedes a text that a spreadsheet would compute.",
    ),
]


def out_option(help: str) -> Any:
    """The option ``--out``."""
    return typer.Option("--out", "-o", metavar="FILE", help=help)


class _PlainHelp:
    """The help of a command, which names arguments and options without Python's types."""

    def get_params(self, ctx: Any) -> list[Any]:
        params: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for param in params:
            if param.param_type_name == "argument" or getattr(param, "is_flag", False):
                param.display_type_rich = _no_type
            elif param.metavar is None:
                param.metavar = "NUMBER"
        return params

    def format_help(self, ctx: Any, formatter: Any) -> None:
        for param in self.get_params(ctx):
            if param.secondary_opts:  # both names of a flag in one, which takes less of a narrow terminal
                param.opts, param.secondary_opts = [f"--[no-]{param.opts[0].lstrip('-')}"], []
        super().format_help(ctx, formatter)  # type: ignore[misc]

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        return [piece.replace("{", "").replace("}", "") for piece in super().collect_usage_pieces(ctx)]  # type: ignore[misc]


class Command(_PlainHelp, typer.core.TyperCommand):
    """A single verb."""


class Group(_PlainHelp, typer.core.TyperGroup):
    """All verbs."""


def _no_type(ctx: Any) -> None:
    return None


def column_option(name: str, help: str) -> Any:
    """An option that names a column of the table."""
    return typer.Option(name, metavar="COLUMN", autocompletion=column, help=help)


TargetColumns = Annotated[
    list[str] | None,
    typer.Option(
        "--target",
        "-t",
        metavar="COLUMN",
        autocompletion=column,
        help="The column to predict; may be given several times. Default, for the penguins: species.",
    ),
]
