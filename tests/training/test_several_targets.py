"""Several targets of classes: training, predictions, evaluation, saving, and the models of single targets."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import glassnet
from glassnet import Model
from glassnet.errors import GlassnetError, InputError, SettingsError, TableError
from glassnet.evaluation import CLASS_METRICS
from glassnet.net.arrays import Array

NAMES = ["flu", "cold", "kind"]
ROWS = 300


def frame() -> pd.DataFrame:
    """A target of words with gaps, one of numbers, and one of three classes with gaps."""
    X = np.random.default_rng(0).normal(size=(ROWS, 3))
    own = pd.DataFrame(X, columns=["a", "b", "c"])
    own["flu"] = np.where(X[:, 0] > 0, "yes", "no")
    own["cold"] = (X[:, 1] > 0).astype(int)
    own["kind"] = np.array(["p", "q", "r"])[np.clip(np.round(X[:, 2] + 1), 0, 2).astype(int)]
    own.loc[:20, "flu"] = None
    own.loc[10:40, "kind"] = None
    return own


TABLE = frame()


@pytest.fixture(scope="module")
def model() -> Model:
    return glassnet.train(
        TABLE, NAMES, hidden=8, epochs=60, seed=1, holdout=0.2, snapshots=3, recipe="single"
    )


def test_each_target_has_its_own_classes_and_outputs(model: Model) -> None:
    assert model.schema.task == "multilabel"
    assert model.output_names == ("flu=yes", "cold=1", "kind=p", "kind=q", "kind=r")
    assert [layer.activation.name for layer in model.network.layers] == ["relu", "sigmoid"]
    assert str(model.objective.loss) == "binary_log_loss"
    predicted = model.predict(TABLE)
    assert predicted.shape == (ROWS, 3)
    assert [set(column) for column in predicted.T] == [{"yes", "no"}, {0, 1}, {"p", "q", "r"}]
    probabilities = model.predict_proba(TABLE)
    assert {name: own.shape for name, own in probabilities.items()} == {
        "flu": (ROWS, 2),
        "cold": (ROWS, 2),
        "kind": (ROWS, 3),
    }
    for name, labels in zip(NAMES, predicted.T, strict=True):
        np.testing.assert_allclose(probabilities[name].sum(axis=1), 1)
        classes = model.for_target(name).classes
        assert (classes[probabilities[name].argmax(axis=1)] == labels).all()


def test_it_learns_all_targets(model: Model) -> None:
    found = model.evaluate(TABLE)
    assert found["accuracy"] > 0.9
    assert found["accuracy flu"] > 0.9
    assert found["accuracy"] == pytest.approx(np.mean([found[f"accuracy {name}"] for name in NAMES]))
    assert "auc flu" in found.metrics
    assert "auc kind" not in found.metrics
    assert "auc" not in found.metrics
    assert found.baseline["accuracy"] < 0.6


def test_gaps_are_neither_trained_on_nor_evaluated(model: Model) -> None:
    found = model.evaluate(TABLE)
    assert [sum(label is None for label in column) for column in found.actual.T] == [21, 0, 31]
    for place, name in enumerate(NAMES):
        known = found.actual[:, place] != None  # noqa: E711  # element by element
        right = found.actual[known, place] == found.predicted[known, place]
        assert found[f"accuracy {name}"] == pytest.approx(right.mean())
    none = TABLE.assign(flu=None, cold=None, kind=None)
    with pytest.raises(InputError, match="no row with a target"):
        model.evaluate(none)
    assert "auc flu" not in model.evaluate(TABLE.assign(flu=None)).metrics


def test_the_model_of_one_target_predicts_the_same_and_can_be_looked_into(
    model: Model, tmp_path: Path
) -> None:
    for place, name in enumerate(NAMES):
        one = model.for_target(name)
        assert (one.predict(TABLE) == model.predict(TABLE)[:, place]).all()
        np.testing.assert_allclose(one.predict_proba(TABLE), model.predict_proba(TABLE)[name], atol=1e-6)
        assert one.holdout is not None
        assert model.holdout is not None
        assert one.holdout.metrics == {
            metric: model.holdout[f"{metric} {name}"]
            for metric in CLASS_METRICS
            if metric != "auc" or name != "kind"
        }
        own, whole = one.evaluate(TABLE), model.evaluate(TABLE)
        assert own["log_loss"] == pytest.approx(whole[f"log_loss {name}"], abs=1e-6)
        assert own.baseline["log_loss"] == pytest.approx(whole.baseline[f"log_loss {name}"])
        assert one.explain(TABLE.iloc[50]).prediction == one.predict(TABLE.iloc[[50]])[0]
        assert one.at(one.history.snapshots.epochs[0]).predict(TABLE).shape == (ROWS,)  # type: ignore[union-attr]
        assert "underfitting" not in one.doctor(TABLE).names  # the loss is the sum of that of all targets
        one.profile("a")
        one.save(tmp_path / "one.glassnet")
        again = glassnet.load(tmp_path / "one.glassnet")
        assert (again.predict(TABLE) == one.predict(TABLE)).all()
    assert one.for_target("kind").schema == one.schema
    with pytest.raises(InputError, match="Did you mean 'cold'"):
        model.for_target("colt")


def test_saved_pickled_and_continued(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path / "m.glassnet")
    for again in (glassnet.load(tmp_path / "m.glassnet"), pickle.loads(pickle.dumps(model))):
        assert again.target == model.target
        assert (again.predict(TABLE) == model.predict(TABLE)).all()
        assert again.holdout is not None
        assert model.holdout is not None
        assert again.holdout.metrics == model.holdout.metrics
        assert (again.holdout.actual == model.holdout.actual).all()
    more = glassnet.train_more(model, TABLE, epochs=2, seed=1)
    assert more.target == model.target
    with pytest.raises(TableError, match="'s'; the classes are 'p', 'q', 'r'"):
        glassnet.train_more(model, TABLE.assign(kind="s"))


LOOKS: dict[str, Any] = {
    "explain": lambda model: model.explain(TABLE.iloc[50]),
    "profile": lambda model: model.profile("a", TABLE),
    "importances": lambda model: model.importances(TABLE),
    "attributions": lambda model: model.attributions(TABLE.head(3)),
    "nearest": lambda model: model.nearest(TABLE.iloc[50], TABLE),
    "doctor": lambda model: model.doctor(TABLE),
    "summary": lambda model: model.summary(),
    "compare": lambda model: glassnet.compare(model, model, TABLE),
    "report": lambda model: model.report("report.html", TABLE),
    "suggest": lambda model: model.suggest(),
    "to_dict": lambda model: model.to_dict(),
    "repr": repr,
    "notebook": lambda model: model._repr_html_(),
    "classes": lambda model: model.classes,
    **{
        f"draw {name}": lambda model, name=name: model.draw(name, TABLE) for name in glassnet.pictures.CATALOG
    },
    **{f"draw {name} alone": lambda model, name=name: model.draw(name) for name in glassnet.pictures.CATALOG},
}
ALWAYS = {
    "importances",
    "summary",
    "suggest",
    "to_dict",
    "repr",
    "notebook",
    "draw curves alone",
    "draw network alone",
}


@pytest.mark.parametrize("look", LOOKS)
def test_what_looks_inside_works_or_names_the_model_of_one_target(
    model: Model, look: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import matplotlib.pyplot as plt

    monkeypatch.chdir(tmp_path)
    said = ""
    try:
        LOOKS[look](model)
    except GlassnetError as error:
        said = str(error)
    plt.close("all")
    if said:
        assert look not in ALWAYS
        assert any(part in said for part in ("model.for_target('flu')", "pass a table", "pass no table"))


def test_yes_or_no_arrays_are_several_labels() -> None:
    X = np.random.default_rng(0).normal(size=(200, 3))
    model = glassnet.train((X, (X[:, :2] > 0).astype(int)), hidden=8, epochs=40, seed=1, recipe="single")
    assert model.target.columns == ("y1", "y2")
    assert (model.predict(X) == (X[:, :2] > 0)).mean() > 0.9


@pytest.mark.parametrize(
    "metric", ["accuracy", "log_loss", lambda actual, predicted: float((actual == predicted).mean())]
)
def test_metrics_of_early_stopping(metric: Any) -> None:
    model = glassnet.train(TABLE, NAMES, hidden=4, epochs=3, seed=1, metric=metric, recipe="single")
    assert len(model.history.validation_score) == 3
    two = glassnet.train(TABLE, ["flu", "cold"], hidden=4, epochs=2, seed=1, metric="auc", recipe="single")
    assert two.history.metric == "auc"


def test_numbers_and_classes_do_not_mix() -> None:
    with pytest.raises(TableError, match="regression needs numbers"):
        glassnet.train(TABLE, ["flu", "a"], recipe="single")
    assert glassnet.train(TABLE, ["cold", "a"], epochs=1, recipe="single").schema.task == "regression"
    assert (
        glassnet.train(TABLE, ["cold", "a"], epochs=1, task="regression", recipe="single").schema.task
        == "regression"
    )


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        ({"class_weight": "balanced"}, SettingsError, "is for one target of classes, but there are 3"),
        ({"output_activation": "softmax"}, SettingsError, "use sigmoid"),
        ({"metric": "auc"}, SettingsError, "must be one of accuracy, log_loss"),
        ({"metric": "rmse"}, SettingsError, "must be one of accuracy, log_loss"),
        ({"task": "binary"}, TableError, "needs two classes, but the target 'kind' has 3"),
    ],
)
def test_settings_for_one_target_are_refused(
    settings: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        glassnet.train(TABLE, NAMES, **settings, recipe="single")


def test_weights_count_in_means_over_rows() -> None:
    weights: Array = np.where(np.arange(ROWS) % 2, 3.0, 1.0)
    model = glassnet.train(
        TABLE, NAMES, hidden=4, epochs=2, seed=1, sample_weight=weights, validation=0, recipe="single"
    )
    known = TABLE["flu"].notna().to_numpy()
    share = np.average(TABLE["flu"][known] == "yes", weights=weights[known])
    assert model.baseline[0] == pytest.approx(share)
    repeated = np.repeat(np.arange(ROWS), weights.astype(int))
    by_weight = model.evaluate(TABLE, sample_weight=weights).metrics
    assert by_weight == pytest.approx(model.evaluate(TABLE.iloc[repeated]).metrics)
