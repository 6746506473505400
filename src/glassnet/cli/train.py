"""``glassnet train``"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glassnet import engines
from glassnet.cli import model_text
from glassnet.cli.arguments import AsJson, Quiet, TargetColumns, out_option
from glassnet.cli.outputs import check_model_out, write_json
from glassnet.cli.process import forgo_pandas, ignore_signals
from glassnet.cli.processes import check_engine, connect, rank_of
from glassnet.cli.reading import OPTIONS, read_keywords
from glassnet.cli.rows import blocks_of, read_source
from glassnet.cli.settings_options import as_options, settings_given, texts_of
from glassnet.cli.table_source import PENGUINS, source_of
from glassnet.cli.terminal import command_lines, notes, print_message, render
from glassnet.continuation import KEPT, train_more
from glassnet.errors import Faults, SettingsError, plural, reporting_to
from glassnet.fit import train as fit
from glassnet.model import Model, load
from glassnet.net import INITIALIZERS
from glassnet.tables.schema import MULTILABEL, REGRESSION
from glassnet.text import Block, Code, Heading, Paragraph
from glassnet.training.checkpoint import Checkpoint
from glassnet.training.events import TrainingStarted
from glassnet.training.progress import ProgressDisplay

if TYPE_CHECKING:
    from glassnet.inside import Suggestion
    from glassnet.training.events import Callback, Event

MODEL = Path("model.glassnet")


def train(
    table: Annotated[
        str | None,
        typer.Argument(
            metavar="TABLE",
            help="CSV, Parquet, Arrow or JSON; a folder or a quoted pattern of such files; - for standard input. "
            "Default: penguins, the bundled table.",
            show_default=False,
        ),
    ] = None,
    target: TargetColumns = None,
    out: Annotated[Path, out_option("Where the model is saved.")] = MODEL,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            "--checkpoint",
            metavar="PATH",
            help="A file, written once a minute, from which the same command goes on after training was killed or "
            "stopped. It is removed once a training that ended by itself is saved.",
            show_default=False,
        ),
    ] = None,
    processes: Annotated[
        str | None,
        typer.Option(
            "--processes",
            metavar="COUNT",
            help="Train in so many processes of this machine, by the engine jax; auto: one for each GPU, else for each "
            "processor. Under srun, mpirun and the like, auto means the processes that they have started.",
            show_default=False,
        ),
    ] = None,
    quiet: Quiet = False,
    json: AsJson = False,
    **settings: Any,
) -> None:
    """Train a network on a table, and save it.

    Prints the type of every column, the progress of training, and the metrics of the model and of a baseline on
    held-out rows, which are used neither for training nor for stopping. Ctrl-C stops training and keeps the
    best epoch so far; with --checkpoint, the same command then goes on with the training.

    Examples:
      glassnet train
      glassnet train houses.csv --target price --out houses.glassnet
      glassnet train houses.csv --target price --hidden 128,64 --activation tanh --learning-rate 0.01 --seed 1
      glassnet train june.csv --init houses.glassnet --out june.glassnet --epochs 20
    """
    faults = Faults(SettingsError)
    rank = 0
    if processes is not None:
        check_engine(settings.get("engine"))
        rank = rank_of(processes)
    quiet, json = quiet or rank > 0, json and not rank
    check_model_out(out, faults, table)
    if checkpoint is not None:
        check_model_out(checkpoint, faults, table, settings.get("init"), option="--checkpoint")
        if checkpoint.resolve() == out.resolve():
            faults.add(f"--checkpoint and --out are both {str(out)!r}; name another file for one of them.")
        if settings.get("init") and Path(settings["init"]).resolve() == out.resolve():
            faults.add(
                f"--init and --out are both {str(out)!r}, so that the same command could not go on from its "
                "--checkpoint; name another file for --out."
            )
    kept = None if checkpoint is None else Checkpoint(checkpoint, keep=True)
    source, targets = _source(table, target)
    reading = {name: settings.pop(name, None) for name in OPTIONS}
    callbacks: list[Callback] = (
        [] if quiet else [ProgressDisplay()] if json else [_Start(), ProgressDisplay()]
    )
    quietly = reporting_to(lambda notes: None) if quiet else nullcontext()
    with quietly, _saying_why_there_is_no_model():
        earlier = _earlier(settings["init"], target, faults) if settings.get("init") else None
        given = settings_given(settings if earlier is None else {**settings, "init": None}, faults)
        faults.raise_if_any()
        if processes is not None:
            connect()
        if read_keywords(reading) and not rank:
            source = blocks_of(table or PENGUINS, reading) or read_source(table or PENGUINS, reading)
        if earlier is None:
            model = fit(source, targets, progress=False, callbacks=callbacks, checkpoint=kept, **given)
        else:
            own = {name: value for name, value in given.items() if settings.get(name) is not None}
            model = train_more(earlier, source, progress=False, callbacks=callbacks, checkpoint=kept, **own)
    if rank:  # process 0 does the rest
        return
    _save(model, out)
    if kept is not None:
        _end(kept, model)
    if json:
        write_json("train", model=model, saved=str(out))
    elif not quiet:
        print(
            render(
                _result(model, out, {"target": target, **settings, **reading, "processes": processes}, table)
            )
        )


@contextmanager
def _saying_why_there_is_no_model() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt as interruption:
        notes(f"{reason}." for reason in interruption.args)
        raise


def _save(model: Model, out: Path) -> None:
    """Save the model, whatever signals come: without the statistics of the training rows, if it is interrupted."""
    try:
        model.save(out)
    except KeyboardInterrupt:
        replace(model, stats=None).save(out)
    ignore_signals()


def _end(checkpoint: Checkpoint, model: Model) -> None:
    """Remove the checkpoint of a model that is saved, unless its training was stopped."""
    if all(member.history.ended_by != "stop" for member in model.members):
        checkpoint.remove()
    else:
        notes([f"the checkpoint {checkpoint.name!r} stays: the same command goes on with the training."])


def _source(table: str | None, target: list[str] | None) -> tuple[Any, str | list[str] | None]:
    """What to read, and the target: a name, or several."""
    forgo_pandas()
    targets = target[0] if target and len(target) == 1 else target or None
    if table is None or (table == PENGUINS and targets is None):
        return source_of(PENGUINS), targets or "species"
    return source_of(table), targets


def _earlier(init: str, target: list[str] | None, faults: Faults) -> Model | None:
    """The model whose training ``--init`` continues; ``None`` if that is an initializer."""
    if init in INITIALIZERS or not (init.endswith(".glassnet") or Path(init).is_file()):
        return None
    model = load(init)
    columns = list(model.target.columns)
    if target and target != columns:
        faults.add(f"--target is {', '.join(target)}, but the model {init!r} predicts {', '.join(columns)}.")
    return model


class _Start:
    """Prints the columns and the network when training starts."""

    def __call__(self, event: Event) -> None:

        if not isinstance(event, TrainingStarted):
            return
        certain = [
            note for note in event.schema.notes if not note.is_assumption
        ]  # the others are printed already
        counts = f"{event.rows:,} training rows, {event.validation_rows:,} validation rows"
        if event.folds:
            counts = f"{event.rows:,} rows in {event.folds} folds: each network is validated on another fold"
        several = f"{event.members} networks " if event.members > 1 else ""
        blocks = [
            *model_text.columns(event.schema, certain),
            Heading("Training", 3),
            Paragraph(f"{several}{event.network}: {event.network.parameter_count:,} parameters", 2),
            *_recipe(event),
        ]
        with suppress(OSError):  # a closed standard output does not keep the model from being made
            print(render(blocks))
            if reason := engines.unavailable("native").get("native"):
                print_message(f"  note: the native engine is not available: {reason}")
            print(render([Paragraph(counts, 2), Paragraph(_duration(event), 2)]), flush=True)


def _recipe(event: TrainingStarted) -> list[Block]:
    """What the recipe chose and for what, as options; nothing of a recipe that only has defaults."""
    settings, task = event.model.settings, event.schema.task
    if not settings.chosen:
        return []
    options = " ".join(as_options(name, getattr(settings, name)) for name in settings.chosen)
    target = "a target of numbers" if task == REGRESSION else "a target of classes"
    recipe = as_options("recipe", settings.recipe)
    return [Paragraph(f"{recipe} chose for {target} and {event.rows:,} rows: {options}", 2)]


def _duration(event: TrainingStarted) -> str:
    """How long the training takes at most."""
    epochs = f"at most {plural(event.epochs, 'epoch')}"
    seconds = event.seconds
    if seconds < 1:
        return f"{epochs}, less than a second"
    return (
        f"{epochs}, about {round(seconds)} s" if seconds < 100 else f"{epochs}, about {seconds / 60:.0f} min"
    )


def _result(model: Model, out: Path, options: Mapping[str, Any], table: str | None) -> list[Block]:
    """How training ended, how good the model is, and what to do next."""
    suggestion = model.suggest()
    judged = [] if model.held_out is None else model_text.held_out(model, model.held_out)
    rows = [] if model.held_out is None else model_text.actual_and_predicted(model, model.held_out)
    return [
        *model_text.training_ended(model),
        *judged,
        *model_text.parameters(model),
        *rows,
        Heading(f"Saved as {out}", 3),
        Code(_next(model, out, options, table, suggestion)),
        *suggestion.blocks(),
    ]


def _next(
    model: Model, out: Path, options: Mapping[str, Any], table: str | None, suggestion: Suggestion
) -> list[str]:
    """What to do next: commands that can be copied. Those that train keep every option and the seed."""
    name = str(out) if not str(out).startswith("-") else f"./{out}"
    same = {**options, "seed": str(model.settings.seed), "out": None if out == MODEL else str(out)}
    continued = "continued" in model.provenance
    better = {
        setting: _option_text(value)
        for setting, value in suggestion.change.items()
        if not (continued and setting in KEPT)
    }
    one = ["--for-target", model.target.columns[0]] if model.schema.task == MULTILABEL else []
    commands = {
        "look inside": ["show", name],
        "one prediction": ["explain", name, table or PENGUINS, *one],
        "a picture": ["draw", name],
        "problems": ["doctor", name, *one],
        "how it works": ["lesson"],
        "predict": ["predict", name, "new.csv", "--out", "predictions.csv"],
        **({} if continued and options["init"] == str(out) else {"repeat": _training(table, same)}),
        **({"try to improve": _training(table, {**same, **better})} if better else {}),
    }
    return [
        line
        for title, words in commands.items()
        for line in command_lines(f"{title:<16}", ["glassnet", *map(shlex.quote, words)])
    ]


def _option_text(value: Any) -> Any:
    """The value of a setting as :func:`_training` takes it: whether a flag is set, or the option's texts."""
    return value if isinstance(value, bool) else texts_of(value)


def _training(table: str | None, options: Mapping[str, Any]) -> list[str]:
    """The words of a ``glassnet train``."""
    words = ["train", *([] if table is None else [table])]
    for name, given in options.items():
        option = "--" + name.replace("_", "-")
        if isinstance(given, bool):
            words.append(option if given else f"--no-{option[2:]}")
        elif given:
            for one in given if isinstance(given, list) else [given]:
                words += [option, one]
    return words
