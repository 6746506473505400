"""Text that fits: how wide it is, and what to do where it is too wide."""

from __future__ import annotations

from functools import cache, lru_cache

from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font
from matplotlib.textpath import text_to_path

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


# Where dots are few, letters are moved onto whole ones: a line gets up to 8 % wider at 72 dots an inch.
_ROUNDING = 1.08


@cache
def font_families() -> tuple[str, ...]:
    """Installed fonts that can stand in for characters that the first font lacks."""
    installed = {font.name for font in fontManager.ttflist}
    return tuple(name for name in _FALLBACKS if name in installed)


def drawable(text: object) -> str:
    """``text`` on one line, with a box for each character that no installed font has."""
    plain = " ".join(str(text).split())
    if plain.isascii():
        return plain
    known = _characters((*FontProperties().get_family(), *font_families()))
    return "".join(each if ord(each) in known else "□" for each in plain)


@cache
def _characters(families: tuple[str, ...]) -> frozenset[int]:
    """The characters that at least one of these fonts has."""
    found: set[int] = set()
    for family in families:
        found |= set(get_font(findfont(FontProperties(family=[family]))).get_charmap())
    return frozenset(found)


def text_width(text: str, size: float, weight: str = "normal") -> float:
    """How wide ``text`` is at most, in inches, at whatever number of dots an inch it is drawn."""
    families = (*FontProperties().get_family(), *font_families())
    return _ROUNDING * max(
        (_width(drawable(line), size, weight, families) for line in text.split("\n")), default=0.0
    )


@lru_cache(10_000)
def _width(line: str, size: float, weight: str, families: tuple[str, ...]) -> float:
    font = FontProperties(family=families, size=size, weight=weight)
    return float(text_to_path.get_text_width_height_descent(line, font, False)[0]) / 72


def shortened(text: object, size: float, width: float, weight: str = "normal") -> str:
    """``text`` on one line of at most ``width`` inches; what does not fit gives way to one ``…`` near its end."""
    plain = drawable(text)
    if text_width(plain, size, weight) <= width:
        return plain
    low, high = 0, len(plain)
    while low < high:  # the largest number of characters that fit
        middle = (low + high + 1) // 2
        if text_width(_without_middle(plain, middle), size, weight) <= width:
            low = middle
        else:
            high = middle - 1
    return _without_middle(plain, low)


def _without_middle(text: str, keep: int) -> str:
    """Its first two thirds and its last third: names often differ at their ends."""
    if keep >= len(text):
        return text
    tail = keep // 3
    return f"{text[: keep - tail]}…{text[len(text) - tail :]}"


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


def number(value: float) -> str:
    """A number for a label: four digits, no exponent where none is needed, a true minus sign."""
    value += 0.0  # -0.0 is 0
    size = abs(value)
    text = f"{value:,.0f}" if 1e4 <= size < 1e9 else f"{value:.3g}" if size < 100 else f"{value:,.4g}"
    return text.replace("-", "−")


def counted(count: int, what: str) -> str:
    """``"1 row"``, ``"2 rows"``."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
