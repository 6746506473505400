"""The width of text, and how to shorten or wrap text that is too wide."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from functools import cache, lru_cache

from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font
from matplotlib.textpath import text_to_path

from glassnet.printable import printable

# Installed fonts of these names serve characters that the first font lacks.
_FALLBACKS = (
    "Noto Sans",
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Noto Sans JP",
    "Noto Sans SC",
    "Hiragino Sans",
    "Microsoft YaHei",
    "Malgun Gothic",
    "WenQuanYi Zen Hei",
    "Noto Sans Arabic",
    "Noto Sans Devanagari",
    "Arial Unicode MS",
)

# At low resolution, letters are aligned to whole pixels: a line gets up to 8 % wider at 72 dots per inch.
_HINTING = 1.08


@cache
def font_families() -> tuple[str, ...]:
    """Installed fonts for characters that the first font lacks."""
    installed = {font.name for font in fontManager.ttflist}
    return tuple(name for name in _FALLBACKS if name in installed)


def drawable(text: object) -> str:
    """``text`` on one line, with a box for each character that no installed font has."""
    line = " ".join(str(text).split())
    if line.isascii() and line.isprintable():
        return line
    known = _characters((*FontProperties().get_family(), *font_families()))
    return "".join(each if ord(each) in known and printable(each) == each else "□" for each in line)


@cache
def _characters(families: tuple[str, ...]) -> frozenset[int]:
    """The characters that at least one of these fonts has."""
    found: set[int] = set()
    for family in families:
        found |= set(get_font(findfont(FontProperties(family=[family]))).get_charmap())
    return frozenset(found)


def text_width(text: str, size: float, weight: str = "normal") -> float:
    """The largest width of ``text`` in inches, at any resolution."""
    families = (*FontProperties().get_family(), *font_families())
    lines = (_width(drawable(line), size, weight, families) for line in text.split("\n"))
    return _HINTING * max(lines, default=0.0)


@lru_cache(maxsize=4096)
def _width(text: str, size: float, weight: str, families: tuple[str, ...]) -> float:
    font = FontProperties(size=size, weight=weight, family=families)
    return float(text_to_path.get_text_width_height_descent(text, font, False)[0]) / 72


def shortened(text: object, size: float, width: float, weight: str = "normal") -> str:
    """``text`` on one line of at most ``width`` inches; a ``…`` near its end replaces what does not fit."""
    line = drawable(text)
    if text_width(line, size, weight) <= width:
        return line

    def without_middle(kept: int) -> str:
        """The first two thirds and the last third of so many characters: names often differ at their ends."""
        return f"{line[: kept - kept // 3]}…{line[len(line) - kept // 3 :]}"

    widths: Callable[[int], float] = lambda kept: text_width(without_middle(kept), size, weight)  # noqa: E731
    return without_middle(max(bisect_right(range(len(line)), width, key=widths) - 1, 0))


def wrapped(
    text: str, size: float, width: float, weight: str = "normal", *, most: int | None = None
) -> list[str]:
    """``text`` in lines of at most ``width`` inches, broken between words; ``most`` shortens the last of so many."""
    lines: list[str] = []
    words = drawable(text).split()
    for place, word in enumerate(words):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, weight) <= width:
            lines[-1] = longer
        elif len(lines) == most:
            lines[-1] = shortened(" ".join([lines[-1], *words[place:]]), size, width, weight)
            break
        else:
            lines.append(shortened(word, size, width, weight))
    return lines


def number(value: float, decimals: int | None = None) -> str:
    """A number for a label: with so many decimals, by default three or four digits and rarely an exponent.

    Minus signs are true ones, and there is no negative zero.
    """
    size = abs(value)
    style = ",.0f" if 1e4 <= size < 1e9 else ".3g" if size < 100 else ".4g"
    text = format(value, style if decimals is None else f",.{decimals}f")
    return text.replace("-", "−") if text.strip("-0.,") else text.lstrip("-")
