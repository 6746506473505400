"""The command line: one short module for each command.

Exit codes: 0 done, 1 failed (training diverged, the disk is full), 2 wrong use or wrong input, 130 interrupted before
there was anything to keep. Results go to standard output; progress, notes and errors to standard error.
"""

from __future__ import annotations

import os
import sys
import warnings

from glassnet.cli.exit_codes import DONE, FAILED, INTERRUPTED

TYPE_CHECKING = False  # as in the package itself, to handle Ctrl-C as early as possible
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``glassnet`` with ``arguments`` (by default those of the process); returns the exit code."""
    from glassnet.cli import process

    if arguments is None:
        process.take()
    from glassnet.cli import terminal
    from glassnet.errors import reporting_to, spelled

    terminal.prepare()
    try:
        with warnings.catch_warnings(), reporting_to(terminal.notes), spelled(_as_options):
            warnings.showwarning = terminal.show_warning
            return _guarded(list(sys.argv[1:] if arguments is None else arguments))
    except BrokenPipeError:  # the reader has gone, as ``| head`` does: nobody is left to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return FAILED
    except KeyboardInterrupt:  # just when another error was to be reported
        terminal.print_message("interrupted")
        return INTERRUPTED


def _as_options(name: str, *value: Any) -> str:
    from glassnet.cli.settings_options import as_options  # needs NumPy, which not every call does

    return as_options(name, *value)


def _guarded(arguments: list[str]) -> int:
    from glassnet.cli import faults, process

    try:
        process.raise_interrupts()
        code = _run(arguments)
        sys.stdout.flush()
        process.ignore_signals()
        return code
    except BrokenPipeError:
        raise
    except (Exception, KeyboardInterrupt) as error:
        process.ignore_signals()
        return faults.report(error, arguments)


def _run(arguments: list[str]) -> int:
    from glassnet.cli.app import build

    arguments = arguments or ["--help"]
    code = build(arguments).main(args=arguments, prog_name="glassnet", standalone_mode=False)
    if code == INTERRUPTED:  # what Typer makes of Ctrl-C
        raise KeyboardInterrupt
    return code if isinstance(code, int) else DONE
