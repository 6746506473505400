"""Turns an exception into one clear message and an exit code."""

from __future__ import annotations

import errno
import os
import traceback
from collections.abc import Sequence

import typer

from glassnet.cli.exit_codes import FAILED, INTERRUPTED, WRONG_USE
from glassnet.cli.outputs import write_json
from glassnet.cli.terminal import print_message
from glassnet.errors import GlassnetError, InputError, InputTypeError

# Raised for wrong use of a command or an option. Older versions of Typer take it from Click.
UsageError = typer.BadParameter.__base__ or typer.BadParameter

MOST_FAULTS = 20
# Messages of other packages, in exceptions of many types, when memory or threads run out.
OUT_OF_RESOURCES = (
    os.strerror(errno.EAGAIN),
    os.strerror(errno.ENOMEM),
    "can't start new thread",
    "failed to map segment",
)


def report(error: BaseException, arguments: Sequence[str] = ()) -> int:
    """Print what went wrong to standard error, with ``--json`` as a document too; return the exit code."""
    code, messages = _understood(error)
    for message in messages[:MOST_FAULTS]:
        print_message(f"error: {message}")
    if len(messages) > MOST_FAULTS:
        print_message(f"error: … and {len(messages) - MOST_FAULTS} more faults like these.")
    if code == INTERRUPTED:
        print_message("interrupted")
    elif messages == [_unforeseen(error)]:
        _unexpected(error)
    if "--json" in arguments:
        found = {"exit_code": code, "type": type(error).__name__, "messages": messages}
        write_json(arguments[0], error=found)
    return code


def _understood(error: BaseException) -> tuple[int, list[str]]:
    """The exit code, and a message for each fault."""
    if isinstance(error, (typer.Abort, KeyboardInterrupt)):
        return INTERRUPTED, []
    if isinstance(error, UsageError):
        return WRONG_USE, [_usage(error)]
    if isinstance(error, InputError):
        return WRONG_USE, error.faults
    if isinstance(error, InputTypeError):
        return WRONG_USE, [str(error)]
    if isinstance(error, GlassnetError):
        return FAILED, [str(error)]
    if isinstance(error, OSError):
        return FAILED, [_os_error(error)]
    if isinstance(error, MemoryError) or any(sign in str(error) for sign in OUT_OF_RESOURCES):
        return FAILED, ["this machine ran out of memory or threads; try fewer rows or smaller layers."]
    return FAILED, [_unforeseen(error)]


def _unforeseen(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _usage(error: BaseException) -> str:
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "glassnet"
    ended = message if message.endswith((".", "?", "!")) else f"{message}."
    return f"{ended[:1].lower()}{ended[1:]} See: {command} --help"


def _os_error(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}."


def _unexpected(error: BaseException) -> None:
    if os.environ.get("GLASSNET_TRACEBACK"):
        print_message("".join(traceback.format_exception(error)))
    else:
        print_message(
            "This is not your fault. Please report it with the output of the same command under "
            "GLASSNET_TRACEBACK=1."
        )
