"""The table-facing classes: the code of ``train`` in scikit-learn's manners, and ensembles."""

from __future__ import annotations

import inspect
import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_linnerud
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import glassnet
from glassnet import TableClassifier, TableRegressor
from glassnet.errors import SettingsError, TableError
from glassnet.tables import penguins_path
from glassnet.training import SETTINGS, EpochsDone
from scikit_learn import since

PENGUINS = pd.read_csv(penguins_path())
WORDS = PENGUINS.drop(columns="species"), PENGUINS["species"]
KNOWN = PENGUINS.dropna(subset=["body_mass_g", "bill_length_mm"])
NUMBERS = KNOWN.drop(columns="body_mass_g"), KNOWN["body_mass_g"]


def quick(cls: Any, **more: Any) -> Any:
    return cls(**{"epochs": 15, "random_state": 1, **more})


def test_the_parameters_are_the_settings_of_train() -> None:
    for cls, without in ((TableClassifier, {"huber_delta", "quantile"}), (TableRegressor, {"class_weight"})):
        parameters = cls().get_params()
        shared = set(SETTINGS) - {"weights", "holdout", "task", "seed", "metric"} - without
        assert set(parameters) == shared | {"ensemble", "scoring", "random_state", "progress", "on_event"}
        assert all(parameters[name] == SETTINGS[name].default for name in shared)
        assert list(inspect.signature(cls).parameters) == list(inspect.signature(cls.__init__).parameters)[1:]
    with pytest.raises(TypeError, match="hiden"):
        TableClassifier(hiden=3)


@pytest.mark.parametrize("kind", [float, int])
def test_masked_numbers_are_gaps(kind: type) -> None:
    X, y = np.random.default_rng(0).normal(0, 9, (60, 3)).astype(kind), np.arange(60) % 2
    masked = np.ma.masked_array(X, mask=X > 9)
    ours = quick(TableClassifier).fit(masked, y)
    assert [column.missing for column in ours.model_.schema.columns] == (X > 9).sum(axis=0).tolist()
    gaps = masked.astype(float).filled(np.nan)
    np.testing.assert_array_equal(ours.predict_proba(masked), ours.predict_proba(gaps))


def test_it_runs_the_code_of_train() -> None:
    classifier = quick(TableClassifier, dropout=0.1, l1=1e-3, optimizer="adamw").fit(*WORDS)
    model = glassnet.train(
        WORDS,
        task="classification",
        seed=1,
        epochs=15,
        dropout=0.1,
        l1=1e-3,
        optimizer="adamw",
        progress=False,
    )
    np.testing.assert_array_equal(classifier.model_.learnt.vector, model.learnt.vector)
    np.testing.assert_array_equal(classifier.predict_proba(WORDS[0]), model.predict_proba(WORDS[0]))
    assert classifier.loss_curve_ == model.history.loss.tolist()
    assert classifier.validation_loss_curve_ == model.history.validation_loss.tolist()
    assert (classifier.n_iter_, classifier.best_epoch_) == (model.history.epochs, model.history.best_epoch)
    weights = np.linspace(0.1, 2, len(NUMBERS[1]))
    regressor = quick(TableRegressor, loss="quantile", quantile=0.8).fit(*NUMBERS, sample_weight=weights)
    model = glassnet.train(
        NUMBERS,
        task="regression",
        seed=1,
        epochs=15,
        loss="quantile",
        quantile=0.8,
        weights=weights,
        progress=False,
    )
    np.testing.assert_array_equal(regressor.model_.learnt.vector, model.learnt.vector)


