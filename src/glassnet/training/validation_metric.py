"""Judges: what early stopping goes by in place of the validation loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from glassnet.net.arrays import Array


@dataclass(frozen=True)
class Judge:
    """``measure`` gives the figure of parameters (P,) on the validation rows; ``greater`` ones are better or not."""

    name: str
    measure: Callable[[Array], float]
    greater: bool = True

    def better(self, figure: float, than: float) -> bool:
        return figure > than if self.greater else figure < than
