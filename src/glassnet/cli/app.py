"""The verbs, put together."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from glassnet.cli import compare, doctor, draw, explain, lesson, predict, show, train
from glassnet.cli.signature import with_parameters
from glassnet.version import VERSION

VERBS = (train, predict, show, explain, draw, compare, doctor, lesson)
COMPLETION = "_GLASSNET_COMPLETE"  # set by the shell when it asks for completions


def build(arguments: Sequence[str]) -> Any:
    """The command ``glassnet``, of Typer's own command class, for these ``arguments``.

    What these arguments cannot ask for is left out, so that all else starts at once: the other verbs where one is
    named, and the options of ``train`` that are not used. Those are written from the table of settings, which needs
    NumPy and the chapter.
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
    verbs = {verb.__name__.rpartition(".")[2]: verb for verb in VERBS}
    asked = arguments[0] if arguments else ""
    for name in [asked] if asked in verbs and COMPLETION not in os.environ else verbs:
        verb = verbs[name]
        app.command(name, help=_help(getattr(verb, name)))(_command(verb, name, arguments))
    return typer.main.get_command(app)


def _command(verb: Any, name: str, arguments: Sequence[str]) -> Callable[..., None]:
    if verb is not train:
        return getattr(verb, name)
    settings: list[inspect.Parameter] = []
    if name in arguments or COMPLETION in os.environ:
        from glassnet.cli.settings_options import parameters

        settings = _used(parameters(), arguments)
    return with_parameters(train.train, settings)


def _used(settings: list[inspect.Parameter], arguments: Sequence[str]) -> list[inspect.Parameter]:
    """The settings whose options are among the arguments; all of them if one is no option of ``train``.

    Typer takes half a millisecond for every option that it knows of.
    """
    own = inspect.signature(train.train, eval_str=True).parameters.values()
    known = {each.name: each for each in settings}
    named = {name: key for key, each in known.items() for name in _options(each)}
    others = {name for each in own for name in _options(each)}
    given = {argument.partition("=")[0] for argument in arguments if argument.startswith("-")}
    if COMPLETION in os.environ or not given <= {*named, *others}:
        return settings
    return [known[key] for key in known if any(named.get(name) == key for name in given)]


def _options(parameter: inspect.Parameter) -> list[str]:
    """What a parameter is called on the command line: ``--seed``, or ``--quiet`` and ``-q``."""
    described = getattr(parameter.annotation, "__metadata__", ())
    # Typer takes the first name for a default value until it knows better
    texts = [text for each in described for text in (each.default, *(each.param_decls or ()))]
    return [
        name for text in texts if isinstance(text, str) for name in text.split("/") if name.startswith("-")
    ]


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
        print(f"glassnet {VERSION}")
        raise typer.Exit
