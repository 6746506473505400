"""scikit-learn's fitted transformers as functions of features: what each makes of the features that it takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import numpy as np
from sklearn.feature_selection import SelectorMixin
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.utils.validation import check_is_fitted

from glassnet.convert.features import Feature, Levels, Mark, Number
from glassnet.errors import Faults, InputError
from glassnet.net.arrays import Array

Features = list[Feature] | None  # None after a transformer that cannot be converted


def class_name(estimator: Any) -> str:
    return type(estimator).__name__


def is_missing(value: Any) -> bool:
    """Whether a level or a marker stands for a missing value: None, NaN or pandas' NA."""
    return (
        value is None
        or str(value) == "<NA>"
        or (isinstance(value, (float, np.floating)) and math.isnan(value))
    )


def transformed(step: Any, features: Features, names: Sequence[str], faults: Faults) -> Features:
    """The features that ``step`` makes of ``features``.

    Args:
        step: a fitted transformer, "passthrough" or "drop".
        features: those that it takes; ``None``, if they are unknown.
        names: the columns of the table.
        faults: gets what cannot be converted; the result is then ``None``.
    """
    if step is None or (isinstance(step, str) and step == "passthrough"):
        return features
    if isinstance(step, str):
        return []
    if isinstance(step, Pipeline):
        for _, own in step.steps:
            features = transformed(own, features, names, faults)
        return features
    if isinstance(step, FeatureUnion):
        parts = [transformed(own, features, names, faults) for _, own in step.transformer_list]
        if step.transformer_weights:
            faults.add("the FeatureUnion has transformer_weights; scale the features by a scaler.")
        return _together(parts)
    known = TRANSFORMERS.get(class_name(step))
    if known is None and isinstance(step, SelectorMixin):
        known = _selected
    if known is None:
        faults.add(
            f"the transformer {class_name(step)} cannot be converted; possible are {', '.join(TRANSFORMERS)} and "
            "selections of features."
        )
        return None
    try:
        check_is_fitted(step)
    except Exception as error:  # NotFittedError, or what an object that is no estimator raises
        faults.add(f"{str(error).split('.')[0]}; call fit first.")
        return None
    if features is None and class_name(step) != "ColumnTransformer":
        return None
    before = len(faults.messages)
    try:
        found = known(step, features or [], names, faults)
    except InputError as error:
        faults.messages += error.faults
        return None
    return found if len(faults.messages) == before else None


def _together(parts: Sequence[Features]) -> Features:
    return (
        None if any(part is None for part in parts) else [*chain.from_iterable(part or [] for part in parts)]
    )


def _selected(step: Any, features: list[Feature], names: Sequence[str], faults: Faults) -> Features:
    return [own for own, kept in zip(features, step.get_support(), strict=True) if kept]


# -- shift and scale: (centers, scales) of `count` features


def _standard(step: Any, count: int, faults: Faults) -> tuple[Array, Array]:
    mean = step.mean_ if step.with_mean else None
    return _or(mean, 0.0, count), _or(step.scale_, 1.0, count)


def _min_max(step: Any, count: int, faults: Faults) -> tuple[Array, Array]:
    if step.clip:
        faults.add("the MinMaxScaler has clip=True; fit one with clip=False.")
    return -step.min_ / step.scale_, 1 / step.scale_


def _max_abs(step: Any, count: int, faults: Faults) -> tuple[Array, Array]:
    if getattr(step, "clip", False):
        faults.add("the MaxAbsScaler has clip=True; fit one with clip=False.")
    return np.zeros(count), step.scale_


def _robust(step: Any, count: int, faults: Faults) -> tuple[Array, Array]:
    return _or(step.center_, 0.0, count), _or(step.scale_, 1.0, count)


def _or(values: Any, default: float, count: int) -> Array:
    return np.full(count, default) if values is None else np.asarray(values, np.float64)


AFFINE: dict[str, Callable[[Any, int, Faults], tuple[Array, Array]]] = {
    "StandardScaler": _standard,
    "MinMaxScaler": _min_max,
    "MaxAbsScaler": _max_abs,
    "RobustScaler": _robust,
}


def _scaled(step: Any, features: list[Feature], names: Sequence[str], faults: Faults) -> Features:
    centers, scales = AFFINE[class_name(step)](step, len(features), faults)
    both = zip(features, centers.tolist(), scales.tolist(), strict=True)
    return [own.scaled(center, scale) for own, center, scale in both]


# -- missing values


def _imputed(step: Any, features: list[Feature], names: Sequence[str], faults: Faults) -> Features:
    if not is_missing(step.missing_values):
        faults.add(
            f"the SimpleImputer has missing_values={step.missing_values!r}, but only NaN can be converted."
        )
        return None
    found: list[Feature] = []
    for own, value in zip(features, step.statistics_.tolist(), strict=True):
        if is_missing(value) and not step.keep_empty_features:
            continue  # the feature had no value, and is left out
        found.append(own.filled(0.0 if is_missing(value) else value))
    marks = [Mark(features[at].column) for at in step.indicator_.features_] if step.add_indicator else []
    return [*found, *marks]


# -- levels


