"""``glassnet lesson``"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from glassnet.lessons.worked_example import WorkedExample


def lesson(
    pictures: Annotated[
        Path | None,
        typer.Option(
            "--pictures",
            metavar="FOLDER",
            help="Draw the chapter into this folder as well, which is made if it is not there.",
        ),
    ] = None,
    theme: Annotated[
        str, typer.Option("--theme", metavar="THEME", help="Of the pictures: light or dark.")
    ] = "light",
) -> None:
    """A small network with every number in sight: how it computes, and how it learns.

    Four inputs, two hidden layers of five neurons, one output, three rows. The lesson shows every weight
    and bias before and after 10001 steps, the error on the way, and what the exact gradient does instead.

    Examples:
      glassnet lesson | less
      glassnet lesson --pictures chapter
    """
    from glassnet.lessons import worked_example
    from glassnet.lessons.worked_example_text import tell

    if pictures is not None:
        _check(pictures, theme)
    example = worked_example.run()
    print(tell(example), end="")
    if pictures is not None:
        _draw(example, pictures, theme)


def _check(folder: Path, theme: str) -> None:
    """Find before the lesson what would make drawing it fail after it."""
    from glassnet.cli.draw import drawing
    from glassnet.errors import Faults, InputError, unknown

    themes = drawing().THEMES
    faults = Faults(InputError)
    if theme not in themes:
        faults.add(unknown("--theme", theme, themes))
    if folder.exists() and not folder.is_dir():
        faults.add(f"--pictures is {str(folder)!r}, but that is a file; name a folder.")
    elif not folder.exists() and not folder.parent.is_dir():
        faults.add(
            f"--pictures is {str(folder)!r}, but there is no folder {str(folder.parent)!r} to make it in."
        )
    faults.raise_if_any()


def _draw(example: WorkedExample, folder: Path, theme: str) -> None:
    from glassnet.pictures import chapter

    folder.mkdir(exist_ok=True)
    learnt = example.as_the_example.learnt
    written = chapter(folder, example.network, example.initial, learnt, theme=theme)
    print(f"\nThe chapter in {len(written)} pictures:")
    for path in written:
        print(f"  {path}")
