"""``MLflow``: a callback that records trainings in MLflow.

>>> from glassnet.tracking import MLflow
>>> model = glassnet.train("my.csv", "price", callbacks=MLflow("sqlite:///mlflow.db"))    # doctest: +SKIP

MLflow is imported when a callback is made: ``pip install ".[mlflow]"``.
"""

from __future__ import annotations

import math
import re
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from glassnet.errors import to_install
from glassnet.training.events import (
    EpochsDone,
    Event,
    ModelTrained,
    TrainingEnded,
    TrainingFailed,
    TrainingStarted,
)
from glassnet.training.history import History
from glassnet.training.stop import INTERRUPTED, StopToken
from glassnet.version import VERSION

MOST_METRICS = 1000  # of a request, as MLflow's servers take them
MOST_CHARACTERS = 6000  # of a parameter, likewise


class MLflow:
    """A callback that makes a run of MLflow of each training.

    A run has the settings as parameters; each curve as a metric with a value for every epoch; the metrics of the
    evaluations as ``validation/accuracy`` or ``holdout/accuracy``; and as artifacts the model file
    ``model.glassnet``, with which :func:`glassnet.load` makes predictions elsewhere, and the report ``report.html``.
    The curves of several networks are ``network 0/loss`` and so on. Values that are not finite are left out.

    An object may be used for several trainings, one after another or in several threads. A failure of MLflow ends the
    recording with a warning, not the training.

    Args:
        uri: of the tracking server or database, such as ``"sqlite:///mlflow.db"``; by default that of MLflow, which
            is ``MLFLOW_TRACKING_URI`` or what ``mlflow.set_tracking_uri`` has set.
        experiment: the name of the experiment, which is made if there is none.
        name: of the runs; by default MLflow makes one up.
        model: whether to store the model file.
        report: whether to store the report; that computes importances, which takes some seconds for large networks.
        tags: further tags of the runs.

    Raises:
        ImportError: MLflow is not installed.
    """

    def __init__(
        self,
        uri: str | None = None,
        *,
        experiment: str = "glassnet",
        name: str | None = None,
        model: bool = True,
        report: bool = True,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        try:
            import_module("mlflow")
        except ImportError as error:
            raise ImportError(f"MLflow is not installed ({error}): {to_install('mlflow')}.") from error
        self._uri = uri
        self._experiment = experiment
        self._name = name
        self._model = model
        self._report = report
        self._tags = dict(tags or {})
        # of trainings that have not ended, each of which has its own token
        self._runs: dict[StopToken, _Run] = {}

    def __call__(self, event: Event) -> None:
        try:
            self._record(event)
        except Exception:
            run = self._runs.pop(event.stop, None)
            if run is not None:
                with suppress(Exception):
                    run.end("FAILED")
            raise

    def _record(self, event: Event) -> None:
        if isinstance(event, TrainingStarted):
            self._runs[event.stop] = self._started(event)
        run = self._runs.get(event.stop)
        if run is None:
            return
        if isinstance(event, (EpochsDone, TrainingEnded)):
            run.log_curves(event.history, f"network {event.member}/" if event.members > 1 else "")
        elif isinstance(event, ModelTrained):
            run.log_model(event.model, self._model, self._report)
            interrupted = event.stop.reason == INTERRUPTED
            run.end("KILLED" if interrupted else "FINISHED")
            del self._runs[event.stop]
        elif isinstance(event, TrainingFailed):
            run.end("KILLED" if isinstance(event.error, KeyboardInterrupt) else "FAILED")
            del self._runs[event.stop]

    def _started(self, event: TrainingStarted) -> _Run:
        from mlflow import MlflowClient

        client = MlflowClient(self._uri)
        known = client.get_experiment_by_name(self._experiment)
        experiment = client.create_experiment(self._experiment) if known is None else known.experiment_id
        model = event.model
        tags = {"glassnet.version": VERSION, "mlflow.source.name": "glassnet.train", **self._tags}
        made = client.create_run(experiment, tags=tags, run_name=self._name)
        run = _Run(client, made.info.run_id)
        run.log_parameters(
            {
                **model.settings.to_dict(),
                "engine": event.engine,
                "network": str(event.network),
                "target": ", ".join(column.name for column in event.schema.target),
                "data": model.provenance["data"],
                **{f"rows.{part}": count for part, count in model.provenance["rows"].items()},
            }
        )
        return run


def _allowed(name: str) -> str:
    """The name of a metric, with _ for what MLflow does not allow; / is for groups."""
    return re.sub(r"[^\w.\- ]", "_", name)


class _Run:
    """A run of MLflow, to which curves are added as they grow."""

    def __init__(self, client: Any, key: str) -> None:
        self._client = client
        self._key = key
        self._logged: dict[str, int] = {}  # epochs, by network

    def log_parameters(self, parameters: Mapping[str, Any]) -> None:
        from mlflow.entities import Param

        known = [
            Param(name, str(value)[:MOST_CHARACTERS])
            for name, value in parameters.items()
            if value is not None
        ]
        self._client.log_batch(self._key, params=known)

    def log_curves(self, history: History, prefix: str) -> None:
        """Log the epochs that were not logged before: an event may tell of several."""
        first = self._logged.get(prefix, 0)
        curves = {f"{prefix}{_allowed(name)}": own for name, own in history.curves.items() if name != "epoch"}
        self._log(
            (name, own[at], at + 1) for at in range(first, history.epochs) for name, own in curves.items()
        )
        self._logged[prefix] = history.epochs

    def log_model(self, model: Any, file: bool, report: bool) -> None:
        """Log what is known of a model once it is trained."""
        histories = [own.history for own in model.members]
        ends: dict[str, float] = {"seconds": max(own.seconds for own in histories)}
        if len(histories) == 1:
            ends["best_epoch"] = histories[0].best_epoch
        for part, own in (("validation", model.validation), ("holdout", model.holdout)):
            if own is not None:
                ends |= {f"{part}/{_allowed(name)}": value for name, value in own.metrics.items()}
        self._log((name, value, 0) for name, value in ends.items())
        with tempfile.TemporaryDirectory() as folder:
            if file:
                self._log_file(Path(folder, "model.glassnet"), model.save)
            if report:
                self._log_file(Path(folder, "report.html"), model.report)

    def end(self, status: str) -> None:
        self._client.set_terminated(self._key, status)

    def _log(self, values: Iterator[tuple[str, Any, int]]) -> None:
        from mlflow.entities import Metric

        now = round(1000 * time.time())
        metrics = [
            Metric(name, float(value), now, step) for name, value, step in values if math.isfinite(value)
        ]
        for start in range(0, len(metrics), MOST_METRICS):
            self._client.log_batch(self._key, metrics=metrics[start : start + MOST_METRICS])

    def _log_file(self, path: Path, write: Any) -> None:
        write(path)
        self._client.log_artifact(self._key, str(path))
