"""``train``: the one-line way from a table to a model."""

from __future__ import annotations

import inspect
import platform
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet import engines
from glassnet.errors import InputTypeError, SettingsError, called, unknown
from glassnet.evaluation import METRICS, SMALLER_IS_BETTER
from glassnet.model import Model
from glassnet.net import Parameters
from glassnet.net.arrays import Array
from glassnet.tables.read.read_table import as_arrow
from glassnet.tables.seeds import Stream
from glassnet.training.events import TrainingStarted, Watcher, Watchers, watchers_of
from glassnet.training.history import History
from glassnet.training.loop import Loop
from glassnet.training.plan import Plan, initial_parameters, network_of, objective_of, optimizer_of
from glassnet.training.prepare import Prepared, prepare
from glassnet.training.progress import ProgressLine, is_terminal
from glassnet.training.settings import SETTINGS, validate
from glassnet.training.stop import StopToken, stop_on_interrupt
from glassnet.training.training_stats import sample
from glassnet.training.validation_metric import Judge
from glassnet.version import VERSION

QUIET_SECONDS = 1.0  # with progress=None, trainings shorter than this print nothing
Metric = Callable[..., float]
Start = str | Parameters | npt.NDArray[Any] | Sequence[tuple[npt.ArrayLike, npt.ArrayLike]]


def train(
    table: Any,
    target: str | Sequence[str] | None = None,
    *,
    hidden: int | Sequence[int] = (128, 64),
    activation: str | Sequence[str] = "relu",
    output: str | None = None,
    dropout: float | Sequence[float] = 0.0,
    initial: Start | None = None,
    loss: str | None = None,
    huber_delta: float = 1.0,
    quantile: float = 0.5,
    l1: float = 0.0,
    l2: float = 1e-4,
    optimizer: str = "adam",
    learning_rate: float | None = None,
    momentum: float = 0.9,
    decay: float = 0.9,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    weight_decay: float = 0.01,
    max_norm: float | None = None,
    schedule: str = "constant",
    warm_up: float = 0.0,
    epochs: int = 200,
    batch_size: int | None = 32,
    patience: int | None = 20,
    metric: str | Metric | None = None,
    max_time: float | None = None,
    snapshots: int = 0,
    validation: Any = 0.2,
    holdout: float = 0.0,
    task: str | None = None,
    kinds: Mapping[str, str] | None = None,
    weights: str | npt.ArrayLike | None = None,
    class_weight: str | Mapping[Any, float] | None = None,
    standardize: bool = True,
    dtype: str = "float32",
    seed: int | None = None,
    engine: str = "auto",
    threads: int | None = None,
    progress: bool | None = None,
    callbacks: Watcher | Iterable[Watcher] | None = None,
    stop: StopToken | None = None,
) -> Model:
    """Train a network to predict ``target`` from the other columns of ``table``.

    >>> import glassnet
    >>> model = glassnet.train("penguins.csv", target="species", seed=1)     # doctest: +SKIP
    >>> model.predict("new_penguins.csv")                                    # doctest: +SKIP

    Every setting, with its default and the reason for it, is in :data:`glassnet.training.SETTINGS` and in
    ``docs/settings.md``. The others:

    Args:
        table: a path (CSV and its kin, Parquet, Arrow), a DataFrame, an Arrow table, a list of dicts, a dict
            of columns, or a pair ``(X, y)`` of arrays.
        target: the column to predict, or several columns of numbers, each of which may have gaps.
            With a pair, a name for ``y``.
        metric: what early stopping judges by, its rows weighed as the loss weighs them. A function gets the
            model as it stands and the validation rows as a PyArrow table, target included, and returns a number
            of which more is better; one with a parameter ``weights`` also gets what each of these rows counts,
            (N,), or ``None``.
        validation: a share of the rows, or a table (or pair) of rows of its own.
        progress: print how far training is; ``None``, if it takes longer than a second and somebody sits
            at a terminal.
        callbacks: one or more functions of one event (see :mod:`glassnet.training.events`).
        stop: a token by which another thread can end the training; Ctrl-C does the same.

    Raises:
        TableError: the table cannot be read or cannot be learnt from.
        SettingsError: settings that cannot be used; all faults at once.
        DivergenceError: the loss left the finite numbers.
    """
    given = {name: value for name, value in locals().items() if name in SETTINGS}
    own_validation = None
    if not isinstance(validation, (int, float, np.number)):
        own_validation, given["validation"] = validation, 0.0
    settings = validate(given)
    if settings["seed"] is None:
        settings["seed"] = int(np.random.SeedSequence().generate_state(1, np.uint32)[0])
    serving = engines.get(settings["engine"])
    split, start, order, masks = (Stream(settings["seed"], number) for number in range(4))
    watchers = Watchers(_watchers(callbacks, progress))
    stop = StopToken() if stop is None else stop
    if not isinstance(stop, StopToken):
        raise InputTypeError(f"stop is {stop!r:.80}, but must be a glassnet.training.StopToken or None.")

    prepared = prepare(table, target, settings, split, own_validation)
    rows = prepared.train
    network = network_of(settings, rows.inputs.shape[1], rows.targets.shape[1], prepared.output)
    first = initial_parameters(settings, network, start)
    run = serving.open_run(
        network,
        first,
        objective_of(settings, prepared.loss),
        optimizer_of(settings),
        dropout_seed=int(masks.sequence().generate_state(1, np.uint64)[0]) if network.drops else 0,
        threads=settings["threads"],
    )
    plan = Plan.of(settings, len(rows))
    held = 0 if prepared.validation is None else len(prepared.validation)
    used = {**settings, "output": prepared.output, "loss": prepared.loss, "learning_rate": plan.learning_rate}
    used |= {name: "given" for name in ("initial", "weights", "metric") if not _is_plain(used[name])}
    if isinstance(class_weight, Mapping):  # as JSON can hold it
        used["class_weight"] = {str(label): float(number) for label, number in class_weight.items()}
    model = Model(
        schema=prepared.schema,
        encoder=prepared.encoder,
        target=prepared.target,
        network=network,
        initial=first,
        learnt=first,
        history=History(),
        settings=used,
        engine=serving.name,
        baseline=_baseline(prepared),
        provenance=_provenance(prepared, settings, serving, held),
    )
    judge = _judge(settings["metric"], model, prepared)
    watchers.tell(TrainingStarted(stop, network, serving.name, len(rows), held, plan.epochs, prepared.schema))
    loop = Loop(run, rows, prepared.validation, plan, order, judge=judge, stop=stop, watchers=watchers)
    with stop_on_interrupt(stop):
        history = loop.train()
    learnt = Parameters(network, run.snapshot().parameters)
    model = replace(model, learnt=learnt, history=history, sample=sample(rows))
    if prepared.holdout is None:
        return model
    return model.with_holdout(model.evaluate(prepared.holdout, weights=prepared.holdout_weights))