@pytest.mark.parametrize(
    "labels",
    [["a", "b", "c"], [2, 5, 9], [0.0, 1.0, 2.0], ["10", "9", "a b"], ["False", "True", "maybe"]],
)
@pytest.mark.parametrize("several", [2, 3])
def test_labels_come_back_as_they_were(labels: list[Any], several: int) -> None:
    kept = WORDS[1].isin(["Adelie", "Chinstrap", "Gentoo"][:several])
    y = np.array(labels)[WORDS[1][kept].map({"Adelie": 0, "Chinstrap": 1, "Gentoo": 2}).to_numpy()]
    classifier = TableClassifier(random_state=1, epochs=60).fit(WORDS[0][kept], y)
    assert classifier.classes_.tolist() == sorted(labels[:several])
    predicted = classifier.predict(WORDS[0][kept])
    assert predicted.dtype == y.dtype
    assert accuracy_score(y, predicted) > 0.95
    np.testing.assert_allclose(classifier.predict_proba(WORDS[0]).sum(axis=1), 1)


def test_a_label_that_reads_as_missing_is_refused_rather_than_left_out() -> None:
    with pytest.raises(TableError, match=r"'NA'.*missing"):
        TableClassifier().fit(WORDS[0], WORDS[1].replace("Adelie", "NA"))


@pytest.mark.parametrize("labels", [["a", "a ", "b"], [" 1", "1", "2"]])
def test_labels_that_differ_by_spaces_are_refused_rather_than_taken_for_each_other(labels: list[str]) -> None:
    y = np.array(labels)[np.arange(len(WORDS[1])) % 3]
    with pytest.raises(TableError, match="are both read as"):
        TableClassifier().fit(WORDS[0], y)


def test_labels_that_are_large_numbers_stay_apart() -> None:
    y = np.where(WORDS[1] == "Adelie", 2**55 + 1, 2**55 + 3)  # the same number in float64
    classifier = quick(TableClassifier).fit(WORDS[0], y)
    assert classifier.score(WORDS[0], y) > 0.9


@pytest.mark.parametrize("dtype", ["boolean", "Int64", "category", "string"])
def test_pandas_own_types_of_labels(dtype: str) -> None:
    y = (WORDS[1] == "Adelie").astype("string" if dtype == "string" else int).astype(dtype)
    classifier = quick(TableClassifier).fit(WORDS[0], y)
    assert classifier.classes_.tolist() == sorted(y.unique().tolist())
    assert type(classifier.predict(WORDS[0]).tolist()[0]) is type(y.unique().tolist()[0])


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_labels_that_are_missing_are_counted(missing: Any) -> None:
    labels = WORDS[1].astype(object)
    labels.iloc[:2] = missing
    with pytest.raises(ValueError, match=r"y is NaN or missing in 2 row\(s\); leave them out of X and y\."):
        TableClassifier().fit(WORDS[0], labels)


