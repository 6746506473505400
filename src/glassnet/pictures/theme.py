"""The themes of pictures, with colors that color-blind readers can distinguish."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.colors import Colormap, LinearSegmentedColormap, to_rgb

from glassnet.errors import InputError, unknown

TITLE, BODY, SMALL = 16.0, 12.0, 10.5  # points


@dataclass(frozen=True)
class Theme:
    """The colors of a picture.

    Attributes:
        name: ``"light"`` or ``"dark"``.
        background: of the figure.
        ink: of titles and texts.
        muted: of notes and of less important lines.
        grid: of grid lines.
        positive: of positive numbers, a blue. People with any common form of color blindness can tell it from
            ``negative`` (Okabe, Ito, *Color Universal Design*, 2008).
        negative: of negative numbers, an orange.
        neutral: of areas without a value.
        series: of lines and classes, one after the other.
        diverging: a color map for numbers of both signs, with 0 in its middle.
        sequential: a color map for numbers from small to large.
    """

    name: str
    background: str
    ink: str
    muted: str
    grid: str
    positive: str
    negative: str
    neutral: str
    series: tuple[str, ...]
    diverging: Colormap
    sequential: Colormap

    def color(self, at: int) -> str:
        """The color of the line or class ``at``, from 0; after the last one, the first again."""
        return self.series[at % len(self.series)]


def _map(name: str, *colors: str) -> Colormap:
    return LinearSegmentedColormap.from_list(f"glassnet {name}", colors)


LIGHT = Theme(
    "light",
    background="#FFFFFF",
    ink="#1A1D21",
    muted="#555C66",
    grid="#D9DDE2",
    positive="#0072B2",
    negative="#D55E00",
    neutral="#F1F3F5",
    series=("#0072B2", "#D55E00", "#882255", "#56B4E9", "#332288", "#CC79A7", "#000000"),
    diverging=_map(
        "light diverging", "#7A3300", "#D55E00", "#F6B98F", "#F4F5F6", "#93C7E8", "#0072B2", "#003E63"
    ),
    sequential=_map("light sequential", "#F1F6FA", "#93C7E8", "#0072B2", "#002B45"),
)
DARK = Theme(
    "dark",
    background="#14171B",
    ink="#F2F4F7",
    muted="#B0B8C3",
    grid="#3A414B",
    positive="#56B4E9",
    negative="#F0A030",
    neutral="#2A3038",
    series=("#56B4E9", "#F0A030", "#FFFFFF", "#D55E00", "#F0E442", "#C060A0", "#3C6FD8"),
    diverging=_map(
        "dark diverging", "#FFE0B0", "#F0A030", "#7A4E12", "#22272E", "#1F5578", "#56B4E9", "#CFEBFF"
    ),
    sequential=_map("dark sequential", "#1B2027", "#1F5578", "#56B4E9", "#DDF1FF"),
)
THEMES = {theme.name: theme for theme in (LIGHT, DARK)}


def theme_named(theme: str | Theme) -> Theme:
    if isinstance(theme, Theme):
        return theme
    if theme not in THEMES:
        raise InputError(unknown("theme", theme, THEMES))
    return THEMES[theme]


def luminance(color: object) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.1)."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in to_rgb(color)  # type: ignore[arg-type]
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: object, other: object) -> float:
    """Contrast ratio, 1 to 21 (WCAG 2.1); text needs at least 4.5."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def ink_on(color: object) -> str:
    """Black or white, whichever has the higher contrast to ``color``."""
    return max(("#000000", "#FFFFFF"), key=lambda ink: contrast(ink, color))
