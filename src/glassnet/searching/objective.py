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

from glassnet.errors import (
    DivergenceError,
    GlassnetError,
    InputError,
    ResultWarning,
    SettingsError,
    reporting_to,
    warn_at_caller,
)
from glassnet.fit import report_model, train
from glassnet.model import Model
from glassnet.searching.result import SearchResult, Trial
from glassnet.searching.score import curve_is_score, curve_of, metric_of
from glassnet.searching.space import Space, applied
from glassnet.training.events import Callback, EpochsDone, Event, TrainingEnded
from glassnet.training.history import Curve
from glassnet.training.resolve import Resolved
from glassnet.training.stop import INTERRUPTED, StopToken

STATES = {
    TrialState.COMPLETE: "complete",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
    TrialState.RUNNING: "running",
    TrialState.WAITING: "running",
}
FIRST, EVERY = 20, 10  # the first epochs are reported, then each tenth
TIME_OVER = "the time of the search is over"
# attributes of a trial that the study keeps
EPOCHS = "epochs"
RECIPE = "recipe"  # all settings are left to it
REASON = "reason"  # why it failed, or what stopped it
STOPPED = "stopped"  # by the end of the search; the score so far, which may be None


class FailedTrialError(GlassnetError):
    """A trial without a score; the search goes on."""


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
        self._stopped: tuple[int, Model] | None = None  # when the search ended
        self._reported = False
        self.metric, self.greater = metric_of(resolved)
        self._curve_is_score = curve_is_score(resolved, self.metric)

    def __call__(self, trial: optuna.Trial) -> float:
        try:
            return self._scored(trial)
        except KeyboardInterrupt:
            trial.set_user_attr(STOPPED, None)
            trial.set_user_attr(REASON, INTERRUPTED)
            raise
        except (DivergenceError, SettingsError, FailedTrialError) as error:
            trial.set_user_attr(REASON, str(error))
            if isinstance(error, SettingsError) and trial.params:  # these values do not fit together
                raise FailedTrialError(str(error)) from error
            raise

    def _scored(self, trial: optuna.Trial) -> float:
        others = [own for own in trial.study.get_trials(deepcopy=False) if own.number != trial.number]
        chosen = {}
        if any(map(_tries_recipe, others)):
            chosen = self._space.settings(trial, self._given)
        else:
            trial.set_user_attr(RECIPE, True)
        complete = (own for own in others if own.state is TrialState.COMPLETE and own.params == trial.params)
        if chosen and (equal := next(complete, None)):
            trial.set_user_attr(EPOCHS, equal.user_attrs[EPOCHS])
            return float(equal.value or 0.0)
        watch = _Watch(self._deadline, trial, self.greater)
        model = self._train(chosen, watch)
        trial.set_user_attr(EPOCHS, watch.pruned_at or model.members[0].history.best_epoch)
        reason = self._end_of_search(model)
        if reason:
            trial.study.stop()
        if watch.pruned_at:
            raise optuna.TrialPruned
        score = self._score(model)
        if reason:
            trial.set_user_attr(STOPPED, score)
            trial.set_user_attr(REASON, reason)
            if score is not None:
                self._stopped = trial.number, model
            raise optuna.TrialPruned
        if score is None:
            raise FailedTrialError("no epoch of the training has a finite score on the validation rows.")
        if self._best is None or (score > self._best[1] if self.greater else score < self._best[1]):
            self._best = trial.number, score, model
        return score

    def _end_of_search(self, model: Model) -> str:
        """What stopped the training, if it ends the search too: its time, Ctrl-C or a stop token of the caller.

        A callback that stops a training by its event ends that training alone.
        """
        reasons = [own.history.stop_reason for own in model.members if own.history.ended_by == "stop"]
        tokens = any(isinstance(own, StopToken) and own.stopped for own in self._callbacks)
        return next((own for own in reasons if tokens or own in (TIME_OVER, INTERRUPTED)), "")

    def _train(self, chosen: Mapping[str, Any], watch: _Watch) -> Model:
        quiet = reporting_to(lambda notes: None) if self._reported else nullcontext()
        with quiet, warnings.catch_warnings():
            warnings.simplefilter("ignore", ResultWarning)
            warnings.simplefilter("ignore", RuntimeWarning)  # of networks that a pruner stops or that diverge
            self._reported = True
            return train(
                self._table,
                self._target,
                seed=self._seed,
                progress=False,
                callbacks=[*self._callbacks, watch],
                **applied(chosen, self._given),
            )

    def _score(self, model: Model) -> float | None:
        """``None`` without an epoch that has a finite score."""
        if not any(own.history.best_epoch for own in model.members):
            return None
        if model.validation is not None and self.metric in model.validation.metrics:
            score = float(model.validation.metrics[self.metric])
        else:
            histories = [own.history for own in model.members if own.history.best_epoch]
            score = float(np.mean([curve_of(own)[own.best_epoch - 1] for own in histories]))
        return score if np.isfinite(score) else None

    def record(self, trial: FrozenTrial) -> Trial:
        """A trial of the study."""
        values = {own.name: own for own in self._space.dimensions}
        state, score = STATES[trial.state], trial.value
        if STOPPED in trial.user_attrs:
            state, score = "stopped", trial.user_attrs[STOPPED]
        elif state == "pruned" and not self._curve_is_score:
            score = None
        return Trial(
            trial.number,
            score,
            state,
            {name: values[name].value(stored) for name, stored in trial.params.items() if name in values},
            int(trial.user_attrs.get(EPOCHS, 0)),
            trial.duration.total_seconds() if trial.duration else 0.0,
            str(trial.user_attrs.get(REASON, "")),
        )

    def result(self, study: optuna.Study) -> SearchResult:
        """What the study has found; the best model of another process is trained here again.

        Raises:
            InputError: there is no model.
        """
        trials = tuple(self.record(own) for own in study.get_trials(deepcopy=False))
        best, model = self._best_of(trials)
        report_model(model)
        return SearchResult(model, best, trials, self.metric, self.greater, study)

    def _best_of(self, trials: Sequence[Trial]) -> tuple[Trial, Model]:
        """The best complete trial; without one, the trial that the end of the search stopped."""
        sign = -1 if self.greater else 1
        complete = [own for own in trials if own.state == "complete"]
        if not complete and self._stopped is not None:
            return trials[self._stopped[0]], self._stopped[1]
        if not complete:
            raise InputError(_none_complete(trials))
        best = min(complete, key=lambda own: sign * (own.score or 0.0))
        if self._best is not None and self._best[0] == best.number:
            return best, self._best[2]
        model = self._train(best.settings, _Watch(self._deadline))
        reason = self._end_of_search(model)
        if not reason:
            return best, model
        again = (
            f"the best trial is number {best.number}, of an earlier search, but its training here ended early"
        )
        if self._best is None:
            raise InputError(f"{again} ({reason}); search again with more time.")
        warn_at_caller()(ResultWarning(f"{again} ({reason}); the model is the best that was trained here."))
        return trials[self._best[0]], self._best[2]


