"""``train``: from a table to a model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from os import PathLike
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet import engines
from glassnet.distributed.calls import together
from glassnet.errors import SettingsError, called, report_result
from glassnet.keywords import known_keywords
from glassnet.model import Model
from glassnet.net import Activation, Loss, Optimizer, Parameters, Schedule
from glassnet.streaming.training_table import evaluate_holdout, open_rows, prepared_rows
from glassnet.tables.notes import assumptions, report_or_refuse
from glassnet.targets import calibrated
from glassnet.training.checkpoint import Checkpoint, OpenCheckpoint, kept_until_end, seed_of
from glassnet.training.events import Callback, Callbacks, CurrentParameters, ModelTrained, TrainingStarted
from glassnet.training.history import History
from glassnet.training.judged import judged_outputs, kept_members
from glassnet.training.loop import Loop
from glassnet.training.members import Plan, train_members
from glassnet.training.prepare import Known
from glassnet.training.progress import with_progress
from glassnet.training.provenance import provenance_of
from glassnet.training.settings import Settings
from glassnet.training.setup import Streams, network_of
from glassnet.training.stop import StopToken, report_untrained, stop_on_interrupt
from glassnet.training.trained_network import TrainedNetwork
from glassnet.training.validation_metric import CALIBRATED, MetricOfTraining

Metric = Callable[..., float] | MetricOfTraining
Start = str | Parameters | npt.NDArray[Any] | Sequence[tuple[npt.ArrayLike, npt.ArrayLike]]


@known_keywords
@together
def train(
    table: Any,
    target: str | Sequence[str] | None = None,
    *,
    recipe: str = "balanced",
    hidden: int | Sequence[int] | str = "auto",
    activation: str | Activation | Sequence[str | Activation] = "auto",
    output_activation: str | Activation | None = None,
    dropout: float | Sequence[float] | str = "auto",
    init: Start | None = None,
    members: int | str = "auto",
    loss: str | Loss | None = None,
    l1: float = 0.0,
    l2: float | str = "auto",
    optimizer: str | Optimizer = "auto",
    learning_rate: float | str | None = "auto",
    schedule: str | Schedule = "auto",
    epochs: int | str = "auto",
    batch_size: int | str | None = "auto",
    patience: int | str | None = "auto",
    metric: str | Metric | None = "auto",
    max_time: float | None = None,
    snapshots: int = 0,
    validation: Any = 0.2,
    holdout: float = 0.0,
    groups: str | npt.ArrayLike | None = None,
    time: str | npt.ArrayLike | None = None,
    task: str | None = None,
    column_types: Mapping[str, str] | None = None,
    sample_weight: str | npt.ArrayLike | None = None,
    class_weight: str | Mapping[Any, float] | None = None,
    scaling: str = "auto",
    bins: int | str = "auto",
    without_bins: float | str = "auto",
    clamp: bool | str = "auto",
    strict: bool = False,
    memory: int | str | None = None,
    cache: str | PathLike[str] | None = None,
    dtype: str = "float32",
    seed: int | None = None,
    engine: str = "auto",
    threads: int | None = None,
    progress: bool | None = None,
    callbacks: Callback | Iterable[Callback] | None = None,
    checkpoint: str | PathLike[str] | Checkpoint | None = None,
) -> Model:
    """Train a network to predict ``target`` from the other columns of ``table``.

    >>> import glassnet
    >>> model = glassnet.train("penguins.csv", target="species", seed=1)     # doctest: +SKIP
    >>> model.predict("new_penguins.csv")                                    # doctest: +SKIP

    Every setting, with its default and the reason for it, is in :data:`glassnet.training.SETTINGS` and in
    ``docs/settings.md``. ``loss``, ``optimizer`` and ``schedule`` are a name, a name with constants such as
    ``"adam(beta1=0.8)"``, or an object such as ``glassnet.net.Adam(beta1=0.8)``.

    A setting that is ``"auto"`` is chosen by ``recipe`` from the task and the number of rows (``docs/recipes.md``): the
    recipe ``single`` trains a plain network, ``balanced`` several, whose mean predicts better, ``best`` still more.

    Args:
        table: a path (CSV and similar, Parquet, Arrow), a folder or a pattern of such files, a DataFrame, an Arrow
            table, dataset or reader of record batches, a list of dicts, a dict of columns, or a pair ``(X, y)`` of
            arrays.
        target: the column to predict, or several columns of numbers, each of which may have missing values.
            With a pair, a name for ``y``.
        metric: the metric of early stopping, with the rows weighted as in the loss. A function is called as
            ``metric(actual, predicted)``, as those of scikit-learn are, and a greater number is better; it also
            gets ``probabilities`` (N, C) and ``sample_weight`` (N,) if it has parameters of these names.
        validation: a share of the rows, or a table (or pair) of other rows.
        groups: a column, or one value for each row; rows with the same value are in the same part (training,
            validation, holdout). The column is no input, unless ``column_types`` declares its type.
        time: a column of dates or numbers, or one value for each row; the latest rows are held out, and those before
            them are for validation. Rows of the same time are in the same part. Not together with ``groups``.
        progress: whether to print the progress of training; ``None`` prints it on a terminal if training takes
            longer than a second.
        callbacks: one or more functions of one event (see :mod:`glassnet.training.events`). A
            :class:`~glassnet.training.StopToken` among them lets another thread end the training, as Ctrl-C does.
        checkpoint: a file, written once a minute, from which the same call goes on after training was killed or
            stopped; it is removed after training has ended by itself (see :class:`~glassnet.training.Checkpoint`).

    Warns:
        AssumptionWarning: what had to be assumed about the table; one warning, before training starts.
        CheckpointWarning: training goes on from the checkpoint; or a checkpoint could not be written.
        RuntimeWarning: a stop token ended training before the first epoch was complete.

    Raises:
        TableError: the table cannot be read or cannot be used for training; with ``strict``, what had to be assumed.
        SettingsError: settings that cannot be used; all faults at once.
        CheckpointError: the checkpoint is damaged, or of another training; all differences at once.
        DivergenceError: the loss was no longer finite.
        KeyboardInterrupt: Ctrl-C before the first epoch was complete, or a stop token before the rows of a table that
            does not fit into memory were read. Later, Ctrl-C ends training and keeps the best so
            far.
    """
    own_validation, kept = None, OpenCheckpoint.of(checkpoint)
    if not isinstance(validation, (int, float, np.number)):
        own_validation, validation = validation, 0.0
    settings = Settings.of(
        recipe=recipe,
        hidden=hidden,
        activation=activation,
        output_activation=output_activation,
        dropout=dropout,
        init=init,
        members=members,
        loss=loss,
        l1=l1,
        l2=l2,
        optimizer=optimizer,
        learning_rate=learning_rate,
        schedule=schedule,
        epochs=epochs,
        batch_size=batch_size,
        patience=patience,
        metric=metric,
        max_time=max_time,
        snapshots=snapshots,
        validation=validation,
        holdout=holdout,
        groups=groups,
        time=time,
        task=task,
        column_types=column_types,
        sample_weight=sample_weight,
        class_weight=class_weight,
        scaling=scaling,
        bins=bins,
        without_bins=without_bins,
        clamp=clamp,
        strict=strict,
        memory=memory,
        cache=cache,
        dtype=dtype,
        seed=seed_of(kept) if seed is None else seed,
        engine=engine,
        threads=threads,
    )
    return train_with(settings, table, target, own_validation, callbacks, progress, None, kept)


def train_with(
    settings: Settings,
    table: Any,
    target: str | Sequence[str] | None,
    validation: Any,
    callback: Callback | Iterable[Callback] | None,
    progress: bool | None,
    earlier: Model | None = None,
    checkpoint: OpenCheckpoint | None = None,
) -> Model:
    """:func:`train` for checked settings.

    Args:
        validation: rows for early stopping, ``None`` for a share.
        earlier: the model whose encoding of the table is kept; its parameters are in the setting ``init``.
    """
    callbacks = Callbacks(with_progress(callback, progress))
    assert settings.seed is not None
    stop = StopToken()
    engines.get(settings.engine)  # an engine that cannot be used is reported before the table is read
    known = None if earlier is None else Known(earlier.schema, earlier.encoder, earlier.target.untempered)
    prepared = prepared_rows(
        table, target, settings, Streams.of(settings.seed).split, validation, known, callbacks, stop
    )
    report_or_refuse(assumptions(prepared.notes), settings.strict)
    settings, rows = prepared.settings, prepared.train
    if callbacks.pace is not None and settings.members > 1:
        raise SettingsError(
            f"{called('members', settings.members)}: the training of several networks cannot be paused; set "
            f"{called('members', 1)}, or leave the Pace out of the callbacks."
        )
    network = network_of(settings, rows.inputs.shape[1], rows.targets.shape[1])
    plan = Plan(settings, network, prepared, stop, None if earlier is None else earlier.members, checkpoint)
    first = plan.first
    wanted = network, settings.objective, settings.optimizer, first[0].dtype
    size = min(settings.batch_size or len(rows), len(rows))
    # a limit of threads can only be kept on the CPU
    engine = engines.get(settings.engine, *wanted, batch_size=size if settings.threads is None else None)
    if checkpoint is not None:
        checkpoint.begin(prepared, first, engine)
    model = Model(
        schema=prepared.schema,
        encoder=prepared.encoder,
        target=prepared.target,
        members=tuple(TrainedNetwork(network, own, own, History()) for own in first),
        settings=settings.recorded(),
        engine_name=engine.name,
        baseline=prepared.baseline,
        provenance=provenance_of(prepared, engine, earlier),
    )

    trained_on = prepared.training_rows.with_earlier(None if earlier is None else earlier.training_rows)

    def started(loop: Loop, seconds: float) -> None:
        counts = model.provenance["rows"]
        callbacks.send(
            TrainingStarted(
                stop,
                CurrentParameters(loop.run.parameters),
                network,
                engine.name,
                counts["train"],
                counts["validation"],
                loop.epochs,
                prepared.schema,
                model,
                prepared.parts,
                folds=counts.get("folds", 0),
                members=settings.members,
                seconds=seconds,
            )
        )

    # to the end: Ctrl-C again must not lose what was trained
    with (
        stop_on_interrupt(stop),
        kept_until_end(checkpoint, stop),
        open_rows(prepared),
        callbacks.told_of_failure(stop, settings.members),
    ):
        results = train_members(plan, engine, callbacks, started)
        trained = any(history.epochs for history, _ in results.values())
        if not trained:
            report_untrained(stop)
        else:
            results, errors = kept_members(prepared, results)
            if errors:
                model = replace(model, provenance={**model.provenance, "errors": errors})
        members = plan.trained(results)
        model = replace(model, members=members)
        judged = judged_outputs(prepared, results) if trained else None
        validation = None
        if judged is not None:
            labeled, outputs = judged
            if len(members) > 1 or settings.metric == CALIBRATED:
                folds, encoded, weights = prepared.folds, labeled.rows.targets, labeled.sample_weight
                share = 1 / len(folds) if folds else 1.0
                model = replace(model, target=calibrated(model.target, outputs, encoded, weights, share))
            validation = model.evaluate_rows(labeled, outputs)
        held_out = evaluate_holdout(model, prepared)
        own = model.stats_of(rows)
        model = replace(model, stats=own, validation=validation, holdout=held_out, training_rows=trained_on)
        if trained:
            report_model(model)
        kept = CurrentParameters(members[0].learnt.vector.copy)
        callbacks.send(ModelTrained(stop, kept, model, members=settings.members))
        return model


def report_model(model: Model) -> None:
    """Warn of a model that is no better than a constant prediction."""
    if model.held_out is not None and not model.held_out.beats_baseline:
        from glassnet.inside.baseline import no_better

        report_result(f"{no_better(model)} {model.suggest().advice}")
