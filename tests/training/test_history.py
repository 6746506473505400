"""The record of a training: curves that grow, and records of them that do not change."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.training.history import GrowingCurve, Recorder


def test_a_curve_grows_and_its_earlier_values_do_not_change() -> None:
    curve, seen = GrowingCurve(), []
    for number in range(100):
        curve.extend([number] if number % 2 else [number, -number])
        seen.append(curve.values)
    whole = [value for number in range(100) for value in ([number] if number % 2 else [number, -number])]
    for values in seen:
        np.testing.assert_array_equal(values, whole[: len(values)])
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 1.0
    assert len(seen[-1]) == 150


def test_a_history_does_not_change_while_the_recorder_goes_on() -> None:
    recorder = Recorder("auc", snapshots=4)
    recorder.loss.extend([3.0, 2.0])
    assert recorder.snapshots is not None
    recorder.snapshots.add(1, np.zeros(3))
    before = recorder.history()
    recorder.loss.extend([1.0])
    recorder.best_epoch = 3
    recorder.snapshots.add(2, np.ones(3))
    after = recorder.history()
    assert (before.epochs, before.best_epoch, len(before.snapshots or ())) == (2, 0, 1)
    assert (after.epochs, after.best_epoch, len(after.snapshots or ())) == (3, 3, 2)
    assert before.metric == after.metric == "auc"
