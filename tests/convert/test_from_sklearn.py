"""``from_sklearn``: the model predicts as the estimator does, shows what it can, and says what it cannot."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)

import glassnet
from glassnet.errors import InputError, InputTypeError, TableError

CLOSE = 1e-12
SMALL: dict[str, Any] = {"hidden_layer_sizes": (5, 3), "max_iter": 8, "random_state": 0}
PENGUINS = Path(glassnet.__file__).parent / "data" / "penguins.csv"
NUMBERS = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm"]
WORDS = ["island", "sex"]


@pytest.fixture(autouse=True)
def _short_training() -> Any:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Stochastic Optimizer")
        warnings.filterwarnings("ignore", "Found unknown categories")
        yield


@pytest.fixture(scope="module")
def penguins() -> pd.DataFrame:
    table = pd.read_csv(PENGUINS)
    return table.sample(len(table), random_state=0, ignore_index=True)


def classifier(**changes: Any) -> MLPClassifier:
    return MLPClassifier(**{**SMALL, **changes})


def regressor(**changes: Any) -> MLPRegressor:
    return MLPRegressor(**{**SMALL, **changes})


def difference(one: npt.ArrayLike, other: npt.ArrayLike) -> float:
    return float(np.abs(np.asarray(one, np.float64) - np.asarray(other, np.float64)).max())


def filled(*more: Any) -> Pipeline:
    return make_pipeline(SimpleImputer(), *more)


def by_type(numbers: Any, words: Any, **settings: Any) -> ColumnTransformer:
    return ColumnTransformer([("numbers", numbers, NUMBERS), ("words", words, WORDS)], **settings)


ignoring = {"handle_unknown": "ignore"}
PREPARATIONS: dict[str, Callable[[], Any]] = {
    "standard": lambda: by_type(filled(StandardScaler()), OneHotEncoder(**ignoring)),
    "scaled first": lambda: by_type(
        make_pipeline(StandardScaler(), SimpleImputer()), OneHotEncoder(**ignoring)
    ),
    "min max": lambda: by_type(filled(MinMaxScaler((-1, 2))), OneHotEncoder(**ignoring)),
    "max abs": lambda: by_type(filled(MaxAbsScaler()), OneHotEncoder(**ignoring)),
    "robust": lambda: by_type(filled(RobustScaler(quantile_range=(10, 80))), OneHotEncoder(**ignoring)),
    "scale alone": lambda: by_type(filled(StandardScaler(with_mean=False)), OneHotEncoder(**ignoring)),
    "mean alone": lambda: by_type(filled(StandardScaler(with_std=False)), OneHotEncoder(**ignoring)),
    "as it is": lambda: by_type(SimpleImputer(strategy="median"), OneHotEncoder(**ignoring)),
    "twice": lambda: by_type(filled(MinMaxScaler(), StandardScaler()), OneHotEncoder(**ignoring)),
    "marks": lambda: by_type(
        make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), OneHotEncoder(**ignoring)
    ),
    "constant": lambda: by_type(
        SimpleImputer(strategy="constant", fill_value=-1.5), OneHotEncoder(**ignoring)
    ),
    "frequent word": lambda: by_type(
        filled(), make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(**ignoring))
    ),
    "new word": lambda: by_type(
        filled(),
        make_pipeline(SimpleImputer(strategy="constant", fill_value="none"), OneHotEncoder(**ignoring)),
    ),
    "drop first": lambda: by_type(filled(), OneHotEncoder(drop="first")),
    "drop binary": lambda: by_type(filled(), OneHotEncoder(drop="if_binary")),
    "scaled levels": lambda: by_type(
        filled(), make_pipeline(OneHotEncoder(sparse_output=False, **ignoring), StandardScaler())
    ),
    "rare levels": lambda: by_type(
        filled(), OneHotEncoder(min_frequency=60, handle_unknown="infrequent_if_exist")
    ),
    "ordinal": lambda: by_type(
        filled(),
        OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2),
    ),
    "ordinal filled": lambda: by_type(
        filled(),
        make_pipeline(
            OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=7),
            SimpleImputer(),
            StandardScaler(),
        ),
    ),
    "pass": lambda: ColumnTransformer(
        [("all", OneHotEncoder(**ignoring), WORDS), ("none", "drop", ["bill_depth_mm"])],
        remainder=filled(StandardScaler()),
    ),
    "selected": lambda: make_pipeline(
        by_type(filled(StandardScaler()), OneHotEncoder(**ignoring)), SelectKBest(f_classif, k=4)
    ),
    "union": lambda: by_type(
        FeatureUnion([("one", filled(StandardScaler())), ("two", SimpleImputer(strategy="median"))]),
        OneHotEncoder(**ignoring),
    ),
    "number as category": lambda: ColumnTransformer(
        [("year", OneHotEncoder(**ignoring), ["year"]), ("numbers", filled(MinMaxScaler()), NUMBERS)]
    ),
    "places": lambda: ColumnTransformer(
        [
            ("words", OneHotEncoder(**ignoring), [0, -2]),
            ("slice", filled(StandardScaler()), slice(1, 4)),
            ("mask", filled(), np.array([0, 0, 0, 0, 1, 0, 1], bool)),
        ]
    ),
}


@pytest.mark.parametrize("name", PREPARATIONS)
def test_a_pipeline_predicts_the_same(name: str, penguins: pd.DataFrame) -> None:
    train, rows = penguins[:250], penguins[200:]
    inputs = penguins.drop(columns="species")
    pipeline = make_pipeline(PREPARATIONS[name](), classifier())
    pipeline.fit(inputs[:250], train["species"])
    model = glassnet.from_sklearn(pipeline)
    assert difference(model.predict_proba(rows), pipeline.predict_proba(inputs[200:])) <= CLOSE
    assert model.predict(rows).tolist() == pipeline.predict(inputs[200:]).tolist()
    with_rows = glassnet.from_sklearn(pipeline, train, target="species")
    assert difference(with_rows.predict_proba(rows), model.predict_proba(rows)) == 0
    assert with_rows.stats is not None


def test_unseen_levels_and_missing_values_are_taken_as_there(penguins: pd.DataFrame) -> None:
    inputs = penguins.drop(columns="species")
    strange = inputs[:6].copy()
    strange.loc[0, "island"], strange.loc[1, "sex"] = "Atlantis", "unknown"
    strange.loc[2, ["island", "sex"]] = None
    strange.loc[3, NUMBERS] = np.nan
    strange.loc[4, NUMBERS] = [-1e9, 1e300, 5e-324]
    for name in ("standard", "marks", "rare levels", "ordinal", "frequent word", "new word"):
        pipeline = make_pipeline(PREPARATIONS[name](), classifier(activation="tanh"))
        pipeline.fit(inputs, penguins["species"])
        found = glassnet.from_sklearn(pipeline).predict_proba(strange)
        assert difference(found, pipeline.predict_proba(strange)) <= CLOSE, name


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize("outputs", [1, 2])
def test_a_regressor_alone(activation: str, outputs: int) -> None:
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(60, 4))
    targets = inputs[:, :outputs] * 100 - 7
    estimator = regressor(activation=activation).fit(inputs, targets.squeeze())
    model = glassnet.from_sklearn(estimator)
    assert difference(model.predict(inputs), estimator.predict(inputs)) <= CLOSE * 100
    for weights, layer in zip(estimator.coefs_, model.learnt, strict=True):
        assert np.array_equal(weights, layer.weights)
    assert [*model.encoder.input_names] == ["x1", "x2", "x3", "x4"]


def test_the_target_is_scaled_back(penguins: pd.DataFrame) -> None:
    known = penguins.dropna()
    inputs, mass = known[NUMBERS], known["body_mass_g"]
    for scaler in (StandardScaler(), MinMaxScaler(), RobustScaler(), MaxAbsScaler()):
        estimator = TransformedTargetRegressor(
            make_pipeline(StandardScaler(), regressor()), transformer=scaler
        ).fit(inputs, mass)
        model = glassnet.from_sklearn(estimator, target="body_mass_g")
        assert np.allclose(model.predict(inputs), estimator.predict(inputs), rtol=CLOSE, atol=0)
        assert model.evaluate(known).metrics["r2"] == pytest.approx(estimator.score(inputs, mass))


@pytest.mark.parametrize(
    "labels", [["b", "a"], ["1", "01"], [0, 1], [3.0, -1.0], [True, False], ["x", "y", "z"], [2, 0, 1]]
)
def test_labels_keep_their_type(labels: list[Any]) -> None:
    rng = np.random.default_rng(0)
    inputs, target = rng.normal(size=(60, 3)), np.array(labels)[rng.integers(0, len(labels), 60)]
    estimator = classifier().fit(inputs, target)
    model = glassnet.from_sklearn(estimator)
    assert model.classes.tolist() == estimator.classes_.tolist()
    assert model.predict(inputs).tolist() == estimator.predict(inputs).tolist()
    assert difference(model.predict_proba(inputs), estimator.predict_proba(inputs)) <= CLOSE
    assert model.evaluate((inputs, target)).metrics["accuracy"] == estimator.score(inputs, target)


def test_several_labels_at_once() -> None:
    rng = np.random.default_rng(0)
    inputs, targets = rng.normal(size=(60, 3)), rng.integers(0, 2, (60, 3))
    estimator = classifier().fit(inputs, targets)
    model = glassnet.from_sklearn(estimator, target=["one", "two", "three"])
    assert model.predict(inputs).tolist() == estimator.predict(inputs).tolist()
    found = np.stack([own[:, 1] for own in model.predict_proba(inputs).values()], axis=1)
    assert difference(found, estimator.predict_proba(inputs)) <= CLOSE
    assert model.for_target("two").predict(inputs).tolist() == estimator.predict(inputs)[:, 1].tolist()


def test_float32_and_no_hidden_layer() -> None:
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(60, 3)).astype(np.float32)
    estimator = regressor(hidden_layer_sizes=()).fit(inputs, inputs[:, 0])
    model = glassnet.from_sklearn(estimator)
    assert model.dtype == np.float32
    assert difference(model.predict(inputs), estimator.predict(inputs)) <= 1e-6


def test_a_search_and_glassnets_own_estimator() -> None:
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(40, 3))
    target = (inputs[:, 0] > 0).astype(int)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), classifier()), {"mlpclassifier__alpha": [0.1]}, cv=2
    )
    for estimator in (search, glassnet.MLPClassifier(**SMALL)):
        estimator.fit(inputs, target)
        found = glassnet.from_sklearn(estimator).predict_proba(inputs)
        assert difference(found, estimator.predict_proba(inputs)) <= CLOSE


def test_levels_that_elsewhere_are_missing_values_stay_levels() -> None:
    words = ["NA", "-", "none", "01", "1", " a ", "A"] * 8
    table = pd.DataFrame({"word": words, "yes": [True, False] * 28})
    target = np.arange(56) % 3
    estimator = make_pipeline(OneHotEncoder(), classifier()).fit(table, target)
    model = glassnet.from_sklearn(estimator)
    assert difference(model.predict_proba(table), estimator.predict_proba(table)) <= CLOSE


def test_levels_that_are_the_same_in_a_table_are_refused() -> None:
    table = pd.DataFrame({"word": ["a", " a", "b"] * 5})
    estimator = make_pipeline(OneHotEncoder(), classifier()).fit(table, ["x", "y", "x"] * 5)
    with pytest.raises(InputError, match="the same in a table"):
        glassnet.from_sklearn(estimator)


def test_missing_values_that_the_pipeline_fills_are_no_assumption(penguins: pd.DataFrame) -> None:
    inputs = penguins.drop(columns="species")
    for name, count in (("standard", 0), ("marks", 0), ("pass", 0)):
        pipeline = make_pipeline(PREPARATIONS[name](), classifier()).fit(inputs, penguins["species"])
        model = glassnet.from_sklearn(pipeline)
        assert len(model.encode(inputs[NUMBERS + WORDS + ["body_mass_g", "year"]]).notes) == count
    alone = glassnet.from_sklearn(regressor().fit(np.zeros((9, 1)), np.zeros(9)))
    with pytest.warns(glassnet.AssumptionWarning, match="taken as 0"):
        alone.predict(np.array([[np.nan]]))


def test_a_saved_model_is_the_same(tmp_path: Path, penguins: pd.DataFrame) -> None:
    inputs = penguins.drop(columns="species")
    pipeline = make_pipeline(PREPARATIONS["marks"](), classifier()).fit(inputs, penguins["species"])
    for rows in (None, penguins):
        model = glassnet.from_sklearn(pipeline, rows, target="species")
        model.save(tmp_path / "model.glassnet")
        loaded = glassnet.load(tmp_path / "model.glassnet")
        assert difference(loaded.predict_proba(inputs), model.predict_proba(inputs)) == 0
        assert repr(loaded) == repr(model)
        assert str(loaded.summary()) == str(model.summary())


def test_what_can_be_shown(tmp_path: Path, penguins: pd.DataFrame) -> None:
    inputs = penguins.drop(columns="species")
    pipeline = make_pipeline(PREPARATIONS["standard"](), classifier()).fit(inputs, penguins["species"])
    model = glassnet.from_sklearn(pipeline, target="species")
    assert f"converted  from {model.origin}" in repr(model)
    assert "Pipeline(ColumnTransformer, MLPClassifier) of scikit-learn" in model.origin
    assert "initial" not in str(model.summary())
    assert "Adelie" in str(model.explain(inputs.iloc[0]))
    assert "it has no" not in str(model.doctor(penguins))
    assert "the training rows are not known" in str(model.doctor())
    assert "converted" in str(model.suggest())
    assert model.evaluate(penguins).baseline["accuracy"] == pytest.approx(152 / 344)
    model.report(tmp_path / "report.html", penguins)
    model.draw("network")
    with pytest.raises(InputError, match="not known"):
        model.draw("initial")
    assert glassnet.train_more(model, penguins, epochs=2, validation=0.2).history.epochs == 2


def test_rows_give_the_statistics(penguins: pd.DataFrame) -> None:
    inputs = penguins.drop(columns="species")
    pipeline = make_pipeline(PREPARATIONS["standard"](), classifier()).fit(inputs, penguins["species"])
    model = glassnet.from_sklearn(pipeline, penguins, target="species")
    assert model.baseline == pytest.approx([152 / 344, 68 / 344, 124 / 344])
    assert model.schema["bill_length_mm"].maximum == penguins["bill_length_mm"].max()
    assert model.evaluate(penguins).training_rows == len(penguins)
    assert "the training rows are not known" not in str(model.doctor())
    with pytest.raises(TableError, match="target column 'species' is missing"):
        glassnet.from_sklearn(pipeline, inputs, target="species")


class Own(TransformerMixin, BaseEstimator):
    """A transformer of somebody else."""

    def fit(self, rows: Any, target: Any = None) -> "Own":
        self.fitted_ = True
        return self

    def transform(self, rows: Any) -> Any:
        return rows


def test_all_that_cannot_be_converted_is_named_at_once(penguins: pd.DataFrame) -> None:
    inputs = penguins.drop(columns="species")
    pipeline = make_pipeline(
        by_type(make_pipeline(KNNImputer(), Own()), OneHotEncoder(**ignoring)), PCA(3), classifier()
    ).fit(inputs, penguins["species"])
    with pytest.raises(InputError) as caught:
        glassnet.from_sklearn(pipeline, target=["a", "b"])
    for word in ("KNNImputer", "Own", "PCA", "target names 2 columns"):
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([MinMaxScaler(clip=True)], "clip=True"),
        ([SimpleImputer(missing_values=-1)], "missing_values=-1"),
        ([StandardScaler(), OneHotEncoder(**ignoring)], "scaled or encoded before: x1, x2"),
        (
            [FeatureUnion([("a", StandardScaler()), ("b", OneHotEncoder(**ignoring))])],
            "as a number and as a category",
        ),
    ],
)
def test_settings_that_cannot_be_converted(steps: list[Any], message: str) -> None:
    inputs = np.random.default_rng(0).normal(size=(20, 2))
    pipeline = make_pipeline(*steps, regressor()).fit(inputs, inputs[:, 0])
    with pytest.raises(InputError, match=message):
        glassnet.from_sklearn(pipeline)


def test_other_objects_are_refused() -> None:
    with pytest.raises(InputTypeError, match="StandardScaler cannot be converted"):
        glassnet.from_sklearn(StandardScaler())
    with pytest.raises(InputTypeError, match="int cannot be converted"):
        glassnet.from_sklearn(3)
    with pytest.raises(InputError, match="MLPClassifier is not fitted"):
        glassnet.from_sklearn(make_pipeline(MLPClassifier()))
