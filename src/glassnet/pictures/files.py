"""Pictures as files: PNG, SVG or PDF by the ending of the name, complete or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from html import escape
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.text import Text

from glassnet.errors import InputError, nearest
from glassnet.files import replacing
from glassnet.pictures.figure import figure_of
from glassnet.pictures.text_fit import drawable

ENDINGS = (".png", ".svg", ".pdf", ".jpg", ".webp")
# Where title and description go, and no date, so that the same picture gives the same file.
_METADATA: dict[str, tuple[str, str, dict[str, Any]]] = {
    ".png": ("Title", "Description", {}),
    ".svg": ("Title", "Description", {"Date": None}),
    ".pdf": ("Title", "Subject", {"CreationDate": None}),
}
_LOCK = Lock()


def check_ending(path: str | os.PathLike[str]) -> str:
    """The ending of ``path`` if pictures can be written so.

    Raises:
        InputError: no ending, or an unknown one.
    """
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        fault = f"ends in {ending!r}" if ending else "has no ending"
        raise InputError(
            f"the name of the picture {str(path)!r} {fault}, but must end in "
            f"{', '.join(ENDINGS)}.{nearest(ending, ENDINGS) if ending else ''}"
        )
    return ending


def save(ax: Axes, path: str | os.PathLike[str], *, dpi: float | None = None) -> None:
    """Write the figure that ``ax`` belongs to; an existing file is replaced only by a complete one.

    Titles and notes become the title and the description of the file; the text of an SVG is text, not outlines.

    Args:
        path: the file; its ending says in which format: ``.png``, ``.svg``, ``.pdf``, ``.jpg`` or ``.webp``.
        dpi: dots per inch; by default the figure's own.

    Raises:
        InputError: the name has no known ending.
        OSError: the folder does not exist or may not be written to, or the disk is full.
    """
    ending = check_ending(path)
    figure, metadata = figure_of(ax), None
    title = "; ".join(drawable(each.get_title("left")) for each in figure.axes if each.get_title("left"))
    notes = [text for text in figure.findobj(Text) if isinstance(text, Text) and text.get_gid() == "notes"]
    description = "; ".join(drawable(text.get_text()) for text in notes)
    if ending in _METADATA:
        title_key, description_key, metadata = _METADATA[ending]
        metadata = {**metadata, title_key: title, description_key: description}
    buffer = BytesIO()  # what draws has messages of its own for a full disk
    with _text_as_text() if ending == ".svg" else nullcontext():
        figure.savefig(
            buffer,
            format=ending[1:],
            dpi=dpi or "figure",
            facecolor=figure.get_facecolor(),
            metadata=metadata,
        )
    content = buffer.getvalue()
    if ending == ".svg":  # for screen readers
        start, end, rest = content.partition(b"</title>")
        content = start + end + f"\n <desc>{escape(description)}</desc>".encode() + rest
    with replacing(path) as stream:
        stream.write(content)


@contextmanager
def _text_as_text() -> Iterator[None]:
    """Text in an SVG instead of outlines, which Matplotlib lets be chosen by a global setting alone."""
    with _LOCK:
        before = rcParams["svg.fonttype"]
        rcParams["svg.fonttype"] = "none"
        try:
            yield
        finally:
            rcParams["svg.fonttype"] = before
