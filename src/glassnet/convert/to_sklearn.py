"""From a record to a fitted pipeline of scikit-learn, which needs no glassnet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import VotingClassifier, VotingRegressor
from sklearn.impute import SimpleImputer
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import LabelBinarizer, LabelEncoder, OneHotEncoder, StandardScaler

from glassnet.convert.record import Dense
from glassnet.errors import Faults, InputError
from glassnet.tables.encode.category import CategoryEncoder
from glassnet.tables.encode.column_encoder import ColumnEncoder
from glassnet.tables.encode.number import NumberEncoder
from glassnet.targets import TargetEncoding, TargetGroup
from glassnet.trained import TrainedModel
from glassnet.training.trained_network import TrainedNetwork

ACTIVATIONS = {"identity": "identity", "sigmoid": "logistic", "tanh": "tanh", "relu": "relu"}
NO_VALUE = "\0 no value"  # a level that no table has


def to_sklearn(model: TrainedModel) -> Any:
    """See :meth:`glassnet.Model.to_sklearn`."""
    faults = Faults(InputError)
    for encoder in model.encoder.encoders:
        _check_column(model, encoder, faults)
    _check_network(model, faults)
    faults.raise_if_any()
    assert isinstance(model.target, TargetEncoding)
    networks = [_estimator(_layers(member, model.target), model.target) for member in model.members]
    network = networks[0] if len(networks) == 1 else _voting(networks, model.target)
    columns = _columns(model.encoder.encoders)
    return Pipeline([("columns", columns), ("network", network)])


# -- what scikit-learn does not have


def _check_column(model: TrainedModel, encoder: ColumnEncoder, faults: Faults) -> None:
    where = f"the column {encoder.column!r}"
    if isinstance(encoder, NumberEncoder):
        if encoder.smooth:
            faults.add(
                f"{where} is scaled with a smooth clip, which no transformer of scikit-learn computes."
            )
        if encoder.edges:
            faults.add(f"{where} has bins, which no transformer of scikit-learn computes.")
        if encoder.sentinels or encoder.words:
            faults.add(f"{where} has values that stand for a missing one, which scikit-learn does not know.")
    elif not isinstance(encoder, CategoryEncoder):
        faults.add(f"{where} is of the type {encoder.type}, for which scikit-learn has no transformer.")
    elif encoder.other:
        faults.add(
            f"{where} has an input for all rare levels, which scikit-learn makes of known levels alone."
        )
    elif not model.schema[encoder.column].text:
        faults.add(f"{where} is a category of numbers or booleans, whose levels are words here.")


def _check_network(model: TrainedModel, faults: Faults) -> None:
    hidden = dict.fromkeys(layer.activation.name for layer in model.network.hidden)
    for name in hidden:
        if name not in ACTIVATIONS:
            faults.add(f"the activation {name} is none of scikit-learn's: {', '.join(ACTIVATIONS)}.")
    if len(hidden) > 1:
        faults.add(
            f"the hidden layers have different activations: {', '.join(hidden)}; there they have the same."
        )
    target, output = model.target, model.network.output.activation.name
    if isinstance(target, TargetGroup):
        faults.add(
            "the model has several targets of classes; convert the model of one: model.for_target(name)."
        )
    elif target.classes is None:
        if output != "identity":
            faults.add(f"the output activation {output} of a number is none of scikit-learn's.")
        if target.lowest:
            faults.add(
                "predictions are kept within the range of training (clamp), which scikit-learn does not do."
            )
    else:
        if output not in ("sigmoid", "softmax"):
            faults.add(f"the output activation {output} of classes is none of scikit-learn's.")
        if target.temperature != 1 and len(model.members) > 1:
            faults.add(
                "the mean of several networks has a temperature, which no estimator of scikit-learn computes; convert "
                "one network: model.member(0)."
            )


# -- networks


def _layers(member: TrainedNetwork, target: TargetEncoding) -> list[Dense]:
    """The layers with the target's scale, or the temperature, in the weights of the last."""
    layers = [
        Dense(own.weights.astype(np.float64), own.biases.astype(np.float64), layer.activation.name)
        for own, layer in zip(member.learnt, member.network.layers, strict=True)
    ]
    weights, biases = layers[-1].weights, layers[-1].biases
    if target.classes is None:
        scale = np.array(target.scale)
        weights, biases = weights * scale, biases * scale + np.array(target.mean)
    else:
        weights, biases = weights / target.temperature, biases / target.temperature
        if weights.shape[1] == 2:  # the softmax of two sums is the sigmoid of their difference
            weights, biases = weights[:, 1:] - weights[:, :1], biases[1:] - biases[:1]
    return [*layers[:-1], Dense(weights, biases)]


