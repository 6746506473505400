"""``glassnet train``"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from glassnet.model import Model
    from glassnet.training.events import Event, Watcher

MODEL = Path("model.glassnet")


def train(
    table: Annotated[
        str | None,
        typer.Argument(
            metavar="TABLE",
            help="CSV, Parquet, Arrow or JSON; - for standard input. Default: the bundled Palmer penguins.",
            show_default=False,
        ),
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option(
            "--target",
            "-t",
            metavar="COLUMN",
            help="The column to predict; may be given several times, for numbers. Default, for the penguins: species.",
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="Where the model is saved.")
    ] = MODEL,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
    **settings: Any,
) -> None:
    """Train a network on a table, and save it.

    Says what it understood of every column, how training goes, and how good the model is on rows that
    neither training nor stopping saw, beside what doing nothing would reach. Ctrl-C ends training and
    keeps the best so far.

    Examples:
      glassnet train
      glassnet train houses.csv --target price --out houses.glassnet
      glassnet train houses.csv --target price --hidden 128,64 --activation tanh --learning-rate 0.01 --seed 1
    """
    from glassnet.cli.outputs import check_model_out
    from glassnet.cli.progress import display
    from glassnet.cli.settings_options import as_options, settings_given
    from glassnet.errors import Faults, SettingsError, spelled
    from glassnet.files import naming
    from glassnet.fit import train as fit

    faults = Faults(SettingsError)
    check_model_out(out, faults, table)
    source, targets = _source(table, target)
    watchers: list[Watcher] = [] if quiet else [_Understood(), display()]
    with spelled(as_options):
        given = settings_given(settings, faults)
        faults.raise_if_any()
        model = fit(source, targets, progress=False, callbacks=watchers, **given)
    with naming(out):
        model.save(out.resolve())
    if not quiet:
        _tell(model, out, {"target": target, **settings}, table)


def _source(table: str | None, target: list[str] | None) -> tuple[Any, str | list[str] | None]:
    """What to read, and the target: a name, or several."""
    from glassnet.cli.process import forgo_pandas
    from glassnet.tables import penguins_path

    forgo_pandas()
    targets = target[0] if target and len(target) == 1 else target or None
    if table is None:
        return penguins_path(), targets or "species"
    return (sys.stdin.buffer if table == "-" else table), targets


class _Understood:
    """Prints what was understood of the table, when training starts."""

    def __call__(self, event: Event) -> None:
        from glassnet import engines
        from glassnet.cli import report
        from glassnet.cli.terminal import heading
        from glassnet.training.events import TrainingStarted

        if not isinstance(event, TrainingStarted):
            return
        with suppress(OSError):  # who does not listen does not keep the model from being made
            heading("What the columns are")
            print("\n".join(report.columns_understood(event.schema)))
            heading("Training")
            print(f"  {event.network}: {event.network.parameter_count:,} parameters")
            for name, reason in engines.unavailable().items():
                print(f"  note: the {name} engine cannot serve here: {reason}", file=sys.stderr)
            print(
                f"  {event.rows:,} rows to learn from, {event.validation_rows:,} to know when to stop",
                flush=True,
            )


def _tell(model: Model, out: Path, options: Mapping[str, Any], table: str | None) -> None:
    from glassnet.cli import report
    from glassnet.cli.terminal import heading

    print(f"  {report.training_ended(model)}")
    if model.holdout is not None:
        heading(f"On {len(model.holdout):,} rows that neither training nor stopping saw")
        print("\n".join(report.held_out(model.holdout, report.doing_nothing(model))))
    heading("Initial and learnt weights and biases")
    print("\n".join(report.ledger(model)))
    if model.holdout is not None:
        heading("Actual and predicted, a few of those rows")
        print("\n".join(report.actual_and_predicted(model.holdout, model.target.columns)))
    heading(f"Saved as {out}")
    print("\n".join(f"  {line}" for line in _next(model, out, options, table)))


def _next(model: Model, out: Path, options: Mapping[str, Any], table: str | None) -> list[str]:
    """What to try now: commands that can be copied."""
    from glassnet.lessons.layout import columns

    name = shlex.quote(str(out))
    used, history = model.settings, model.history
    if history.epochs == used.epochs:
        better = {"epochs": str(3 * used.epochs)}
    else:
        better = {"hidden": ",".join(str(2 * width) for width in used.hidden) or "16"}
    return columns(
        [
            (f"glassnet show {name}", "look inside"),
            (f"glassnet predict {name} new.csv --out predictions.csv", "use it"),
            (_command(table, {**options, "seed": str(used.seed)}), "make the same again"),
            (_command(table, {**options, "seed": None, **better}), "try to do better"),
        ],
        "<<",
        indent="",
    )


def _command(table: str | None, options: Mapping[str, Any]) -> str:
    """A command line for ``glassnet train``."""
    words = ["glassnet", "train", *([] if table is None else [table])]
    for name, given in options.items():
        option = "--" + name.replace("_", "-")
        if isinstance(given, bool):
            words.append(option if given else f"--no-{option[2:]}")
        elif given:
            for one in given if isinstance(given, list) else [given]:
                words += [option, one]
    return shlex.join(words)
