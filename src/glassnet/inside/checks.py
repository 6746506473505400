"""Checks of numeric arguments."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np

from glassnet.errors import InputError, called, unknown


def whole_number(what: str, given: Any, least: int = 1, most: int | None = None, more: str = "") -> None:
    """``more`` is what else may be given, in words, such as ``a name or ``.

    Raises:
        InputError: ``given`` is not a whole number from ``least`` to ``most``.
    """
    number = isinstance(given, (int, np.integer)) and not isinstance(given, bool)
    if not number or given < least or (most is not None and given > most):
        bounds = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise InputError(f"{called(what)} is {given!r:.80}, but must be {more}a whole number {bounds}.")


def positive_number(what: str, given: Any) -> None:
    """As a tolerance must be.

    Raises:
        InputError: ``given`` is not a finite number above 0.
    """
    if isinstance(given, bool) or not isinstance(given, Real) or not 0 < float(given) < math.inf:
        raise InputError(f"{what} is {given!r:.80}, but must be a number above 0.")


def position(what: str, given: int | str, names: Sequence[str]) -> int:
    """The position, from 0, of a name, or of a number that counts from 1, which may be text.

    Raises:
        InputError: no such name or number.
    """
    if isinstance(given, str):
        if given in names:
            return list(names).index(given)
        if not given.isdecimal():
            raise InputError(unknown(called(what), given, names[:20]))
        given = int(given)
    whole_number(what, given, 1, len(names), more="a name or ")
    return given - 1
