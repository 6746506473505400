"""Numbers as text."""

from __future__ import annotations

import math

MISSING = "–"


def number(value: float, figures: int = 4) -> str:
    """``value`` with so many figures; a dash for NaN, and never -0.

    Numbers from ten thousand to a quadrillion are written out with a comma between thousands, others beyond with an
    exponent.
    """
    value = float(value) + 0.0  # -0.0 + 0.0 is 0.0
    if math.isnan(value):
        return MISSING
    if 1e4 <= abs(value) < 1e15:
        return f"{value:,.0f}"
    return f"{value:.{figures}g}"
