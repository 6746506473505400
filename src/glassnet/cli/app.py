"""The verbs, put together."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

import glassnet
from glassnet.cli import compare, doctor, draw, explain, lesson, predict, show, train
from glassnet.cli.signature import with_parameters

VERBS = (train, predict, show, explain, draw, compare, doctor, lesson)
COMPLETION = "_GLASSNET_COMPLETE"  # set by the shell when it asks for completions


def build(arguments: Sequence[str]) -> Any:
    """The command ``glassnet``, of Typer's own command class, for these ``arguments``.

    The options of ``train`` are written from the table of settings, which needs NumPy and the chapter;
    they are left out where nobody can see them, so that all else starts at once.
    """
    app = typer.Typer(
        name="glassnet",
        help="A see-through multi-layer perceptron for tables: fit it, look inside, use it.",
        epilog="Start with: glassnet lesson, or: glassnet train. Examples: glassnet train --help",
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    app.callback()(_root)
    for verb in VERBS:
        name = verb.__name__.rpartition(".")[2]
        app.command(name, help=_help(getattr(verb, name)))(_command(verb, name, arguments))
    return typer.main.get_command(app)


def _command(verb: Any, name: str, arguments: Sequence[str]) -> Callable[..., None]:
    if verb is not train:
        return getattr(verb, name)
    settings: list[inspect.Parameter] = []
    if name in arguments or COMPLETION in os.environ:
        from glassnet.cli.settings_options import parameters

        settings = parameters()
    return with_parameters(train.train, settings)


def _help(verb: Callable[..., None]) -> str:
    """The docstring of ``verb``, one line a paragraph, so that it fits any terminal; examples stay as they are."""
    paragraphs = inspect.cleandoc(verb.__doc__ or "").split("\n\n")
    return "\n\n".join(text if text.startswith("Example") else " ".join(text.split()) for text in paragraphs)


def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=lambda asked: _show_version(asked), is_eager=True, help="Show the version."
        ),
    ] = False,
) -> None:
    pass


def _show_version(asked: bool) -> None:
    if asked:
        print(f"glassnet {glassnet.__version__}")
        raise typer.Exit
