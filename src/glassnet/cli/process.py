"""Settings of the whole process, which only the ``glassnet`` command may change."""

from __future__ import annotations

import gc
import os
import sys

from glassnet.cli.exit_codes import INTERRUPTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from collections.abc import Callable
    from types import FrameType
    from typing import NoReturn
else:
    import _signal as signal  # without the enumerations of signal, which take long to load

_own = False
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def take() -> None:
    """Declare that no code but the command's will run in this process.

    From now on, SIGTERM does what Ctrl-C does: it ends the process at once, until :func:`raise_interrupts`.
    """
    global _own
    _own = True
    _handle_signals(_leave)
    # Most objects live until the process ends, so frequent collections would find nothing.
    gc.set_threshold(100_000)


def raise_interrupts() -> None:
    """From now on, raise KeyboardInterrupt, if the command owns the process: there is somebody who catches it."""
    if _own:
        _handle_signals(interrupt)


def _handle_signals(handler: Callable[[int, FrameType | None], None]) -> None:
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as in the background of some shells
            signal.signal(number, handler)


def interrupt(number: int, frame: FrameType | None) -> None:
    """The handler of Ctrl-C: raise KeyboardInterrupt, once; what then is done to end is not interrupted again.

    While a module is imported the process ends at once: nothing is lost, and code of other packages that is being
    imported may turn the exception into another one, or print it and go on.
    """
    ignore_signals()
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            _leave(number, frame)
        frame = frame.f_back
    raise KeyboardInterrupt


interrupt.is_interrupt = True  # type: ignore[attr-defined]  # for glassnet.training.stop


def ignore_signals() -> None:
    """Let nothing interrupt what is left to do, if the command owns the process: saving a file, or ending."""
    if _own:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    """The handler of Ctrl-C while nobody catches exceptions: end at once."""
    try:
        sys.stdout.flush()
        os.write(2, b"interrupted\n")
    finally:
        os._exit(INTERRUPTED)


def forgo_pandas() -> None:
    """Keep PyArrow from importing pandas, if the command owns the process.

    PyArrow imports pandas, if it is installed, before it makes its first array, to recognize DataFrames. The command
    has none, and the import takes longer than reading most tables.
    """
    if not _own or "pandas" in sys.modules:
        return
    import pyarrow as pa

    sys.meta_path.insert(0, _Missing)
    try:
        pa.array([0])
    finally:
        sys.meta_path.remove(_Missing)


class _Missing:
    """A module finder that reports pandas as not installed."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
