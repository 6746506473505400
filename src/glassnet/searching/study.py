"""``search``: train models with settings that Optuna chooses, and keep the best."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import optuna
from optuna.pruners import BasePruner, MedianPruner
from optuna.samplers import BaseSampler, TPESampler
from optuna.trial import FrozenTrial, TrialState

from glassnet.distributed.calls import together
from glassnet.errors import DivergenceError, Faults, SettingsError
from glassnet.fit import train
from glassnet.keywords import refuse_unknown
from glassnet.searching.objective import STOPPED, FailedTrialError, Objective
from glassnet.searching.result import SearchResult
from glassnet.searching.shared_study import check_storage, check_study, described, opened
from glassnet.searching.space import space_of
from glassnet.tables.seeds import drawn_seed
from glassnet.training.events import Callback, callbacks_of
from glassnet.training.resolve import resolve
from glassnet.training.settings import SETTINGS, Settings

DONE = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)
KNOWN = [name for name in inspect.signature(train).parameters if name not in ("table", "target")]


@together
def search(
    table: Any,
    target: str | Sequence[str] | None = None,
    *,
    space: Mapping[str, Any] | None = None,
    trials: int = 50,
    timeout: float | None = None,
    sampler: BaseSampler | None = None,
    pruner: BasePruner | None = None,
    storage: Any = None,
    study: str | None = None,
    progress: bool = False,
    seed: int | None = 0,
    callbacks: Callback | Iterable[Callback] | None = None,
    **settings: Any,
) -> SearchResult:
    """Search for settings with which models predict best, and return the best model.

    >>> import glassnet
    >>> found = glassnet.search("penguins.csv", "species", trials=30, seed=1)     # doctest: +SKIP
    >>> found.model.save("penguins.glassnet")                                     # doctest: +SKIP

    Each trial is a call of :func:`glassnet.train`. The first has the settings that the recipe chooses, so that the
    result is never worse on these rows. The score is the metric of the validation rows, or of the rows of all
    folds where there are several networks: the setting ``metric``, if it is one of the metrics of an evaluation, or the
    log loss of classes and the rmse of numbers; for numbers with another loss than the squared error, the loss.
    A trial whose training diverges, or whose values do not fit together, fails, and the search goes on.
    All trials have the same seed, and so the same rows for validation. The score of the best of many trials is too
    good; rows that are held out (``holdout``) tell how good the best model is.

    Args:
        table, target: as for :func:`glassnet.train`.
        space: what is searched, as differences from :data:`glassnet.searching.SPACE`. Of a number, a range
            ``(low, high)``, ``(low, high, "log")`` or ``(low, high, step)``; of any setting, a list of values, or one
            of Optuna's distributions; ``None`` leaves the setting to the recipe. ``"optimizer.weight_decay"`` is a
            constant of the optimizer, searched for optimizers that have it.
        trials: how many, those that the study has already and those of other processes included.
        timeout: seconds; the training that runs then is stopped.
        sampler: of Optuna; by default ``TPESampler(seed=seed)``.
        pruner: of Optuna; by default ``MedianPruner(n_startup_trials=5, n_warmup_steps=5)``. A trial is judged by the
            validation rows of its first network, epoch by epoch.
        storage: of Optuna, such as ``"sqlite:///trials.db"``; processes with the same storage, study and arguments
            search together, and an interrupted search goes on. By default in memory.
        study: the name of the study in the storage; by default ``"glassnet"``.
        progress: whether to print a line for each trial to standard error.
        seed: of the sampler and of every training. With one process, the same seed gives the same trials. ``None``
            draws one; processes that search together need the same seed.
        callbacks, settings: as for :func:`glassnet.train`, for all trials; a setting that is given is not searched.
            A :class:`~glassnet.training.StopToken` among the callbacks ends the search; another callback that stops a
            training by its event ends that trial alone.

    Warns:
        AssumptionWarning: what had to be assumed about the table; once.
        ResultWarning: the best model is no better than a prediction that does not use the columns.

    Raises:
        InputError: no trial was complete, or the storage cannot be used.
        SettingsError: a space or settings that cannot be used, or a study of another search; all faults at once.
        KeyboardInterrupt: Ctrl-C before any trial was complete. Later, Ctrl-C ends the search and keeps the best so
            far.
    """
    faults = Faults(SettingsError)
    refuse_unknown("search", settings, [*KNOWN, *_own_arguments()])
    for name in ("checkpoint", "memory", "cache"):
        if settings.pop(name, None) is not None:
            faults.add(f"{name!r} is for a single training, and cannot be set for a search.")
    if not (isinstance(trials, (int, np.integer)) and not isinstance(trials, bool) and trials >= 1):
        faults.add(f"trials is {trials!r:.80}, but must be an integer, at least 1.")
    seconds = isinstance(timeout, (int, float, np.number)) and not isinstance(timeout, bool)
    if timeout is not None and not (seconds and timeout > 0):
        faults.add(f"timeout is {timeout!r:.80}, but must be a number of seconds above 0, or None.")
    if sampler is not None and not isinstance(sampler, BaseSampler):
        faults.add(f"sampler is {sampler!r:.80}, but must be a sampler of Optuna, such as TPESampler().")
    if pruner is not None and not isinstance(pruner, BasePruner):
        faults.add(f"pruner is {pruner!r:.80}, but must be a pruner of Optuna, such as MedianPruner().")
    check_storage(storage, study, faults)
    share = settings.get("validation", 0.2)
    if share is None or (isinstance(share, (int, float, np.number)) and not share):
        faults.add(
            f"validation is {share}, but a search compares trials on validation rows; give it a share of the rows."
        )
    seed = drawn_seed() if seed is None else seed
    found = space_of(space, settings, faults)
    checked = _checked(settings, seed, faults)
    faults.raise_if_any()
    resolved = resolve(table, target, checked, validated=True)
    objective = Objective(
        table, target, found, settings, int(seed), callbacks_of(callbacks), timeout, resolved
    )
    said = {
        "target": resolved.names,
        "data": resolved.fingerprint,
        "space": found.text(),
        "settings": described(settings, resolved.names),
        "seed": int(seed),
    }
    with _quiet_optuna():
        own = opened(
            storage,
            study_name=study or "glassnet",
            sampler=sampler or TPESampler(seed=int(seed) % 2**32),
            pruner=pruner or MedianPruner(n_startup_trials=5, n_warmup_steps=5),
            direction="maximize" if objective.greater else "minimize",
            load_if_exists=True,
        )
        check_study(own, said)
        ended = [_Limit(int(trials)), *([_Line(objective)] if progress else [])]
        if _count(own) < trials:
            try:
                own.optimize(
                    objective, timeout=timeout, callbacks=ended, catch=(DivergenceError, FailedTrialError)
                )
            except KeyboardInterrupt:
                if not own.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)):
                    raise
        return objective.result(own)


@contextmanager
def _quiet_optuna() -> Iterator[None]:
    """Within, Optuna does not log each trial, nor the trace of one that failed: its reason is kept."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(max(before, optuna.logging.ERROR))
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)


