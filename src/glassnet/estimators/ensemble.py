"""Several networks with different seeds, trained in parallel."""

from __future__ import annotations

import os
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from glassnet.errors import assumptions_at_caller, reporting_to, spelled
from glassnet.estimators.arithmetic import threads
from glassnet.estimators.table_parameters import as_parameters
from glassnet.fit import train
from glassnet.model import Model
from glassnet.training import SETTINGS, StopToken
from glassnet.training.stop import UNTRAINED, stop_on_interrupt


def seeds_of(random_state: Any, count: int) -> list[int]:
    """A seed for each of ``count`` networks; the first is ``random_state`` itself if it is an integer."""
    if isinstance(random_state, (int, np.integer)) and random_state >= 0:
        spawned = np.random.SeedSequence(int(random_state)).generate_state(count - 1)
        return [int(random_state), *spawned.tolist()]
    drawn: list[int] = check_random_state(random_state).randint(2**31 - 1, size=count).tolist()
    return drawn


def train_ensemble(
    table: Any, target: list[str], seeds: list[int], settings: dict[str, Any], progress: bool | None
) -> list[Model]:
    """A model for each seed. A single one uses all threads; several are trained in parallel, each with one thread.

    Each draws validation rows of its own, so most of them train on a given row. Ctrl-C ends all of them, and each
    keeps its best epoch; those that have none are left out, with a warning. Only the first shows its progress.

    Raises:
        KeyboardInterrupt: Ctrl-C before any of them had completed an epoch.
    """
    given, warn = settings.pop("threads"), assumptions_at_caller()
    allowed = threads() if given is None else given

    def one(number: int, **limits: Any) -> Model:
        shown = progress if number == 0 else False
        # each network is trained from the same table; threads inherit neither spelling nor caller
        report = warn if number == 0 else lambda notes: None
        with spelled(as_parameters), reporting_to(report):
            return train(table, target, seed=seeds[number], progress=shown, **limits, **settings)

    callbacks = settings.pop("callbacks")
    if len(seeds) == 1:
        return [one(0, threads=allowed, callbacks=callbacks)]
    SETTINGS["threads"].check(given)  # not checked by ``train``, which gets 1
    stop = StopToken()
    workers = min(len(seeds), allowed or os.cpu_count() or 1)

    def trained(number: int) -> Model | None:
        try:
            return one(number, threads=1, callbacks=[*callbacks, stop])
        except KeyboardInterrupt:  # stopped before its first epoch was complete
            return None

    with stop_on_interrupt(stop), ThreadPoolExecutor(workers) as pool:
        models = [model for model in pool.map(trained, range(len(seeds))) if model is not None]
    if not models:
        raise KeyboardInterrupt(UNTRAINED)
    if len(models) < len(seeds):
        warnings.warn(
            f"fit was interrupted: {len(models)} of the {len(seeds)} networks were trained, and are kept.",
            RuntimeWarning,
            stacklevel=4,
        )
    return models