def _none_complete(trials: Sequence[Trial]) -> str:
    reasons = [own.reason for own in trials if own.state == "failed" and own.reason]
    if reasons:
        return f"no trial was complete; the first that failed: {reasons[0]}"
    return "no trial was complete within the time; allow more time."


def _tries_recipe(trial: FrozenTrial) -> bool:
    """Whether the trial tries what the recipe chooses: to its end, or still. One whose process died has no reason."""
    known = trial.user_attrs
    failed = trial.state is TrialState.FAIL and REASON not in known
    return RECIPE in known and STOPPED not in known and not failed


class _Watch:
    """Reports the validation curve of the first network, and stops a trial that is pruned or out of time.

    Every epoch is judged in its order, also those that were done between two events. So it does not depend on the
    times of the events at which epoch a trial is pruned.
    """

    def __init__(
        self, deadline: float | None, trial: optuna.Trial | None = None, greater: bool = False
    ) -> None:
        self._trial = trial
        self._best = np.fmax if greater else np.fmin
        self._deadline = deadline
        self._seen = 0
        self.pruned_at = 0

    def __call__(self, event: Event) -> None:
        if self._deadline is not None and time.monotonic() > self._deadline and not event.stop.stopped:
            event.stop.stop_alone(TIME_OVER)
        if not isinstance(event, (EpochsDone, TrainingEnded)) or event.member:
            return
        if self._trial is not None and not self.pruned_at:
            self._report(self._trial, curve_of(event.history), event.stop)

    def _report(self, trial: optuna.Trial, curve: Curve, stop: StopToken) -> None:
        best = self._best.accumulate(curve) if len(curve) else curve
        for epoch in range(self._seen + 1, len(curve) + 1):
            value = float(best[epoch - 1])
            if (epoch > FIRST and epoch % EVERY) or not np.isfinite(value):
                continue
            trial.report(value, epoch)
            if trial.should_prune():
                self.pruned_at = epoch
                stop.stop_alone("pruned")  # not what else the caller's tokens stop
                return
        self._seen = len(curve)