def _raw(step: Any, features: list[Feature], names: Sequence[str]) -> list[Number]:
    """``features``, which are columns as they are.

    Raises:
        InputError: others.
    """
    raw = [own for own in features if isinstance(own, Number) and own.is_raw]
    if len(raw) < len(features):
        others = {names[own.column] for own in features if own not in raw}
        raise InputError(
            f"the {class_name(step)} takes columns that were scaled or encoded before: {', '.join(sorted(others))}; "
            "encode them as they are in the table."
        )
    return raw


def _one_hot(step: Any, features: list[Feature], names: Sequence[str], faults: Faults) -> Features:
    found: list[Feature] = []
    rare = getattr(step, "infrequent_categories_", [None] * len(features))
    drops = [None] * len(features) if step.drop_idx_ is None else step.drop_idx_.tolist()
    for own, levels, infrequent, drop in zip(
        _raw(step, features, names), step.categories_, rare, drops, strict=True
    ):
        pooled = [] if infrequent is None else infrequent.tolist()
        if pooled and drop is not None:
            faults.add(
                f"the OneHotEncoder drops a level of {names[own.column]!r} and pools rare ones; do one of both."
            )
            return None
        values = levels.tolist()
        kept = [level for at, level in enumerate(values) if at != drop and level not in pooled]
        groups = [[level] for level in kept] + ([pooled] if pooled else [])
        for group in groups:
            unseen = float(group is pooled and step.handle_unknown == "infrequent_if_exist")
            found.append(_indicator(own, values, group, unseen))
    return found


def _ordinal(step: Any, features: list[Feature], names: Sequence[str], faults: Faults) -> Features:
    found: list[Feature] = []
    if any(own is not None for own in getattr(step, "infrequent_categories_", [])):
        faults.add("the OrdinalEncoder pools rare levels; fit one that does not.")
        return None
    for own, levels in zip(_raw(step, features, names), step.categories_, strict=True):
        values = levels.tolist()
        codes = {at: float(at) for at in range(len(values))}
        known = [level for level in values if not is_missing(level)]
        unseen = (len(known) - 1) / 2  # the middle, where scikit-learn refuses
        if step.handle_unknown == "use_encoded_value":
            unseen = float(step.unknown_value)
            if math.isnan(unseen):
                faults.add("the OrdinalEncoder has unknown_value=nan; give a number.")
                return None
        missing = None if math.isnan(step.encoded_missing_value) else float(step.encoded_missing_value)
        table = {level: codes[at] for at, level in enumerate(known)}
        missing = table.get(own.fill, unseen) if own.fill is not None else missing
        found.append(Levels(own.column, table, unseen, missing))
    return found


def _among(level: Any, group: Sequence[Any]) -> bool:
    return any(level == other or (is_missing(level) and is_missing(other)) for other in group)


def _indicator(own: Number, levels: Sequence[Any], group: Sequence[Any], unseen: float) -> Levels:
    """The feature that is 1 for the levels in ``group``, 0 for the others of ``levels``, ``unseen`` beyond these."""
    known = {level: float(_among(level, group)) for level in levels if not is_missing(level)}
    missing = next((float(_among(level, group)) for level in levels if is_missing(level)), None)
    if own.fill is not None:
        missing = known.get(own.fill, unseen)
    return Levels(own.column, known, unseen, missing)


# -- columns


def _by_columns(step: Any, features: list[Feature], names: Sequence[str], faults: Faults) -> Features:
    known = [str(name) for name in getattr(step, "feature_names_in_", ())]
    parts: list[Features] = []
    for _, own, columns in step.transformers_:
        if isinstance(own, str) and own == "drop":
            continue
        places = _places(columns, len(features), known)
        if places:
            parts.append(
                transformed(own, [features[at] for at in places] if features else None, names, faults)
            )
    return _together(parts)


def _places(columns: Any, count: int, known: Sequence[str]) -> list[int]:
    """The places of the columns that a ColumnTransformer was given: names, places, a mask or a slice."""
    if isinstance(columns, slice):
        ends = [known.index(end) if isinstance(end, str) else end for end in (columns.start, columns.stop)]
        stop = ends[1] + 1 if isinstance(columns.stop, str) else ends[1]
        return [*range(count)][slice(ends[0], stop, columns.step)]
    listed = [columns] if isinstance(columns, (str, int)) else list(columns)
    if listed and all(isinstance(own, (bool, np.bool_)) for own in listed):
        return np.flatnonzero(listed).tolist()
    return [known.index(own) if isinstance(own, str) else range(count)[int(own)] for own in listed]


def _unchanged(step: Any, features: list[Feature], names: Sequence[str], faults: Faults) -> Features:
    if step.func is not None:
        faults.add(f"the FunctionTransformer computes {step.func!r:.60}, which cannot be converted.")
    return features


TRANSFORMERS: dict[str, Callable[[Any, list[Feature], Sequence[str], Faults], Features]] = {
    **dict.fromkeys(AFFINE, _scaled),
    "SimpleImputer": _imputed,
    "OneHotEncoder": _one_hot,
    "OrdinalEncoder": _ordinal,
    "ColumnTransformer": _by_columns,
    "FunctionTransformer": _unchanged,
}
