"""Text from tables, files and callers, made safe to print: names and labels can hold anything."""

from __future__ import annotations

import re

# Control characters (C0, C1 and delete), marks of writing direction, separators of lines and paragraphs, and halves of
# characters. A terminal, or an editor, acts on them in place of showing them.
_UNPRINTABLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb\ud800-\udfff]"
)
_BREAKS = re.compile("\r\n|[\t\n\x0b\x0c\r\x1c-\x1e\x85\u2028\u2029]")


def printable(text: str) -> str:
    r"""``text`` with the escapes of Python in place of what is not to be shown, such as ``\x1b``; line breaks stay."""
    return _UNPRINTABLE.sub(lambda found: ascii(found[0])[1:-1], text)


def one_line(text: str) -> str:
    """As :func:`printable`, with a space for every line break and tab."""
    return printable(_BREAKS.sub(" ", text))