@pytest.mark.parametrize(
    ("inputs", "error", "message"),
    [
        (
            WORDS[0].set_axis([*WORDS[0].columns[:-1], "island"], axis=1),
            TableError,
            "more than one column named",
        ),
        (WORDS[0].to_dict("list"), TypeError, r"made of dicts.*pandas.DataFrame\(X\)"),
        (WORDS[0].to_dict("records"), TypeError, r"made of dicts.*pandas.DataFrame\(X\)"),
        (WORDS[0][:0], TableError, "n_samples = 0 row"),
        (WORDS[0][:1], TableError, "n_samples = 1 row"),
    ],
)
def test_tables_that_cannot_be_learnt_from(inputs: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        TableClassifier().fit(inputs, WORDS[1][: len(inputs)] if len(inputs) < 2 else WORDS[1])


def test_true_and_false_are_1_and_0_to_a_regressor() -> None:
    y = WORDS[1] == "Adelie"
    predicted = [quick(TableRegressor).fit(WORDS[0], own).predict(WORDS[0]) for own in (y, y.astype(int))]
    np.testing.assert_array_equal(*predicted)


@pytest.mark.parametrize("labels", [[2**63, 2**63 + 1, 2**64 - 1], [3, 2**63 + 1]])
def test_labels_beyond_int64_stay_themselves(labels: list[int]) -> None:
    X = np.random.default_rng(0).normal(size=(60, 3))
    y = np.array(labels, np.uint64)[np.arange(60) % len(labels)]
    fitted = quick(TableClassifier, epochs=60).fit(X, y)
    trained = glassnet.train((X, y), task="classification", epochs=5, progress=False)
    assert fitted.classes_.tolist() == fitted.model_.classes.tolist() == trained.classes.tolist() == labels
    assert fitted.predict(X).dtype == trained.predict(X).dtype == np.uint64
    assert fitted.score(X, y) == fitted.model_.evaluate((X, y))["accuracy"]
    frame = pd.DataFrame(X).assign(y=y)
    assert glassnet.train(frame, "y", task="classification", epochs=5).classes.tolist() == labels


def test_true_and_false_stay_themselves() -> None:
    y = (WORDS[1] == "Adelie").to_numpy()
    assert quick(TableClassifier).fit(WORDS[0], y).predict(WORDS[0]).dtype == bool


@pytest.mark.parametrize(
    "y",
    [
        np.array([True, False] * 167, object),
        pd.Series([1, True, 0.0, False, 1, 0] * 55 + [1, 0, 1, 0]),
        pd.DataFrame({"one": np.arange(334) % 2 > 0, "two": np.linspace(0, 1, 334)}),
        pd.DataFrame({"one": np.arange(334) % 2 > 0, "two": [None, *range(333)]}).convert_dtypes(),
        pl.DataFrame({"one": [True, False] * 167, "two": [None, *range(333)]}),
        pa.table({"one": [True, False] * 167, "two": [None, *range(333)]}),
    ],
    ids=["objects", "mixed", "frame", "nullable", "polars", "arrow"],
)
def test_a_regressor_takes_numbers_of_any_make(y: Any) -> None:
    X = WORDS[0][:334]
    values = pd.DataFrame(np.asarray(y)).astype("Float64").to_numpy(float, na_value=np.nan)
    values = values[:, 0] if np.ndim(y) == 1 else values
    model, wanted = (quick(TableRegressor).fit(X, own) for own in (y, values))
    np.testing.assert_array_equal(model.predict(X), wanted.predict(X))
    assert model.model_.target.columns == (("one", "two") if np.ndim(values) == 2 else ("y",))
    assert model.score(X, y) == wanted.score(X, values)


def test_what_is_masked_in_targets_is_missing() -> None:
    X, y = np.random.default_rng(0).normal(size=(60, 3)), np.arange(60) % 2
    masked = np.ma.masked_array(y, mask=np.arange(60) < 5)
    with pytest.raises(ValueError, match=r"y is NaN or missing in 5 row\(s\)"):
        quick(TableClassifier).fit(X, masked)
    with pytest.raises(ValueError, match="Input y contains NaN"):
        quick(TableRegressor).fit(X, masked)
    whole = np.ma.masked_array(y, mask=False)
    assert quick(TableClassifier).fit(X, whole).classes_.dtype == y.dtype
    both = np.ma.stack([masked, whole], axis=1)
    gaps = both.astype(float).filled(np.nan)
    model, wanted = (quick(TableRegressor).fit(X, own) for own in (both, gaps))
    np.testing.assert_array_equal(model.predict(X), wanted.predict(X))
    assert model.score(X, both) == model.score(X, gaps)


@pytest.mark.parametrize(
    ("cls", "data", "held", "message"),
    [
        (
            TableClassifier,
            WORDS,
            pd.Series(["Adelie", None]),
            r"y_val is .* 1 row\(s\); leave them out of X_val",
        ),
        (TableRegressor, NUMBERS, np.array([3000, np.nan]), "Input y_val contains NaN"),
        (TableRegressor, NUMBERS, ["much", "little"], "could not convert string to float"),
    ],
)
def test_targets_of_validation_rows_are_checked_as_those_of_training(
    cls: Any, data: Any, held: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        quick(cls).fit(*data, X_val=data[0][:2], y_val=held)


@pytest.mark.filterwarnings("ignore:The number of unique classes")
@pytest.mark.parametrize(
    ("model", "y", "message"),
    [
        (TableClassifier(), np.arange(344), "Use TableRegressor"),
        (TableClassifier(ensemble=2), np.arange(344), "Use TableRegressor"),
        (TableRegressor(), np.arange(344).astype("M8[D]"), "learnt with TableClassifier"),
        (TableClassifier(scoring="accuracy", validation=0.0), WORDS[1], "scoring needs validation rows"),
    ],
)
def test_what_train_refuses_is_told_in_the_words_of_the_classes(model: Any, y: Any, message: str) -> None:
    with pytest.raises((TableError, SettingsError), match=message) as error:
        model.fit(WORDS[0], y)
    assert "task=" not in str(error.value)


def test_watchers_may_come_from_a_generator() -> None:
    seen: list[Any] = []
    watchers = (watch for watch in [seen.append])
    models = quick(TableClassifier, ensemble=2, on_event=watchers, epochs=2).fit(*WORDS).models_
    finished = [event for event in seen if isinstance(event, EpochsDone) and event.epoch == 2]
    assert len(finished) == len(models)


@since("1.9")  # the names of PyArrow's columns are not seen before
def test_tables_of_arrow_have_names_too() -> None:
    frame, y = NUMBERS
    table = pa.Table.from_pandas(frame, preserve_index=False)
    model = quick(TableRegressor).fit(table, y)
    wanted = model.predict(frame)
    np.testing.assert_array_equal(model.predict(table), wanted)
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        np.testing.assert_array_equal(model.predict(frame.to_numpy()), wanted)


@since("1.9")  # the names of Polars' columns are not seen before, so they are missed in the other frame
def test_frames_of_any_library_are_the_same() -> None:
    one = quick(TableClassifier).fit(*WORDS)
    frame = pl.read_csv(penguins_path(), null_values="NA").drop("species")
    other = quick(TableClassifier).fit(frame, WORDS[1])
    np.testing.assert_allclose(one.predict_proba(WORDS[0]), other.predict_proba(WORDS[0]), atol=1e-6)


def test_columns_without_names_go_by_place_and_it_is_said() -> None:
    """As scikit-learn has it: its tools, and others, hand on the bare values of a frame."""
    frame, y = NUMBERS
    by_name = quick(TableRegressor).fit(frame, y)
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        np.testing.assert_array_equal(by_name.predict(frame.to_numpy()), by_name.predict(frame))
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        again = quick(TableRegressor).fit(frame, y, X_val=frame.to_numpy(), y_val=y)
    wanted = quick(TableRegressor).fit(frame, y, X_val=frame, y_val=y)
    assert again.validation_loss_curve_ == wanted.validation_loss_curve_
    values = frame[["bill_depth_mm", "year"]]
    by_place = quick(TableRegressor).fit(values.to_numpy(), y)
    with pytest.warns(UserWarning, match="was fitted without feature names"):
        np.testing.assert_array_equal(by_place.predict(values), by_place.predict(values.to_numpy()))


def test_in_scikit_learns_tools() -> None:
    assert cross_val_score(quick(TableClassifier, epochs=60), *WORDS, cv=3, n_jobs=2).mean() > 0.95
    pipeline = make_pipeline(
        FunctionTransformer(lambda frame: frame.drop(columns="year")), quick(TableRegressor)
    )
    grid = GridSearchCV(pipeline, {"tableregressor__hidden": [(8,), (16, 8)]}, cv=2).fit(*NUMBERS)
    assert grid.best_params_["tableregressor__hidden"] in ((8,), (16, 8))
    assert cross_val_predict(quick(TableRegressor), *NUMBERS, cv=2).shape == NUMBERS[1].shape
    logs = TransformedTargetRegressor(quick(TableRegressor), func=np.log, inverse_func=np.exp)
    assert (logs.fit(*NUMBERS).predict(NUMBERS[0]) > 1000).all()
    copied = clone(TableClassifier(hidden=(3,), activation=("tanh",), class_weight={"Adelie": 2.0}))
    assert copied.hidden == (3,)
    fitted = quick(TableClassifier, ensemble=2).fit(*WORDS)
    fitted.predict(WORDS[0])
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict_proba(WORDS[0]), fitted.predict_proba(WORDS[0]))


# -- what users asked for


def test_class_weights_turn_the_balance() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 2))
    y = np.where(X[:, 0] + rng.normal(scale=2, size=600) > 2.2, "rare", "usual")
    recalls = []
    for class_weight in (None, "balanced", {"rare": 30.0}):
        model = TableClassifier(class_weight=class_weight, random_state=1, epochs=60).fit(X, y)
        recalls.append((model.predict(X)[y == "rare"] == "rare").mean())
    assert recalls[0] < recalls[1] < recalls[2]