def _own_arguments() -> list[str]:
    return [name for name in inspect.signature(search).parameters if name != "settings"]


def _checked(settings: Mapping[str, Any], seed: Any, faults: Faults) -> Settings:
    """The settings of all trials; their faults are added."""
    own = {name: value for name, value in settings.items() if name in SETTINGS}
    if not isinstance(own.get("validation", 0.2), (int, float, np.number)):
        own["validation"] = 0.0
    try:
        return Settings.of(**own, seed=seed)
    except SettingsError as error:
        faults.messages += error.faults
        return Settings()


def _count(study: optuna.Study) -> int:
    """The trials that are done; one that the end of a search stopped is not."""
    return sum(STOPPED not in own.user_attrs for own in study.get_trials(deepcopy=False, states=DONE))


class _Limit:
    """Ends the search when all processes together have made so many trials."""

    def __init__(self, trials: int) -> None:
        self._trials = trials

    def __call__(self, study: optuna.Study, trial: FrozenTrial) -> None:
        if _count(study) >= self._trials:
            study.stop()


class _Line:
    """Prints a line for each trial."""

    def __init__(self, objective: Objective) -> None:
        self._objective = objective

    def __call__(self, study: optuna.Study, trial: FrozenTrial) -> None:
        own = self._objective.record(trial)
        score = "" if own.score is None else f" {self._objective.metric} {own.score:.4g}"
        why = f" ({own.reason})" if own.reason else ""
        print(
            f"trial {own.number}: {own.state}{why}{score}, {own.seconds:.1f} s", file=sys.stderr, flush=True
        )
