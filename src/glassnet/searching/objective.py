"""What a trial does: train a model, report its validation curve to the pruner, and give its score."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
import optuna
from optuna.trial import FrozenTrial, TrialState

from glassnet.errors import InputError, ResultWarning, reporting_to
from glassnet.evaluation import METRICS, SHARES
from glassnet.fit import train
from glassnet.model import Model
from glassnet.searching.result import SearchResult, Trial
from glassnet.searching.space import Space, applied
from glassnet.tables.schema import REGRESSION
from glassnet.training.events import Callback, EpochsDone, Event, TrainingEnded
from glassnet.training.history import Curve, History
from glassnet.training.resolve import Resolved
from glassnet.training.stop import StopToken
from glassnet.training.validation_metric import CALIBRATED

STATES = {
    TrialState.COMPLETE: "complete",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
    TrialState.RUNNING: "running",
    TrialState.WAITING: "running",
}
FIRST, EVERY = 20, 10  # the first epochs are reported, then each tenth
EPOCHS = "epochs"  # of a trial, an attribute that the study keeps


class Objective:
    """Trains the model of a trial, and keeps the best of this process.

    Attributes:
        metric: the name of the score.
        greater: whether a greater score is better.
    """

    def __init__(
        self,
        table: Any,
        target: str | Sequence[str] | None,
        space: Space,
        given: Mapping[str, Any],
        seed: int,
        callbacks: list[Callback],
        timeout: float | None,
        resolved: Resolved,
    ) -> None:
        # a file is read once; a pair and a table in memory are used as they are
        self._table = table if isinstance(table, tuple) else resolved.table
        self._target = target
        self._space = space
        self._given = dict(given)
        self._seed = seed
        self._callbacks = callbacks
        self._deadline = None if timeout is None else time.monotonic() + timeout
        self._best: tuple[int, float, Model] | None = None
        self._reported = False
        self.metric, self.greater = _metric(resolved)

    def __call__(self, trial: optuna.Trial) -> float:
        chosen = self._space.settings(trial, self._given) if trial.number else {}
        watch = _Watch(trial, self.greater, self._deadline)
        model = self._train(chosen, [*self._callbacks, watch])
        histories = [member.history for member in model.members]
        trial.set_user_attr(EPOCHS, watch.pruned_at or histories[0].best_epoch)
        if watch.pruned_at:
            raise optuna.TrialPruned
        if any(own.ended_by == "stop" for own in histories):
            trial.study.stop()
            if self._best is not None:
                raise optuna.TrialPruned
        score = self._score(model)
        if self._best is None or (score > self._best[1] if self.greater else score < self._best[1]):
            self._best = trial.number, score, model
        return score

    def _train(self, chosen: Mapping[str, Any], callbacks: list[Callback]) -> Model:
        quiet = reporting_to(lambda notes: None) if self._reported else nullcontext()
        with quiet, warnings.catch_warnings():
            warnings.simplefilter("ignore", ResultWarning)
            warnings.simplefilter("ignore", RuntimeWarning)  # of networks that a pruner stops or that diverge
            self._reported = True
            given = applied(chosen, self._given)
            return train(
                self._table, self._target, seed=self._seed, progress=False, callbacks=callbacks, **given
            )

    def _score(self, model: Model) -> float:
        if model.validation is not None and self.metric in model.validation.metrics:
            return float(model.validation.metrics[self.metric])
        found = [curve_of(own.history)[own.history.best_epoch - 1] for own in model.members]
        return float(np.mean(found))

    def record(self, trial: FrozenTrial) -> Trial:
        """A trial of the study."""
        values = {own.name: own for own in self._space.dimensions}
        last = trial.intermediate_values
        score = trial.value if trial.value is not None else last[max(last)] if last else None
        return Trial(
            trial.number,
            score,
            STATES[trial.state],
            {name: values[name].value(stored) for name, stored in trial.params.items() if name in values},
            int(trial.user_attrs.get(EPOCHS, 0)),
            trial.duration.total_seconds() if trial.duration else 0.0,
        )

    def result(self, study: optuna.Study) -> SearchResult:
        """What the study has found; the best model of another process is trained here again.

        Raises:
            InputError: no trial was complete.
        """
        trials = tuple(self.record(own) for own in study.get_trials(deepcopy=False))
        if not any(own.state == "complete" for own in trials):
            raise InputError(
                f"none of the {len(trials)} trials was complete; allow more time, or smaller learning rates."
            )
        best = trials[study.best_trial.number]
        if self._best is not None and self._best[0] == best.number:
            model = self._best[2]
        else:
            model = self._train(best.settings, [])
        return SearchResult(model, best, trials, self.metric, self.greater, study)


class _Watch:
    """Reports the validation curve of the first network, and stops a trial that is pruned or out of time.

    Every epoch is judged in its order, also those that were done between two events. So it does not depend on the
    times of the events at which epoch a trial is pruned.
    """

    def __init__(self, trial: optuna.Trial, greater: bool, deadline: float | None) -> None:
        self._trial = trial
        self._best = np.fmax if greater else np.fmin
        self._deadline = deadline
        self._seen = 0
        self.pruned_at = 0

    def __call__(self, event: Event) -> None:
        if self._deadline is not None and time.monotonic() > self._deadline:
            event.stop.stop("the time of the search is over")
        if isinstance(event, (EpochsDone, TrainingEnded)) and not event.member and not self.pruned_at:
            self._report(curve_of(event.history), event.stop)

    def _report(self, curve: Curve, stop: StopToken) -> None:
        best = self._best.accumulate(curve) if len(curve) else curve
        for epoch in range(self._seen + 1, len(curve) + 1):
            value = float(best[epoch - 1])
            if (epoch > FIRST and epoch % EVERY) or not np.isfinite(value):
                continue
            self._trial.report(value, epoch)
            if self._trial.should_prune():
                self.pruned_at = epoch
                stop.stop("pruned")
                return
        self._seen = len(curve)


def curve_of(history: History) -> Curve:
    """The metric of early stopping after each epoch, or else the validation loss."""
    return history.validation_score if len(history.validation_score) else history.validation_loss


def _metric(resolved: Resolved) -> tuple[str, bool]:
    """The name of the score, and whether a greater one is better."""
    metric = resolved.settings.metric
    numbers = resolved.schema.task == REGRESSION
    if metric == CALIBRATED or (metric is None and not numbers):
        return "log_loss", False
    if isinstance(metric, str) and metric in METRICS:
        return metric, metric in SHARES
    if metric is not None:
        return getattr(metric, "__name__", "metric"), True
    return ("rmse" if len(resolved.names) == 1 else "validation_loss"), False