@pytest.mark.parametrize("class_weight", ["even", {"Emu": 1.0}, {"Adelie": -1.0}, 3])
def test_class_weights_that_make_no_sense_are_refused(class_weight: Any) -> None:
    with pytest.raises(SettingsError, match="class_weight"):
        TableClassifier(class_weight=class_weight).fit(*WORDS)


def test_validation_rows_of_ones_own() -> None:
    held = np.arange(len(WORDS[1])) % 4 == 0
    X, y = WORDS
    classifier = quick(TableClassifier).fit(X[~held], y[~held], X_val=X[held], y_val=y[held])
    rows = classifier.model_.provenance["rows"]
    assert (rows["train"], rows["validation"]) == ((~held).sum(), held.sum())
    evaluation = classifier.model_.evaluate((X[held], y[held]))
    assert min(classifier.validation_loss_curve_) == pytest.approx(evaluation["log_loss"], rel=1e-5)
    with pytest.raises(SettingsError, match="y_val"):
        classifier.fit(X, y, X_val=X)
    with pytest.raises(SettingsError, match="X_val"):
        classifier.fit(X, y, y_val=y)
    with pytest.raises(TableError, match="Emu"):
        classifier.fit(X, y, X_val=X[:3], y_val=["Emu", "Adelie", "Gentoo"])


