"""``python -m glassnet``: the same as ``glassnet``.

Python's own handler of Ctrl-C prints a traceback. So :func:`run` replaces it before it imports anything else.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from types import FrameType
    from typing import NoReturn
else:
    import _signal as signal  # without the enumerations of signal, which take long to load


def run() -> int:
    """Run the command in a process of its own; returns the exit code."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as in the background of some shells
            signal.signal(number, _leave)
    from glassnet.cli import main

    return main()


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    """The handler of Ctrl-C until the command has its own: end at once, because nothing was done yet."""
    try:
        os.write(2, b"interrupted\n")
    finally:
        os._exit(130)  # as glassnet.cli.exit_codes.INTERRUPTED


if __name__ == "__main__":
    sys.exit(run())
