"""How many digits of a number are printed, so that a reader who repeats the calculation gets the same digits.

An engine adds in float32 or float64 and rounds at every step, so an exact calculation gives a slightly different
result. A result is therefore printed with as many decimals as all ways to compute it agree on. Terms are printed
with the digits that identify their floating-point number: 9 for float32, at most 17 for float64.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal

import numpy as np

from glassnet.net.arrays import Array

FIGURES = {np.dtype(np.float32): 9, np.dtype(np.float64): 17}
EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
PLAIN_FROM, PLAIN_TO = -5, 12  # powers of ten within which a number is written without an exponent


def term(value: float | np.floating, dtype: np.dtype[np.floating]) -> str:
    """A number of ``dtype`` with the figures that identify it."""
    number = float(value)
    if not math.isfinite(number):
        return str(number)
    exact = Decimal(f"{number:.9g}" if dtype == np.float32 else repr(number)).normalize()
    return f"{exact:f}" if PLAIN_FROM <= exact.adjusted() < PLAIN_TO else plain(exact)


def agreed(values: Iterable[float | Decimal], figures: int) -> str:
    """The first of ``values``, rounded to the last decimal on which all agree, with at most ``figures`` digits."""
    exact = [value if isinstance(value, Decimal) else Decimal(float(value)) for value in values]
    first = exact[0]
    if not all(value.is_finite() for value in exact):
        return str(float(first))
    decimals = figures - 1 - _exponent(first)
    spread = max(exact) - min(exact)
    if spread:
        decimals = min(decimals, 1 - _exponent(spread))
    while True:
        step = Decimal(1).scaleb(-decimals)
        rounded = [value.quantize(step, context=EXACT) for value in exact]
        if all(value == rounded[0] for value in rounded):
            return plain(rounded[0])
        decimals -= 1


def plain(value: Decimal) -> str:
    """A decimal number as text, with an exponent only if it would be long or have zeros that are not known digits."""
    if not value:
        return "0"
    last = value.as_tuple().exponent
    if PLAIN_FROM <= value.adjusted() < PLAIN_TO and isinstance(last, int) and last <= 0:
        return f"{value:f}"
    number, _, exponent = f"{value:.{len(value.as_tuple().digits) - 1}e}".partition("e")
    return f"{number}e{int(exponent)}"


def _exponent(value: Decimal) -> int:
    return value.adjusted() if value else 0


def rounding_bound(inputs: Array, weights: Array, biases: Array, error: Array, unit: float) -> Array:
    """A bound (O,) of the rounding error of ``inputs @ weights + biases``; ``error`` (I,) bounds that of the inputs.

    ``unit`` is the unit roundoff of the arithmetic. Higham, *Accuracy and Stability of Numerical Algorithms* (2002),
    section 3.1, with γ for ``I + 6`` roundings of each term, including those of the term itself.
    """
    steps = (len(inputs) + 6) * unit
    sizes = np.abs(weights)
    return steps / (1 - steps) * (np.abs(inputs) @ sizes + np.abs(biases)) + error @ sizes * (1 + steps)


def as_printed(values: Array) -> Array:
    """``values`` as :func:`term` prints them, as the nearest float64 numbers."""
    exact = values.astype(np.float64)
    if values.dtype == np.float64:
        return exact
    sizes = np.abs(exact)
    power = np.floor(np.log10(np.where(sizes > 0, sizes, 1))).astype(np.int64) - (FIGURES[values.dtype] - 1)
    # Powers of ten up to 22 are exact in float64, so that only one operation rounds.
    up, down = 10.0 ** np.maximum(-power, 0), 10.0 ** np.maximum(power, 0)
    return np.rint(exact * up / down) * down / up