def _estimator(layers: Sequence[Dense], target: TargetEncoding) -> Any:
    """A fitted network of scikit-learn."""
    sizes = tuple(len(layer.biases) for layer in layers[:-1])
    kind = MLPRegressor if target.classes is None else MLPClassifier
    found = kind(sizes, activation=ACTIVATIONS[layers[0].activation] if sizes else "relu")
    found.coefs_ = [layer.weights for layer in layers]
    found.intercepts_ = [layer.biases for layer in layers]
    found.n_features_in_ = len(layers[0].weights)
    found.n_layers_ = len(layers) + 1
    found.n_outputs_ = len(layers[-1].biases)
    found.n_iter_, found.t_ = 0, 0
    found.out_activation_ = "identity"
    if target.classes is not None:
        found._label_binarizer = LabelBinarizer().fit(target.labels)
        found.classes_ = found._label_binarizer.classes_
        found.out_activation_ = "logistic" if found.n_outputs_ == 1 else "softmax"
    return found


def _voting(networks: Sequence[Any], target: TargetEncoding) -> Any:
    """The mean of several networks."""
    named = [(f"network {number}", network) for number, network in enumerate(networks)]
    if target.classes is None:
        found = VotingRegressor(named)
    else:
        found = VotingClassifier(named, voting="soft")
        found.le_ = LabelEncoder().fit(target.labels)
        found.classes_ = found.le_.classes_
    found.estimators_ = list(networks)
    found.named_estimators_ = dict(named)
    return found


# -- columns


def _columns(encoders: Sequence[ColumnEncoder]) -> Any:
    """A fitted transformer of the columns: fitted to rows that have all levels and gaps, then given the constants."""
    rows = max(len(own.levels) if isinstance(own, CategoryEncoder) else 1 for own in encoders) + 1
    table = pd.DataFrame({own.column: _values(own, rows) for own in encoders})
    steps = [(own.column.replace("__", "_ _"), _transformer(own), [own.column]) for own in encoders]
    found = ColumnTransformer(steps, sparse_threshold=0.0).fit(table)
    for own, (_, fitted, _) in zip(encoders, found.transformers_, strict=False):
        if isinstance(own, NumberEncoder):
            marks = int(own.missing_flag)
            imputer, scaler = fitted[0], fitted[-1]
            imputer.statistics_ = np.array([own.fill])
            scaler.mean_ = np.array([own.center] + [0.0] * marks)
            scaler.scale_ = np.array([own.scale] + [1.0] * marks)
            scaler.var_ = scaler.scale_**2
    return found


def _transformer(own: ColumnEncoder) -> Any:
    if isinstance(own, NumberEncoder):
        return make_pipeline(SimpleImputer(add_indicator=own.missing_flag), StandardScaler())
    assert isinstance(own, CategoryEncoder)
    levels = [*own.levels, *([NO_VALUE] if own.missing_flag else [])]
    encoder = OneHotEncoder(
        categories=[np.array(levels, object)], handle_unknown="ignore", sparse_output=False
    )
    return make_pipeline(SimpleImputer(strategy="constant", fill_value=NO_VALUE), encoder)


def _values(own: ColumnEncoder, rows: int) -> Any:
    if isinstance(own, NumberEncoder):
        return np.array([np.nan if own.missing_flag else own.fill] + [own.fill] * (rows - 1))
    assert isinstance(own, CategoryEncoder)
    return pd.Series([own.levels[at % len(own.levels)] for at in range(rows)], dtype=object)
