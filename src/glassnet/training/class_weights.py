"""The weights of classes: those given, or such that all classes have the same total weight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.errors import SettingsError, called, unknown
from glassnet.net.arrays import Array
from glassnet.targets import TargetGroup, Targets, class_codes

Weights = npt.NDArray[np.float64]


def class_weights_of(
    given: Any, encoding: Targets, targets: Array, weights: Weights | None
) -> Weights | None:
    """The weight of a row of each class, (C,), from ``"balanced"`` or a mapping from labels.

    Args:
        given: the setting.
        targets: (N, O), those of the training rows.
        weights: (N,), of these rows; ``None`` where all count alike.

    Raises:
        SettingsError: a target of numbers, an unknown label, no usable numbers.
    """
    if given is None:
        return None
    name = called("class_weight")
    if isinstance(encoding, TargetGroup):
        raise SettingsError(
            f"{name} is for one target of classes, but there are {len(encoding.columns)}: a row has one weight for all "
            f"of them; use {called('sample_weight')}."
        )
    if encoding.classes is None:
        raise SettingsError(
            f"{name} is for classes, but this target is a number; use {called('sample_weight')}."
        )
    if isinstance(given, str) and given == "balanced":
        totals = np.bincount(class_codes(targets), weights, len(encoding.classes))
        return totals.sum() / (len(totals) * np.where(totals > 0, totals, 1))
    form = SettingsError(f"{name} is {given!r}, but must be 'balanced' or a number for each label.")
    if not isinstance(given, Mapping):
        raise form
    labels = [str(label) for label in encoding.classes]
    known = {form: str(label) for label in encoding.classes for form in (label, str(label))}
    for label in given:
        if label not in known:
            raise SettingsError(unknown(f"a label in {name}", label, labels))
    by_label = {known[label]: number for label, number in given.items()}
    try:
        shares = np.array([by_label.get(label, 1.0) for label in labels], np.float64)
    except (TypeError, ValueError):
        raise form from None
    if not np.isfinite(shares).all() or (shares < 0).any() or not shares.any():
        raise SettingsError(f"{name} is {given!r}, but its numbers must be at least 0, and one above 0.")
    return shares
