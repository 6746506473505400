"""What the terminal can show: characters, bold, and nothing that it cannot."""

from __future__ import annotations

import codecs
import io
import os
import sys
from typing import TextIO

# For terminals without UTF-8: what to write for the characters that glassnet itself uses.
PLAIN = {
    "→": "->",
    "×": "x",
    "·": "*",
    "½": "1/2",
    "Σ": "sum ",
    "²": "^2",
    "ᵀ": "'",
    "−": "-",
    "–": "-",
    "—": "-",
    "…": "...",
    "≤": "<=",
    "≥": ">=",
    "∂": "d",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "•": "*",
}


def plain(error: UnicodeError) -> tuple[str, int]:
    """An encoding error handler: a look-alike where there is one, else the escape (``\\xfc``)."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    characters = error.object[error.start : error.end]
    shown = (PLAIN.get(each) or each.encode("ascii", "backslashreplace").decode() for each in characters)
    return "".join(shown), error.end


codecs.register_error("glassnet.plain", plain)


def prepare() -> None:
    """Let the standard streams take any character, whatever their encoding, and be there even if closed."""
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115  # as long as the process
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and not stream.closed:
            stream.reconfigure(errors="glassnet.plain")


def is_live(stream: TextIO) -> bool:
    """Whether lines on ``stream`` can be written over: a terminal, and not a dumb one."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def bold(text: str) -> str:
    """``text`` in bold, where standard output is a terminal that nobody asked to be without color."""
    if is_live(sys.stdout) and not os.environ.get("NO_COLOR"):
        return f"\x1b[1m{text}\x1b[0m"
    return text


def heading(text: str) -> None:
    print(f"\n{bold(text)}")


def note(text: str) -> None:
    """Something worth knowing that is not the result: on standard error."""
    sys.stdout.flush()  # so that a log of both streams keeps their order
    print(f"note: {text}", file=sys.stderr)


def show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """What Python's warnings look like here: one line, without the place in the code."""
    sys.stdout.flush()
    print(f"warning: {message}", file=file or sys.stderr)
