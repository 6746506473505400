"""Turns an exception into one clear message and an exit code."""

from __future__ import annotations

import errno
import os
import sys
import traceback

import typer

from glassnet.cli.exit_codes import FAILED, INTERRUPTED, WRONG_USE
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


def report(error: Exception) -> int:
    """Print what went wrong to standard error, and return the exit code."""
    if isinstance(error, typer.Abort):
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    if isinstance(error, UsageError):
        _say(_usage(error))
        return WRONG_USE
    if isinstance(error, InputError):
        _say(*error.faults)
        return WRONG_USE
    if isinstance(error, InputTypeError):
        _say(str(error))
        return WRONG_USE
    if isinstance(error, GlassnetError):
        _say(str(error))
    elif isinstance(error, OSError):
        _say(_os_error(error))
    elif isinstance(error, MemoryError) or any(sign in str(error) for sign in OUT_OF_RESOURCES):
        _say("this machine ran out of memory or threads; try fewer rows or smaller layers.")
    else:
        _say(f"{type(error).__name__}: {error}")
        _unexpected(error)
    return FAILED


def _say(*messages: str) -> None:
    """One line ``error: …`` for each fault."""
    sys.stdout.flush()
    for message in messages[:MOST_FAULTS]:
        print(f"error: {message}", file=sys.stderr)
    if len(messages) > MOST_FAULTS:
        print(f"error: … and {len(messages) - MOST_FAULTS} more faults like these.", file=sys.stderr)


def _usage(error: BaseException) -> str:
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "glassnet"
    ended = message if message.endswith((".", "?", "!")) else f"{message}."
    return f"{ended[:1].lower()}{ended[1:]} See: {command} --help"


def _os_error(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}."


def _unexpected(error: Exception) -> None:
    if os.environ.get("GLASSNET_TRACEBACK"):
        traceback.print_exception(error)
    else:
        print(
            "This is not your fault. Please report it with the output of the same command under "
            "GLASSNET_TRACEBACK=1.",
            file=sys.stderr,
        )