@pytest.mark.parametrize("labels", [["False", "True"], ["10", "9"], [False, True]])
def test_labels_of_validation_rows_are_read_as_those_of_training(labels: list[Any]) -> None:
    X, y = WORDS[0], np.array(labels)[(WORDS[1] == "Adelie").to_numpy().astype(int)]
    held = np.arange(len(y)) % 4 == 0
    for some in (X[held], y[held]), (X[y == labels[0]], y[y == labels[0]]):
        model = quick(TableClassifier, scoring="accuracy")
        model.fit(X[~held], y[~held], X_val=some[0], y_val=some[1])
        assert max(model.validation_scores_) > 0.9


@pytest.mark.parametrize(
    ("cls", "data", "scoring"),
    [
        (TableClassifier, WORDS, "accuracy"),
        (TableClassifier, WORDS, "neg_log_loss"),
        (TableClassifier, WORDS, "roc_auc_ovr"),
        (TableRegressor, NUMBERS, "r2"),
        (TableRegressor, NUMBERS, "neg_mean_absolute_error"),
        (TableRegressor, NUMBERS, lambda estimator, X, y: -float(np.abs(estimator.predict(X) - y).max())),
    ],
)
def test_any_scorer_can_end_a_training(cls: Any, data: Any, scoring: Any) -> None:
    model = cls(scoring=scoring, patience=5, learning_rate=0.01, random_state=2).fit(*data)
    scores = model.validation_scores_
    assert len(scores) == model.n_iter_ == len(model.validation_loss_curve_)
    assert model.best_epoch_ == int(np.argmax(scores)) + 1
    assert model.n_iter_ in (model.best_epoch_ + 5, 200)


