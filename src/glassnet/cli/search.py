"""``glassnet search``"""

from __future__ import annotations

from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glassnet.cli import model_text
from glassnet.cli.arguments import AsJson, Quiet, TargetColumns, out_option
from glassnet.cli.outputs import check_model_out, check_out, write_json
from glassnet.cli.process import forgo_pandas
from glassnet.cli.reading import OPTIONS, read_keywords
from glassnet.cli.rows import read_source
from glassnet.cli.settings_options import settings_given, value_of
from glassnet.cli.table_source import PENGUINS, source_of
from glassnet.cli.terminal import command_lines, render
from glassnet.errors import Faults, InputError, SettingsError, reporting_to
from glassnet.text import Block, Code, Heading
from glassnet.training.settings import SETTINGS

if TYPE_CHECKING:
    from glassnet.searching import SearchResult

MODEL = Path("model.glassnet")
NONE = "none"


def search(
    table: Annotated[
        str | None,
        typer.Argument(
            metavar="TABLE",
            help="CSV, Parquet, Arrow or JSON. Default: penguins, the bundled table.",
            show_default=False,
        ),
    ] = None,
    target: TargetColumns = None,
    space: Annotated[
        list[str] | None,
        typer.Option(
            "--space",
            metavar="NAME=VALUES",
            help="What is searched of a setting: LOW:HIGH, LOW:HIGH:log or LOW:HIGH:STEP of a number, VALUE|VALUE of "
            "any setting, or none to leave it to the recipe. May be given several times.",
        ),
    ] = None,
    trials: Annotated[
        int, typer.Option("--trials", min=1, help="How many, those in the study included.")
    ] = 50,
    timeout: Annotated[
        float | None, typer.Option("--timeout", metavar="SECONDS", help="When the search ends.")
    ] = None,
    storage: Annotated[
        str | None,
        typer.Option(
            "--storage",
            metavar="URL",
            help="Where Optuna keeps the trials, as sqlite:///trials.db. The same command in several processes "
            "searches together, and goes on after an interruption.",
        ),
    ] = None,
    study: Annotated[
        str | None,
        typer.Option("--study", metavar="NAME", help="The study in the storage. Default: glassnet."),
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(
            "--picture", metavar="FILE", help="Draw the trials: a name that ends in .png, .svg or .pdf."
        ),
    ] = None,
    out: Annotated[Path, out_option("Where the best model is saved.")] = MODEL,
    quiet: Quiet = False,
    json: AsJson = False,
    **settings: Any,
) -> None:
    """Search for the settings with which a network predicts best, and save the best model.

    Prints a line for each trial, and then the best trials. They are compared on rows that are not trained on; the held
    out rows, which no trial uses, tell how good the best model is. Ctrl-C ends the search and keeps the best so far.
    All options of glassnet train are settings of all trials, and are not searched.

    Examples:
      glassnet search --trials 20
      glassnet search houses.csv --target price --timeout 600 --space learning-rate=0.001:0.02:log --space bins=none
      glassnet search houses.csv --target price --storage sqlite:///trials.db
    """
    forgo_pandas()
    faults = Faults(SettingsError)
    check_model_out(out, faults, table)
    if picture is not None:
        check_out(picture, faults, table, out, option="--picture")
    reading = {name: settings.pop(name, None) for name in OPTIONS}
    searched = _space(space or [], faults)
    given = settings_given(settings, faults)
    faults.raise_if_any()
    try:
        from glassnet.searching import search as search_settings

        if picture is not None:
            from glassnet.pictures import check_ending, save

            check_ending(picture)
    except ImportError as error:
        raise InputError(str(error)) from None
    targets: Any = target[0] if target and len(target) == 1 else target or None
    if table is None or (table == PENGUINS and targets is None):
        source, targets = source_of(PENGUINS), targets or "species"
    else:
        source = source_of(table)
    if read_keywords(reading):
        source = read_source(table or PENGUINS, reading)
    with reporting_to(lambda notes: None) if quiet else nullcontext():
        found = search_settings(
            source,
            targets,
            space=searched,
            trials=trials,
            timeout=timeout,
            storage=storage,
            study=study,
            progress=not (quiet or json),
            seed=given.pop("seed", 0),
            **given,
        )
    found.model.save(out)
    if picture is not None:
        save(found.draw(), picture)
    if json:
        write_json("search", search=found, model=found.model, saved=str(out))
    elif not quiet:
        _print(found, out)


def _print(found: SearchResult, out: Path) -> None:
    model = found.model
    judged = [] if model.held_out is None else model_text.held_out(model, model.held_out)
    saved: list[Block] = [
        Heading(f"Saved as {out}", 3),
        Code(command_lines("look inside  ", ["glassnet", "show", str(out)])),
    ]
    print(render([*found.blocks(), *judged, *saved]))


def _space(texts: list[str], faults: Faults) -> dict[str, Any]:
    """The space that the options ``--space`` give."""
    space: dict[str, Any] = {}
    for text in texts:
        name, mark, values = text.partition("=")
        name = name.strip().replace("-", "_")
        if not mark or not name or not values.strip():
            faults.add(f"--space is {text!r}, but must be NAME=VALUES, as learning-rate=0.001:0.02:log.")
            continue
        if name in space:
            faults.add(f"--space names {name.replace('_', '-')} several times; give all its values at once.")
        try:
            space[name] = _values(name, values.strip())
        except SettingsError as error:
            faults.messages += error.faults
    return space


def _values(name: str, text: str) -> Any:
    if text == NONE:
        return None
    if ":" in text:
        return tuple(_number(part) for part in text.split(":"))
    return [
        value_of(SETTINGS[name], part.strip()) if name in SETTINGS else _number(part)
        for part in text.split("|")
    ]


def _number(text: str) -> Any:
    """An integer or another number; other text as it is, which the space then refuses."""
    for kind in (int, float):
        with suppress(ValueError):
            return kind(text)
    return text.strip()
