"""The curves of several networks as one history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from glassnet.training.history import Curve, History


def mean_history(histories: Sequence[History]) -> History:
    """The mean of the curves of several networks, over the epochs that all of them made.

    The best epoch is the mean of theirs, rounded, and at most the last of these epochs; each network keeps its own. The
    reason for the end names the networks by their numbers, from 0, if they do not have the same reason.
    """
    epochs = min(history.epochs for history in histories)

    def mean(name: str) -> Curve:
        curves = [getattr(history, name) for history in histories]
        return np.mean([curve[:epochs] for curve in curves], axis=0) if all(map(len, curves)) else np.empty(0)

    best = round(float(np.mean([history.best_epoch for history in histories])))
    ((ended_by, _),) = Counter(history.ended_by for history in histories).most_common(1)
    return History(
        loss=mean("loss"),
        validation_loss=mean("validation_loss"),
        penalty=mean("penalty"),
        rate=mean("rate"),
        validation_score=mean("validation_score"),
        metric=histories[0].metric,
        best_epoch=min(best, epochs),
        stop_reason=_reasons([history.stop_reason for history in histories]),
        ended_by=ended_by,
        seconds=max(history.seconds for history in histories),
    )


def _reasons(each: Sequence[str]) -> str:
    numbers: dict[str, list[str]] = {}
    for number, reason in enumerate(each):
        numbers.setdefault(reason, []).append(str(number))
    if len(numbers) == 1:
        return each[0]
    return "; ".join(f"{reason} (network {', '.join(own)})" for reason, own in numbers.items())
