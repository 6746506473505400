"""``glassnet lesson``"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glassnet.cli.arguments import AsJson, Theme
from glassnet.cli.draw import drawing
from glassnet.cli.outputs import check_model_out, write_json
from glassnet.cli.terminal import print_text, width
from glassnet.errors import Faults, InputError, unknown
from glassnet.lessons import worked_example
from glassnet.lessons.worked_example import WorkedExample
from glassnet.lessons.worked_example_text import WIDTH, lesson_text

if TYPE_CHECKING:
    from glassnet.model import Model


def lesson(
    pictures: Annotated[
        Path | None,
        typer.Option(
            "--pictures",
            metavar="FOLDER",
            help="Draw the lesson's pictures into this folder as well; it is made if it does not exist.",
        ),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(
            "--model",
            metavar="FILE",
            help="Save the trained network as a model as well, which export, explain and the other commands take.",
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
      glassnet lesson --model lesson.glassnet
      glassnet export lesson.glassnet lesson.xlsx
    """
    faults = Faults(InputError)
    if pictures is not None:
        _check(pictures, theme, faults)
    if model is not None:
        check_model_out(model, faults, option="--model")
    faults.raise_if_any()
    example = worked_example.run()
    if not json:
        print(lesson_text(example, min(WIDTH, width())), end="")
    written = [] if pictures is None else _draw(example, pictures, theme)
    if model is not None:
        _model(example).save(model)
    if json:
        write_json("lesson", lesson=example)
    elif written:
        print_text("\n  ".join([f"\n{len(written)} pictures of the lesson:", *map(str, written)]))
    if model is not None and not json:
        print_text(f"\nModel written to {model}")


def _check(folder: Path, theme: str, faults: Faults) -> None:
    """Check before the lesson whether the pictures can be written after it."""
    themes = drawing().THEMES
    if theme not in themes:
        faults.add(unknown("--theme", theme, themes))
    if folder.exists() and not folder.is_dir():
        faults.add(f"--pictures is {str(folder)!r}, but that is a file; name a folder.")
    elif not folder.exists() and not folder.parent.is_dir():
        faults.add(
            f"--pictures is {str(folder)!r}, but there is no folder {str(folder.parent)!r} to make it in."
        )


def _draw(example: WorkedExample, folder: Path, theme: str) -> list[Path]:
    folder.mkdir(exist_ok=True)
    learnt = example.as_the_example.learnt
    written: list[Path] = drawing().chapter(folder, example.network, example.initial, learnt, theme=theme)
    return written


def _model(example: WorkedExample) -> Model:
    """The network that was trained as the example, as a model of four columns of numbers."""
    from glassnet.convert.record import Dense, numbers_target, plain_numbers, record
    from glassnet.model import Model

    names = [f"input {number + 1}" for number in range(example.inputs.shape[1])]
    layers = [Dense(own.weights, own.biases, "sigmoid") for own in example.as_the_example.learnt]
    rows = dict(zip(names, example.inputs.T, strict=True)) | {"actual": example.targets[:, 0]}
    inputs = plain_numbers(names)
    columns = zip(inputs.columns, example.inputs[0], strict=True)
    inputs = replace(inputs, columns=tuple(replace(own, examples=(f"{value:g}",)) for own, value in columns))
    target = numbers_target(["actual"], "float64")
    return record(Model, [layers], inputs, target, "the worked example", rows)
