"""What the training of a network leaves."""

from __future__ import annotations

from typing import NamedTuple

from glassnet.engines.protocol import EachRow
from glassnet.net.arrays import Array
from glassnet.training.history import History


class Kept(NamedTuple):
    """The parameters (P,) that a training keeps, and what was measured of each validation row with them."""

    parameters: Array
    validation: EachRow | None = None


class Result(NamedTuple):
    """The curves of a training, and what it keeps; ``None`` if Ctrl-C ended it before there was anything."""

    history: History
    kept: Kept | None
