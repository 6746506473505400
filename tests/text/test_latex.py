"""Any text as LaTeX: the names that people give to columns, and whether pdfLaTeX sets them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import glassnet
from glassnet.text.latex import escaped

NAMES = [
    "β_1", "température", "größe_%", "a&b", "x^2", "列", "c:\\dir{x}~", "[0] a", "*", "50 €", "ω≠∞", "naïve “q”",
    "Київ", "日本語", "😀", "\u2009thin—dash", "e\u0301", "ﬁ ½", "Ελλάδα ς", "wiek_dziecięcy", "$#<b>|", "řecký",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("größe_%", r"gr\"{o}\ss{}e\_\%"),
        ("β_1", r"$\beta$\_1"),
        ("température", r"temp\'{e}rature"),
        ("Ωλς", r"$\Omega$$\lambda$$\varsigma$"),
        ("ΑΒΓό", r"AB$\Gamma$\'{o}"),
        ("a&b x^2", r"a\&b x\textasciicircum{}2"),
        ("a][U+1", "a]{[}U+1"),
        ("列 and 行列", "{[}U+5217] and {[}U+884C U+5217]"),
        ("ﬁ", "fi"),
        ("e\u0301 = é", r"\'{e} = \'{e}"),
    ],
)
def test_names_in_latex(text: str, expected: str) -> None:
    assert escaped(text) == expected


def test_every_character_becomes_balanced_ascii() -> None:
    for code in [*range(32, 0x2400), 0x5217, 0xAC00, 0xFB01, 0xFFFD, 0x1F600]:
        found = escaped(chr(code))
        assert found
        assert found.isascii()
        plain = found.replace(r"\{", "").replace(r"\}", "")
        assert plain.count("{") == plain.count("}")
        assert found.replace(r"\$", "").count("$") % 2 == 0


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdfLaTeX is not installed")
def test_pdflatex_sets_a_row_whatever_its_columns_are_called(tmp_path: Path) -> None:
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(60, len(NAMES))), columns=NAMES)
    table["catégorie"] = np.resize(["a&b", "列", "[x]"], 60)
    table["y_目標"] = np.where(table["列"] > 0, "да_1", "nö&n")
    model = glassnet.train(table, "y_目標", hidden=(2,), epochs=1, seed=1, recipe="single")
    body = model.explain(table.iloc[[3]]).to_latex(terms=None)
    document = f"\\documentclass{{article}}\n\\begin{{document}}\n{body}\n\\end{{document}}\n"
    (tmp_path / "row.tex").write_text(document, "ascii")
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "row.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace")
    assert done.returncode == 0, done.stdout[-2000:]
