"""``glassnet lesson``"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from glassnet.cli.arguments import AsJson, Theme
from glassnet.cli.draw import drawing
from glassnet.cli.outputs import write_json
from glassnet.cli.terminal import print_text, width
from glassnet.errors import Faults, InputError, unknown
from glassnet.lessons import worked_example
from glassnet.lessons.worked_example import WorkedExample
from glassnet.lessons.worked_example_text import WIDTH, lesson_text


def lesson(
    pictures: Annotated[
        Path | None,
        typer.Option(
            "--pictures",
            metavar="FOLDER",
            help="Draw the lesson's pictures into this folder as well; it is made if it does not exist.",
        ),
    ] = None,
    theme: Theme = "light",
    json: AsJson = False,
) -> None:
    """Show how a small network computes and how it learns, with every number.

    Four inputs, two hidden layers of five neurons, one output, three rows. The lesson prints every weight
    and bias before and after 10001 steps, the error during training, and the results of the exact gradient.

    Examples:
      glassnet lesson | less
      glassnet lesson --pictures chapter
    """
    if pictures is not None:
        _check(pictures, theme)
    example = worked_example.run()
    if not json:
        print(lesson_text(example, min(WIDTH, width())), end="")
    written = [] if pictures is None else _draw(example, pictures, theme)
    if json:
        write_json("lesson", lesson=example)
    elif written:
        print_text("\n  ".join([f"\n{len(written)} pictures of the lesson:", *map(str, written)]))


def _check(folder: Path, theme: str) -> None:
    """Check before the lesson whether the pictures can be written after it."""
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


def _draw(example: WorkedExample, folder: Path, theme: str) -> list[Path]:
    folder.mkdir(exist_ok=True)
    learnt = example.as_the_example.learnt
    written: list[Path] = drawing().chapter(folder, example.network, example.initial, learnt, theme=theme)
    return written
