"""Any text as LaTeX that plain pdfLaTeX sets: column names are in the languages of the people who made the table."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import groupby

_SIGNS = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"$<$", ">": r"$>$", "|": r"$|$",
    "[": "{[}", "*": "{*}",  # after the end of a table's line they would be read as arguments
    "×": r"$\times$", "·": r"$\cdot$", "÷": r"$\div$", "±": r"$\pm$", "−": r"$-$", "≤": r"$\le$", "≥": r"$\ge$",
    "≠": r"$\ne$", "≈": r"$\approx$", "∞": r"$\infty$", "∂": r"$\partial$", "∑": r"$\sum$", "√": r"$\surd$",
    "→": r"$\to$", "←": r"$\leftarrow$", "½": r"$\frac12$", "²": r"$^2$", "³": r"$^3$", "ᵀ": r"$^{\mathsf T}$",
    "°": r"$^\circ$", "µ": r"$\mu$", "Δ": r"$\Delta$", "Ω": r"$\Omega$", "€": r"\texteuro{}", "£": r"\pounds{}",
    "§": r"\S{}", "©": r"\copyright{}", "…": r"\dots{}", "–": "--", "—": "---", "‐": "-", "‑": "-",
    "“": "``", "”": "''", "„": ",,", "‘": "`", "’": "'", "«": r"$\ll$", "»": r"$\gg$",
    "ß": r"\ss{}", "æ": r"\ae{}", "Æ": r"\AE{}", "œ": r"\oe{}", "Œ": r"\OE{}", "ø": r"\o{}", "Ø": r"\O{}",
    "ł": r"\l{}", "Ł": r"\L{}", "ı": r"\i{}",
}  # fmt: skip
_ACCENTS = {
    "\u0300": r"\`", "\u0301": r"\'", "\u0302": r"\^", "\u0303": r"\~", "\u0304": r"\=", "\u0306": r"\u",
    "\u0307": r"\.", "\u0308": r"\"", "\u030a": r"\r", "\u030b": r"\H", "\u030c": r"\v", "\u0323": r"\d",
    "\u0327": r"\c", "\u0331": r"\b",
}  # fmt: skip
_GREEK = re.compile(r"GREEK (?P<case>SMALL|CAPITAL) LETTER (?P<final>FINAL )?(?P<name>\w+)")
_LIKE_LATIN = {  # capitals that LaTeX has no command for
    "alpha": "A", "beta": "B", "epsilon": "E", "zeta": "Z", "eta": "H", "iota": "I", "kappa": "K", "mu": "M",
    "nu": "N", "omicron": "O", "rho": "P", "tau": "T", "chi": "X",
}  # fmt: skip
_OTHER_CAPITALS = ("gamma", "delta", "theta", "lambda", "xi", "pi", "sigma", "upsilon", "phi", "psi", "omega")


def escaped(text: str) -> str:
    r"""``text`` in LaTeX: ``größe_%`` is ``gr\"{o}\ss{}e\_\%``, ``β`` is ``$\beta$``.

    What pdfLaTeX has no letters for is given by its code points, ``{[}U+5217]``.
    """
    letters = [(char, _letter(char)) for char in unicodedata.normalize("NFC", text)]
    return "".join(
        "".join(letter or "" for _, letter in run) if known else _code_points(char for char, _ in run)
        for known, run in groupby(letters, key=lambda pair: pair[1] is not None)
    )


def _letter(char: str) -> str | None:
    """One character, if pdfLaTeX can set it: a sign, ASCII, a Greek letter, or such with accents."""
    if char in _SIGNS:
        return _SIGNS[char]
    if char.isascii():
        return char if char.isprintable() else " "
    base, *others = list(unicodedata.normalize("NFKD", char))
    if [base, *others] == [char]:
        return _greek(char)
    found = _letter(base)
    for other in others:
        if found is None:
            break
        accent, letter = _ACCENTS.get(other), _letter(other)
        found = f"{accent}{{{found}}}" if accent else None if letter is None else found + letter
    return found


def _greek(char: str) -> str | None:
    match = _GREEK.fullmatch(unicodedata.name(char, ""))
    if match is None:
        return None
    name = match["name"].lower().replace("lamda", "lambda")
    capital, final = match["case"] == "CAPITAL", "var" if match["final"] else ""
    if name not in _LIKE_LATIN and name not in _OTHER_CAPITALS:
        return None
    if name == "omicron" or (capital and name in _LIKE_LATIN):
        return _LIKE_LATIN[name] if capital else "o"
    return rf"$\{final}{name.capitalize() if capital else name}$"


def _code_points(chars: Iterable[str]) -> str:
    return f"{{[}}{' '.join(f'U+{ord(char):04X}' for char in chars)}]"
