"""What the terminal can show: characters, bold text, and lines of its width."""

from __future__ import annotations

import codecs
import io
import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

from glassnet.printable import printable

if TYPE_CHECKING:
    from glassnet.text import Block

COLORS = {"error": "31", "serious": "31", "warning": "33", "note": "36"}  # red, yellow and cyan
NARROWEST = 40  # columns; narrower terminals are written to as if they had as many

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
    """Make the standard streams accept any character in any encoding, and replace closed streams."""
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115  # as long as the process
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and not stream.closed:
            stream.reconfigure(errors="glassnet.plain")


def has_color(stream: TextIO) -> bool:
    """Whether ``stream`` is a terminal with colors; ``NO_COLOR`` and ``FORCE_COLOR`` decide where they are set."""
    from glassnet.training.progress import is_live

    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or is_live(stream)


def title(text: str) -> str:
    """A heading in bold, that of a finding in the color of its severity, where standard output has colors."""
    return _styled(text, f"1;{color}" if (color := COLORS.get(text.partition(":")[0])) else "1", sys.stdout)


def _styled(text: str, style: str, stream: TextIO) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if has_color(stream) else text


def render(blocks: Iterable[Block]) -> str:
    """Text that fits the terminal, with bold headings where it can show them."""
    from glassnet.text import to_text

    return to_text(blocks, width(), title)


def width() -> int:
    """The columns of the terminal; 100 where there is none."""
    return max(shutil.get_terminal_size((100, 24)).columns, NARROWEST)


def command_lines(title: str, words: Sequence[str]) -> list[str]:
    """A command to be copied, after its ``title``; where it is long, it is continued on further lines.

    ``words`` are quoted for a shell where they need it.
    """
    from glassnet.text.text_form import INDENT

    end = width() - len(INDENT)
    lines = [title + words[0]]
    for part in _with_values(words[1:]):
        if len(lines[-1]) + len(part) + len(" " + " \\") > end:
            lines[-1] += " \\"
            lines.append(" " * (len(title) + 2) + part)
        else:
            lines[-1] += f" {part}"
    return lines


def _with_values(words: Sequence[str]) -> list[str]:
    """The words, each option together with the value after it."""
    parts: list[str] = []
    for before, word in zip(("", *words), words, strict=False):
        if before.startswith("-") and not word.startswith("-"):
            parts[-1] += f" {word}"
        else:
            parts.append(word)
    return parts


def print_text(text: str) -> None:
    """Print ``text`` to standard output; names of files and columns in it do nothing to the terminal."""
    print(printable(text), flush=True)


def print_message(text: str) -> None:
    """As :func:`print_text`, to standard error, with the kind of message in its color.

    A terminal gets lines that are broken between words; lines that begin with a space, as commands do, are kept.
    """
    from glassnet.training.progress import is_terminal

    sys.stdout.flush()  # so that a log of both streams keeps their order
    text = printable(text)
    if is_terminal(sys.stderr):
        text = "\n".join(map(_wrapped, text.split("\n")))
    kind, colon, rest = text.partition(": ")
    if kind in COLORS:
        kind = _styled(kind, COLORS[kind], sys.stderr)
    print(f"{kind}{colon}{rest}", file=sys.stderr)


def _wrapped(line: str) -> str:
    from textwrap import fill

    if len(line) <= width() or line.startswith(" "):
        return line
    return fill(line, width(), break_long_words=False, break_on_hyphens=False)


def note(text: str) -> None:
    """Print a message that is not part of the result, on standard error."""
    print_message(f"note: {text}")


def notes(several: Iterable[object]) -> None:
    """A :func:`note` for each of several."""
    for each in several:
        note(str(each))


def show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Format a Python warning as one line, without the place in the code."""
    print_message(f"warning: {message}")
