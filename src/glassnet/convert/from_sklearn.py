"""From scikit-learn's multi-layer perceptrons, alone or behind transformers, to a record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
import sklearn
from sklearn.pipeline import Pipeline

from glassnet.convert.features import Feature, Number, encode_features
from glassnet.convert.record import Dense, classes_target, numbers_target, record
from glassnet.convert.transformers import AFFINE, class_name, transformed
from glassnet.errors import Faults, InputError, InputTypeError
from glassnet.net.arrays import Array
from glassnet.tables.read.column_names import array_names
from glassnet.targets import Label, TargetGroup, Targets
from glassnet.trained import TrainedModel

M = TypeVar("M", bound=TrainedModel)

ACTIVATIONS = {
    "identity": "identity",
    "logistic": "sigmoid",
    "tanh": "tanh",
    "relu": "relu",
    "softmax": "softmax",
    "exp": "exponential",
}
NETWORKS = "MLPClassifier, MLPRegressor"
SEARCHES = ("GridSearchCV", "RandomizedSearchCV", "HalvingGridSearchCV", "HalvingRandomSearchCV")


def from_sklearn(model_class: type[M], estimator: Any, rows: Any = None, target: Any = None) -> M:
    """The record of a fitted ``estimator``; see :func:`glassnet.from_sklearn`."""
    faults = Faults(InputError)
    while class_name(estimator) in SEARCHES and hasattr(estimator, "best_estimator_"):
        estimator = estimator.best_estimator_
    whole, scaler = estimator, None
    if class_name(estimator) == "TransformedTargetRegressor" and hasattr(estimator, "regressor_"):
        estimator, scaler = estimator.regressor_, estimator.transformer_
    *steps, network = (
        [step for _, step in estimator.steps] if isinstance(estimator, Pipeline) else [estimator]
    )
    if not all(hasattr(network, name) for name in ("hidden_layer_sizes", "activation", "get_params")):
        raise InputTypeError(
            f"{class_name(network)} cannot be converted; expected is a fitted estimator of {NETWORKS}, or a Pipeline "
            "that ends with one."
        )
    fitted = hasattr(network, "coefs_")
    if not fitted:
        faults.add(f"the {class_name(network)} is not fitted; call fit first.")
    names = [str(name) for name in getattr(estimator, "feature_names_in_", ())]
    if not names:
        names = array_names(int(_inputs_of(estimator, steps, network)))
    features: list[Feature] | None = [Number(at) for at in range(len(names))]
    for step in steps:
        features = transformed(step, features, names, faults)
    layers = _layers(network) if fitted else []
    encoding = _target(network, scaler, target, faults) if fitted else None
    if features is None or encoding is None or faults.messages:
        faults.raise_if_any()
        raise InputError(f"the {class_name(whole)} is not fitted; call fit first.")
    encoded = encode_features(features, names, layers[0], faults)
    faults.raise_if_any()
    assert encoded is not None
    inputs, first = encoded
    origin = f"{_described(whole)} of scikit-learn {sklearn.__version__}"
    return record(model_class, [[first, *layers[1:]]], inputs, encoding, origin, rows)


def _inputs_of(estimator: Any, steps: Sequence[Any], network: Any) -> int:
    """How many columns the first step takes; 0 if it is not fitted."""
    for step in (*steps, network):
        if hasattr(step, "n_features_in_"):
            return int(step.n_features_in_)
    return 0


def _layers(network: Any) -> list[Dense]:
    """The layers of a fitted network."""
    hidden = ACTIVATIONS[network.activation]
    pairs = list(zip(network.coefs_, network.intercepts_, strict=True))
    names = [hidden] * (len(pairs) - 1) + [ACTIVATIONS[network.out_activation_]]
    return [Dense(weights, biases, name) for (weights, biases), name in zip(pairs, names, strict=True)]


def _target(network: Any, scaler: Any, names: Any, faults: Faults) -> Targets | None:
    """How the outputs become the target's values."""
    outputs, dtype = network.coefs_[-1].shape[1], network.coefs_[0].dtype
    several = _several(network, outputs)
    given = [names] if isinstance(names, str) else list(names or ())
    found = given or ([f"y{number}" for number in range(1, several + 1)] if several > 1 else ["y"])
    if len(found) != several:
        faults.add(f"target names {len(found)} columns, but the network predicts {several}.")
        return None
    if hasattr(network, "classes_"):
        if several > 1:
            each = tuple(classes_target(name, _labels([0, 1]), 1, dtype) for name in found)
            return TargetGroup(each)
        labels = _labels(network.classes_.tolist())
        if len(labels) < 2:
            faults.add(f"the network has the single class {labels[0]!r}; it predicts nothing.")
            return None
        return classes_target(found[0], labels, outputs, dtype)
    mean: Array = np.zeros(several)
    scale: Array = np.ones(several)
    if scaler is not None:
        affine = AFFINE.get(class_name(scaler))
        if affine is None:
            faults.add(
                f"the transformer {class_name(scaler)} of the target cannot be converted; possible are "
                f"{', '.join(AFFINE)}."
            )
            return None
        mean, scale = affine(scaler, several, faults)
    return numbers_target(found, dtype, mean.tolist(), scale.tolist())


def _several(network: Any, outputs: int) -> int:
    """The number of targets."""
    if not hasattr(network, "classes_"):
        return int(outputs)
    return int(outputs) if network.out_activation_ == "logistic" else 1


def _labels(values: Sequence[Any]) -> list[Label]:
    """Labels as Python values; whole floats as integers."""
    if all(isinstance(value, float) and value.is_integer() for value in values):
        return [int(value) for value in values]
    return list(values)


def _described(estimator: Any) -> str:
    """The classes of an estimator and its parts, as ``Pipeline(StandardScaler, MLPClassifier)``."""
    if isinstance(estimator, Pipeline):
        return f"Pipeline({', '.join(_described(step) for _, step in estimator.steps)})"
    if hasattr(estimator, "regressor_"):
        return f"{class_name(estimator)}({_described(estimator.regressor_)})"
    return class_name(estimator)