@pytest.mark.parametrize("scoring", ["accuracy", "matthews_corrcoef", "function"])
def test_a_scorer_weighs_the_rows_as_the_loss_does(scoring: str) -> None:
    def share(estimator: Any, X: Any, y: Any, sample_weight: Any) -> float:
        return float(np.average(estimator.predict(X) == y, weights=sample_weight))

    X, y = WORDS
    scores = []
    for class_weight, rows in (({"Gentoo": 0.0}, slice(None)), ({"Gentoo": 0.0}, y[::2] != "Gentoo")):
        model = quick(TableClassifier, scoring=share if scoring == "function" else scoring, epochs=4)
        model.set_params(class_weight=class_weight)
        scores.append(model.fit(X, y, X_val=X[::2][rows], y_val=y[::2][rows]).validation_scores_)
    np.testing.assert_allclose(*scores, rtol=1e-6)


def test_a_scorer_that_cannot_weigh_is_asked_without_weights() -> None:
    X, y = NUMBERS
    model = quick(TableRegressor, scoring="neg_max_error", epochs=3)
    assert len(model.fit(X, y, sample_weight=np.linspace(0, 1, len(y))).validation_scores_) == 3


@pytest.mark.parametrize("scoring", [["accuracy", "f1_macro"], {"accuracy": "accuracy"}, 3])
def test_only_one_scorer_can_end_a_training(scoring: Any) -> None:
    with pytest.raises(SettingsError, match="scoring is"):
        TableClassifier(scoring=scoring).fit(*WORDS)


def test_watchers_see_an_ensemble_and_can_end_it() -> None:
    seen = []

    def watch(event: Any) -> None:
        if isinstance(event, EpochsDone):
            seen.append(event.epoch)
            event.stop.stop("seen enough")

    model = TableRegressor(ensemble=2, on_event=watch, epochs=10**6, patience=None, random_state=1).fit(
        *NUMBERS
    )
    assert seen
    assert {network.history.stop_reason for network in model.models_} == {"seen enough"}


def test_several_numbers_with_gaps() -> None:
    """Where one target is missing the others still teach; what is missing teaches nothing."""
    X, y = load_linnerud(return_X_y=True)
    y = np.tile(y, (10, 1)) + np.random.default_rng(0).normal(size=(200, 3))
    X = np.tile(X, (10, 1))
    whole = TableRegressor(random_state=1, epochs=100, learning_rate=0.01).fit(X, y)
    holes = np.random.default_rng(1).random(y.shape) < 0.3
    gaps = TableRegressor(random_state=1, epochs=100, learning_rate=0.01).fit(X, np.where(holes, np.nan, y))
    assert gaps.model_.provenance["rows"]["train"] == int((~holes.all(axis=1)).sum() * 0.8 + 0.5)
    assert gaps.score(X, y) > whole.score(X, y) - 0.15 > 0.4
    assert np.isfinite(gaps.predict(X)).all()
    frame = pd.DataFrame(np.where(holes, np.nan, y), columns=["weight", "waist", "pulse"])
    assert TableRegressor(epochs=2).fit(X, frame).model_.target.columns == ("weight", "waist", "pulse")


