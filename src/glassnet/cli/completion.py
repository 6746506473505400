"""What Tab completes in the shell: names from fixed lists, and columns of the table or model named so far."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterable
from typing import Any

LARGEST = 20_000_000  # bytes of a table that is read for the names of its columns: the shell waits for them


def one_of(names: Iterable[str]) -> Callable[[str], list[str]]:
    """Completes one of these names."""
    choices = list(names)
    return lambda incomplete: [name for name in choices if name.startswith(incomplete)]


def several_of(names: Iterable[str]) -> Callable[[str], list[str]]:
    """Completes the last of several names with commas between them."""
    complete = one_of(names)

    def complete_last(incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",")
        return [f"{before}{comma}{name}" for name in complete(last)]

    return complete_last


def column(ctx: Any, incomplete: str) -> list[str]:
    """Completes a column of the table that is named on the command line, or else of the model."""
    return one_of(_columns(ctx))(incomplete)


def column_and(values: Iterable[str]) -> Callable[[Any, str], list[str]]:
    """Completes ``COLUMN=VALUE``."""
    choices = list(values)

    def complete(ctx: Any, incomplete: str) -> list[str]:
        name, mark, _ = incomplete.rpartition("=")
        if mark:
            return one_of(f"{name}={value}" for value in choices)(incomplete)
        return [f"{name}=" for name in column(ctx, incomplete)]

    return complete


def words_typed() -> list[str]:
    """The words on the command line so far, without the name of the command, from the variables of the shells.

    Raises:
        ValueError: a quote is still open.
    """
    return shlex.split(os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS", ""))[1:]


def _columns(ctx: Any) -> list[str]:
    """Their names, as far as they need no quotes; none if that takes long or nothing can be read."""
    from glassnet.cli.table_source import PENGUINS, source_of
    from glassnet.model import load
    from glassnet.tables import read_table

    try:
        _, *words = words_typed()
        if words and words[-1].startswith("-"):
            words.pop()  # the option whose value is being completed
        given, _, _ = ctx.command.make_parser(ctx).parse_args(words)
        table, model = given.get("table"), given.get("model")
        if table == "-" or (table is None and model is not None):
            names = [own.name for own in load(str(model)).schema.columns]
        else:
            source = source_of(table or PENGUINS)
            names = [] if os.path.getsize(source) > LARGEST else read_table(source).column_names
    except (OSError, ValueError):
        return []
    return [name for name in names if name == shlex.quote(name)]
