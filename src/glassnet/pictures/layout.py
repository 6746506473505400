"""A layout engine that fits the pictures of a figure to their sizes whenever Matplotlib lays the figure out."""

from __future__ import annotations

from typing import Any, Protocol

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine, LayoutEngine, PlaceHolderLayoutEngine

PADDING = 0.1  # inches around every picture
ROUNDS = 5  # a heading of another height changes the size of the axes, and that may change the heading


class Fitted(Protocol):
    """What has to be fitted: a picture in its axes."""

    ax: Axes

    def is_drawn(self) -> bool: ...

    def fit(self) -> bool:
        """Adapt to the current size of the axes; returns whether anything changed."""


class PictureLayout(PlaceHolderLayoutEngine):
    """Places axes by another engine (constrained layout where the figure has none) and fits the pictures in them.

    As a placeholder it is replaced by ``tight_layout`` without a warning.
    """

    def __init__(self, placing: LayoutEngine | None) -> None:
        if placing is None or isinstance(placing, PlaceHolderLayoutEngine):
            placing = ConstrainedLayoutEngine(w_pad=PADDING, h_pad=PADDING)
        super().__init__(placing.adjust_compatible, placing.colorbar_gridspec)
        self.placing = placing
        self.pictures: dict[Axes, Fitted] = {}

    @classmethod
    def of(cls, figure: Figure) -> PictureLayout:
        """The layout engine of ``figure``, which is replaced by one of this class if necessary."""
        engine = figure.get_layout_engine()
        if not isinstance(engine, cls):
            engine = cls(engine)
            figure.set_layout_engine(engine)
        return engine

    def set(self, **parameters: Any) -> None:
        """Set the parameters of the engine that places the axes."""
        self.placing.set(**parameters)

    def get(self) -> dict[str, Any]:
        return self.placing.get()

    def execute(self, fig: Figure) -> None:
        """Place all axes and fit all pictures, until both agree."""
        self.pictures = {ax: picture for ax, picture in self.pictures.items() if picture.is_drawn()}
        for left in range(ROUNDS, -1, -1):
            if any(ax.get_subplotspec() for ax in fig.axes):
                self.placing.execute(fig)
            changed = [picture.fit() for picture in self.pictures.values() if left]
            if not any(changed):
                return
