"""Pictures as files: PNG, SVG or PDF by the ending of the name, whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from matplotlib.axes import Axes

from glassnet.errors import InputError, nearest
from glassnet.files import replacing

ENDINGS = (".png", ".svg", ".pdf", ".jpg", ".webp")
# No date, so that the same picture gives the same file.
_METADATA = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}


def check_ending(path: str | os.PathLike[str]) -> str:
    """The ending of ``path`` if pictures can be written so.

    Raises:
        InputError: no ending, or an unknown one.
    """
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        said = f"ends in {ending!r}" if ending else "has no ending"
        raise InputError(
            f"the name of the picture {str(path)!r} {said}, but must end in "
            f"{', '.join(ENDINGS)}.{nearest(ending, ENDINGS) if ending else ''}"
        )
    return ending


def save(ax: Axes, path: str | os.PathLike[str], *, dpi: float | None = None) -> None:
    """Write the figure that ``ax`` belongs to; an older file is replaced only by a whole one.

    Args:
        dpi: dots an inch; by default the figure's own.

    Raises:
        InputError: the name has no ending that is known.
        OSError: the folder is missing, may not be written to, or the disk is full.
    """
    ending = check_ending(path)
    figure = ax.get_figure(root=True)
    assert figure is not None
    with replacing(path) as temporary:
        figure.savefig(
            temporary,
            format=ending[1:],
            dpi=dpi or "figure",
            facecolor=figure.get_facecolor(),
            metadata=_METADATA.get(ending),
        )
