"""The command line application: all commands, and how their options are read."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Annotated, Any

import typer

from glassnet.cli.arguments import Command, Group
from glassnet.cli.completion import words_typed
from glassnet.cli.signature import with_parameters
from glassnet.version import VERSION

VERBS = {  # each in the module of its name, which is loaded when it is asked for
    "train": "Train a network on a table, and save it.",
    "search": "Search for the settings with which a network predicts best, and save the best model.",
    "predict": "Predict the target for the rows of a table.",
    "show": "Show a saved model: columns, settings, history, layers, weights, provenance.",
    "explain": "Explain a prediction: every product, sum and activation, and the backward pass.",
    "what-if": "Find the smallest change of a row that gets another prediction.",
    "mistakes": "List the rows that a model predicts wrongly, the most surprising first.",
    "draw": "Draw a picture of a saved model.",
    "report": "Write a report: one HTML file in which the network can be explored.",
    "export": "Write a model as a file of another language, with a proof that it answers the same.",
    "verify": "Prove again that an export answers as its model does. This runs the export.",
    "compare": "Compare two models, or two epochs of one training, down to single weights.",
    "card": "Write the model card: limits, figures with intervals, data, settings, a script.",
    "doctor": "Look for problems of a model, its training and its table.",
    "serve": "Serve models over HTTP: predictions, explanations, the KServe V2 protocol, metrics.",
    "watch": "Watch a network learn: open a page on which it is trained, seen and steered.",
    "lesson": "Show how a small network computes and how it learns, with every number.",
}
COMPLETION = "_GLASSNET_COMPLETE"  # set by the shell when it asks for completions


def build(arguments: Sequence[str]) -> Any:
    """The command ``glassnet`` for these ``arguments``, of Typer's own command class.

    Only the verb that is asked for is loaded, and of its settings only those that are used are built, so that the
    command starts quickly. Without a verb, all of them are listed and none is loaded.
    """
    app = typer.Typer(
        name="glassnet",
        cls=Group,
        help="Multi-layer perceptrons for tables: train a model, look inside it, use it.",
        epilog="Start with: glassnet lesson, or: glassnet train. Examples: glassnet train --help",
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    app.callback()(_root)
    if COMPLETION in os.environ:
        with suppress(ValueError):
            arguments = words_typed()
    asked = arguments[0] if arguments else ""
    if asked in VERBS:
        verb = _verb(asked, arguments)
        app.command(asked, cls=Command, help=_help(verb))(verb)
    else:
        for name, summary in VERBS.items():
            app.command(name, help=summary)(lambda: None)
    return typer.main.get_command(app)


def _in_python(verb: str) -> str:
    """The name of the module and of the function of a verb."""
    return verb.replace("-", "_")


def _verb(name: str, arguments: Sequence[str]) -> Callable[..., None]:
    verb: Callable[..., None] = getattr(import_module(f"glassnet.cli.{_in_python(name)}"), _in_python(name))
    if not any(own.kind is own.VAR_KEYWORD for own in inspect.signature(verb).parameters.values()):
        return verb
    from glassnet.cli import reading

    added = reading.parameters()
    if name in ("train", "search"):
        from glassnet.cli import settings_options

        added = [*settings_options.parameters(), *added]
    return with_parameters(verb, _used(verb, added, arguments))


def _used(
    verb: Callable[..., None], settings: list[inspect.Parameter], arguments: Sequence[str]
) -> list[inspect.Parameter]:
    """The settings whose options are among the arguments; all of them if one is no option of ``verb``.

    Typer takes half a millisecond for every option that it knows of.
    """
    own = inspect.signature(verb, eval_str=True).parameters.values()
    known = {each.name: each for each in settings}
    named = {name: key for key, each in known.items() for name in _options(each)}
    others = {name for each in own for name in _options(each)}
    given = {argument.partition("=")[0] for argument in arguments if argument.startswith("-")}
    if COMPLETION in os.environ or not given <= {*named, *others}:
        return settings
    return [known[key] for key in known if any(named.get(name) == key for name in given)]


def _options(parameter: inspect.Parameter) -> list[str]:
    """The name of a parameter on the command line: ``--seed``, or ``--quiet`` and ``-q``."""
    described = getattr(parameter.annotation, "__metadata__", ())
    # Typer takes the first name for a default value until it knows better
    texts = [text for each in described for text in (each.default, *(each.param_decls or ()))]
    return [
        name for text in texts if isinstance(text, str) for name in text.split("/") if name.startswith("-")
    ]


def _help(verb: Callable[..., None]) -> str:
    """The docstring of ``verb`` with each paragraph on one line, so that it fits any terminal.

    Long examples are continued on further lines.
    """
    from glassnet.cli.terminal import command_lines

    shown = []
    for text in inspect.cleandoc(verb.__doc__ or "").split("\n\n"):
        title, *examples = text.splitlines()
        if title == "Examples:":
            lines = [line for each in examples for line in command_lines("", each.split())]
            shown.append("\n".join([title, *lines]))
        else:
            shown.append(" ".join(text.split()))
    return "\n\n".join(shown)


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
