"""Texts of single cells: their width in a terminal, how they wrap, and how they are padded."""

from __future__ import annotations

import unicodedata


def wrapped(text: str, width: int) -> list[str]:
    """``text`` in lines of at most ``width`` places, broken between words where possible."""
    lines: list[str] = []
    while display_width(text) > width:
        end = len(text)
        while end > 1 and display_width(text[:end]) > width:
            end -= 1
        space = text.rfind(" ", 1, end + 1)
        end = space if space > 0 else end
        lines.append(text[:end])
        text = text[end:].lstrip(" ")
    return [*lines, text]


def display_width(text: str) -> int:
    """How many places a terminal gives ``text``: two to a wide letter such as 列, none to an accent of its own."""
    if text.isascii():
        return len(text)
    return sum(
        2
        if unicodedata.east_asian_width(char) in "WF"
        else unicodedata.category(char) not in ("Mn", "Me", "Cf")
        for char in text
    )


def padded(text: str, width: int, side: str) -> str:
    space = " " * (width - display_width(text))
    return text + space if side == "<" else space + text