@pytest.mark.parametrize("scoring", ["r2", "neg_mean_absolute_error"])
def test_scores_of_several_numbers_with_gaps(scoring: str) -> None:
    """Each number is judged on the rows that have it."""
    X, y = NUMBERS[0], np.column_stack([NUMBERS[1], -NUMBERS[1]])
    gaps = np.where(np.random.default_rng(0).random(y.shape) < 0.3, np.nan, y)
    model = quick(TableRegressor, scoring=scoring, ensemble=2).fit(X, gaps)
    assert np.isfinite(model.validation_scores_).all()
    known = ~np.isnan(gaps)
    each = [r2_score(y[rows, o], model.predict(X)[rows, o]) for o, rows in enumerate(known.T)]
    assert model.score(X, gaps) == pytest.approx(np.mean(each))
    assert np.isfinite(cross_val_score(quick(TableRegressor), X, gaps, cv=2)).all()
    frame = pd.DataFrame(gaps).convert_dtypes()  # in pandas' own types a gap is no NaN
    assert model.score(X, frame) == model.score(X, gaps)
    one_known = np.column_stack([y[:, 0], np.full(len(y), np.nan)])
    assert model.score(X, one_known) == pytest.approx(r2_score(y[:, 0], model.predict(X)[:, 0]))
    held = np.arange(len(y)) % 3 == 0
    own = {"X_val": X[held], "y_val": y[held]}
    whole = quick(TableRegressor, scoring=scoring).fit(X[~held], y[~held], **own)
    own["y_val"] = np.vstack([y[held][:-1], [np.nan, y[held][-1, 1]]])
    almost = quick(TableRegressor, scoring=scoring).fit(X[~held], y[~held], **own)
    np.testing.assert_allclose(almost.validation_scores_, whole.validation_scores_, rtol=0.2)


# -- ensembles


def test_an_ensemble_averages_and_tells_its_spread() -> None:
    model = quick(TableClassifier, ensemble=3).fit(*WORDS)
    each = np.stack([network.predict_proba(WORDS[0]) for network in model.models_])
    mean, std = model.predict_proba(WORDS[0], return_std=True)
    np.testing.assert_allclose(mean, each.mean(axis=0))
    np.testing.assert_allclose(std, each.std(axis=0))
    labels, spread = model.predict(WORDS[0], return_std=True)
    np.testing.assert_array_equal(labels, model.classes_[mean.argmax(axis=1)])
    np.testing.assert_allclose(spread, std[np.arange(len(std)), mean.argmax(axis=1)])
    assert (std > 0).any()
    numbers = quick(TableRegressor, ensemble=3).fit(*NUMBERS)
    mean, std = numbers.predict(NUMBERS[0], return_std=True)
    assert mean.shape == std.shape == NUMBERS[1].shape
    assert (std > 0).all()
    assert (quick(TableRegressor).fit(*NUMBERS).predict(NUMBERS[0], return_std=True)[1] == 0).all()


def test_an_ensemble_is_repeatable_and_its_first_network_is_the_one_alone() -> None:
    alone, three, again = (quick(TableClassifier, ensemble=k).fit(*WORDS) for k in (1, 3, 3))
    for one, other in zip(three.models_, again.models_, strict=True):
        np.testing.assert_array_equal(one.learnt.vector, other.learnt.vector)
    np.testing.assert_array_equal(alone.model_.learnt.vector, three.model_.learnt.vector)
    assert len({network.settings["seed"] for network in three.models_}) == 3
    shared = TableClassifier(ensemble=2, epochs=2, random_state=np.random.RandomState(0)).fit(*WORDS)
    assert len({network.settings["seed"] for network in shared.models_}) == 2


@pytest.mark.parametrize("ensemble", [0, -1, 1.5, "two"])
def test_an_ensemble_of_no_networks_is_refused(ensemble: Any) -> None:
    with pytest.raises(SettingsError, match="ensemble"):
        TableClassifier(ensemble=ensemble).fit(*WORDS)


@pytest.mark.parametrize("ensemble", [1, 2])
@pytest.mark.parametrize("threads", [0, -1, 1.5, "two"])
def test_a_number_of_threads_that_is_none_is_refused(threads: Any, ensemble: int) -> None:
    with pytest.raises(SettingsError, match=f"threads is {threads!r}, but must be a whole number"):
        quick(TableClassifier, threads=threads, ensemble=ensemble).fit(*WORDS)


def test_a_target_with_the_name_of_a_column_gets_another() -> None:
    X = WORDS[0].assign(y=1.5 * np.arange(len(WORDS[0])))
    assert quick(TableClassifier).fit(X, WORDS[1].to_numpy()).model_.target.columns == ("y_",)