def _judge(metric: str | Metric | None, model: Model, prepared: Prepared) -> Judge | None:
    """What early stopping goes by, if not by the validation loss.

    Raises:
        SettingsError: an unknown metric, or no rows to measure it on.
    """
    if metric is None:
        return None
    if prepared.validation is None or prepared.validation_table is None:
        raise SettingsError(
            f"{called('metric')} needs validation rows; set {called('validation')} to a share or a table."
        )
    table, weights = as_arrow(prepared.validation_table), prepared.validation.weights

    def at(vector: Array) -> Model:
        return replace(model, learnt=Parameters(model.network, vector))

    if callable(metric):
        name = getattr(metric, "__name__", "metric")
        more = {"weights": weights} if takes(metric, "weights") else {}
        return Judge(name, lambda vector: _as_number(metric(at(vector), table, **more), name))
    known = list(METRICS["numbers" if model.target.classes is None else "classes"])
    if len(model.target.columns) > 1:
        known = ["r2"]  # the others are in the units of one target
    elif len(model.classes) > 2:
        known.remove("auc")
    if metric not in known:
        raise SettingsError(unknown(called("metric"), metric, known))
    return Judge(
        metric,
        lambda vector: at(vector).evaluate(table, weights=weights)[metric],
        metric not in SMALLER_IS_BETTER,
    )


def takes(function: Callable[..., Any], parameter: str) -> bool:
    """Whether a function has a parameter of that name; one that does not tell its parameters has not."""
    try:
        return parameter in inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False


def _as_number(score: Any, name: str) -> float:
    try:
        return float(score)
    except (TypeError, ValueError):
        raise InputTypeError(f"the metric {name} gave {score!r:.80}, but must give a number.") from None


def _watchers(callbacks: Watcher | Iterable[Watcher] | None, progress: bool | None) -> list[Watcher]:
    watchers = watchers_of(callbacks)
    # a program with windows may have no stream, or one of its own make
    listening = sys.stderr is not None and not getattr(sys.stderr, "closed", False)
    if listening and (progress or (progress is None and is_terminal(sys.stderr))):
        watchers.append(ProgressLine(after=0.0 if progress else QUIET_SECONDS))
    return watchers


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _baseline(prepared: Prepared) -> tuple[float, ...]:
    """Class shares, or means in the target's units, of the training rows."""
    encoding, targets = prepared.target, prepared.train.targets
    mean: npt.NDArray[np.float64] = targets.mean(axis=0, dtype=np.float64)
    if np.isnan(mean).any():  # several targets may have gaps
        mean = np.nanmean(targets, axis=0, dtype=np.float64)
    if encoding.classes is None:
        return tuple(np.atleast_1d(encoding.decode(mean[None])[0]).tolist())
    return tuple(mean.tolist()) if len(mean) > 1 else (1 - float(mean[0]), float(mean[0]))


def _provenance(
    prepared: Prepared, settings: Mapping[str, Any], serving: engines.Engine, validation: int
) -> dict[str, Any]:
    return {
        "glassnet": VERSION,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "machine": platform.machine(),
        "engine": serving.describe(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": settings["seed"],
        "data": prepared.fingerprint,
        "rows": {
            "train": len(prepared.train),
            "validation": validation,
            "holdout": 0 if prepared.holdout is None else prepared.holdout.num_rows,
        },
    }
