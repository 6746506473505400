"""Colors that can be told apart and read, and text that fits."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from glassnet.pictures import THEMES, Theme
from glassnet.pictures.text_fit import number, shortened, text_width, wrapped
from glassnet.pictures.theme import contrast, ink_on, luminance

THEME = pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)

# Machado, Oliveira, Fernandes, "A physiologically-based model for simulation of color vision deficiency"
# (2009), severity 1, on linear RGB.
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def lab(color: str, kind: str) -> np.ndarray:
    """CIE L*a*b* of a color as somebody of this kind of color blindness sees it."""
    from matplotlib.colors import to_rgb

    srgb = np.array(to_rgb(color))
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(BLINDNESS[kind] @ linear, 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ seen
    t = xyz / np.array([0.9505, 1.0, 1.089])
    f = np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@THEME
def test_text_can_be_read(theme: Theme) -> None:
    assert contrast(theme.ink, theme.background) >= 7
    assert contrast(theme.muted, theme.background) >= 4.5
    for colors in (theme.diverging, theme.sequential):
        for share in np.linspace(0, 1, 101):
            color = colors(share)[:3]
            assert contrast(ink_on(color), color) >= 4.5


@THEME
def test_lines_stand_out_from_the_background(theme: Theme) -> None:
    assert contrast(theme.positive, theme.background) >= 3
    assert contrast(theme.negative, theme.background) >= 3
    for color in theme.series:
        assert contrast(color, theme.background) >= 2


@THEME
@pytest.mark.parametrize("kind", BLINDNESS)
def test_colors_can_be_distinguished_by_color_blind_readers(theme: Theme, kind: str) -> None:
    def distance(one: str, other: str) -> float:
        return float(np.linalg.norm(lab(one, kind) - lab(other, kind)))

    assert distance(theme.positive, theme.negative) > 40
    for one, other in combinations(theme.series, 2):
        assert distance(one, other) > 15, (one, other)


@THEME
def test_scales_go_one_way(theme: Theme) -> None:
    shares = np.linspace(0, 1, 51)
    levels = np.array([luminance(theme.sequential(share)[:3]) for share in shares])
    assert (np.diff(levels) < 0).all() or (np.diff(levels) > 0).all()
    for side in (shares[shares <= 0.5][::-1], shares[shares >= 0.5]):
        levels = np.array([luminance(theme.diverging(share)[:3]) for share in side])
        assert (np.diff(levels) < 0).all() or (np.diff(levels) > 0).all()


@pytest.mark.parametrize(
    "text", ["a", "a name", "a name that is much too long for its place, number 17", "$x$", "ü" * 60]
)
@pytest.mark.parametrize("width", [0.3, 1.0, 2.5])
def test_what_is_shortened_fits_and_keeps_its_ends(text: str, width: float) -> None:
    short = shortened(text, 10.5, width)
    assert text_width(short, 10.5) <= width
    if short != text:
        assert "…" in short
        assert text.startswith(short.split("…")[0])
        assert text.endswith(short.split("…")[1])


def test_characters_that_no_font_has_become_boxes() -> None:
    assert shortened("a \U0001f427 \ue123", 12, 3)[2:].strip("□ ") in ("", "\U0001f427")
    assert shortened("Größe − µ²", 12, 3) == "Größe − µ²"
    assert shortened("two\nlines\tof   text", 12, 3) == "two lines of text"


def test_lines_are_broken_between_words() -> None:
    text = "one two three four five six seven eight nine ten"
    lines = wrapped(text, 12, 1.5)
    assert len(lines) > 1
    assert " ".join(lines) == text
    assert all(text_width(line, 12) <= 1.5 for line in lines)
    assert wrapped("", 12, 1) == []
    few = wrapped(text, 12, 1.5, most=2)
    assert len(few) == 2
    assert few[0] == lines[0]
    assert "…" in few[1]
    assert few[1].endswith("ten")
    assert wrapped("one two", 12, 3, most=1) == ["one two"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (-1e-12, "−1e−12"),
        (-1.5, "−1.5"),
        (0.123456, "0.123"),
        (1234.5, "1234"),
        (12345.6, "12,346"),
        (1e-12, "1e−12"),
    ],
)
def test_numbers(value: float, text: str) -> None:
    assert number(value) == text
