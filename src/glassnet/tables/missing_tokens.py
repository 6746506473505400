"""The words that stand for something else in a table: for a missing value, for yes, for no.

``MISSING`` are missing values in every column. ``MISSING_AMONG_NUMBERS`` are missing values in a column of numbers or
dates only: among categories a word such as "None" or "unknown" is often a true level (no fence, no answer), and it is
kept as one.
"""

from __future__ import annotations

import re

MISSING = (
    "", "NA", "N/A", "n/a", "na", "N.A.", "n.a.", "#N/A", "#N/A N/A", "#NA", "<NA>", "1.#IND", "-1.#IND",
    "NaN", "nan", "NAN", "-NaN", "-nan", "NaT", "NULL", "null", "Null", "\\N",
    "?", "-", "--", "---", ".", "..", "...", "—", "–",
    "missing", "Missing", "MISSING", "(missing)", "<missing>", "(blank)", "(null)",
    "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NUM!", "#NAME?",
)  # fmt: skip

MISSING_AMONG_NUMBERS = frozenset(
    ("none", "nil", "unknown", "unk", "not available", "not applicable", "not known", "no data", "tba", "tbd",
     "undefined", "x", "void", "empty", "blank", "not reported", "not recorded", "suppressed", "confidential", "n/d",
     "nd", "n.d.", "n.c.", "k.a.", "k. a.", "keine angabe", "s/d", "sin datos", "…", ":", "/", "*")
)  # fmt: skip
_MARKED = re.compile(r"[:./…–—-]{1,3} ?\(?[a-z]{1,2}\)?")  # nothing, with a mark of quality, as in ": c"
_ERROR = re.compile(r"#[^\W\d_][\w/]{1,11}[!?]?|#¡[\w/]{2,12}!")  # of spreadsheets: #WERT!, #NV, #¡VALOR!


def is_missing_among_numbers(word: str) -> bool:
    """Whether ``word`` stands for a missing value in a column of numbers or dates."""
    if word.lower() in MISSING_AMONG_NUMBERS:
        return True
    return any(pattern.fullmatch(word) for pattern in (_MARKED, _ERROR))


TRUE_FALSE = frozenset(("true", "false"))

# Pairs of words that make a column boolean, as (no, yes), in lower case.
BOOLEAN_PAIRS = (("false", "true"), ("no", "yes"), ("n", "y"), ("f", "t"), ("off", "on"))
NO_WORDS = frozenset([no for no, _ in BOOLEAN_PAIRS] + ["0"])
YES_WORDS = frozenset([yes for _, yes in BOOLEAN_PAIRS] + ["1"])
