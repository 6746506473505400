"""``to_sklearn``: a pipeline of scikit-learn's own classes that predicts the same."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

import glassnet
from glassnet.errors import InputError

PENGUINS = Path(glassnet.__file__).parent / "data" / "penguins.csv"
QUICK: dict[str, Any] = {
    "recipe": "single",
    "epochs": 5,
    "seed": 0,
    "hidden": (7, 5),
    "column_types": {"year": "number"},
}


def table() -> pd.DataFrame:
    found = pd.read_csv(PENGUINS)
    found.loc[found.index % 11 == 3, "island"] = np.nan
    return found


@pytest.mark.parametrize(
    ("target", "settings"),
    [
        ("species", {"dtype": "float64"}),
        ("species", {"activation": "tanh"}),
        ("species", {"members": 3}),
        ("sex", {"dtype": "float64", "activation": "sigmoid"}),
        ("sex", {"dtype": "float64", "output_activation": "softmax"}),
        ("body_mass_g", {"dtype": "float64", "scaling": "none", "activation": "identity"}),
        ("body_mass_g", {"dtype": "float64", "members": 2, "hidden": ()}),
        (["body_mass_g", "bill_depth_mm"], {"dtype": "float64"}),
    ],
)
def test_the_pipeline_predicts_the_same(target: Any, settings: dict[str, Any]) -> None:
    model = glassnet.train(table(), target, **{**QUICK, **settings})
    if model.target.classes is not None and len(model.members) > 1:
        with pytest.raises(InputError, match=r"temperature.*model\.member\(0\)"):
            model.to_sklearn()
        model = model.member(0)
    pipeline = pickle.loads(pickle.dumps(model.to_sklearn()))
    rows = table().drop(columns=target)
    rows.loc[0, "island"] = "Atlantis"
    close = 1e-12 if model.dtype == np.float64 else 2e-6
    if model.target.classes is None:
        assert np.allclose(pipeline.predict(rows), model.predict(rows), rtol=close, atol=0)
        return
    assert np.abs(pipeline.predict_proba(rows) - model.predict_proba(rows)).max() <= close
    assert pipeline.predict(rows).tolist() == model.predict(rows).tolist()
    assert pipeline.classes_.tolist() == model.classes.tolist()


def test_there_and_back() -> None:
    model = glassnet.train(table(), "species", **QUICK, dtype="float64")
    again = glassnet.from_sklearn(model.to_sklearn(), target="species")
    assert np.abs(again.predict_proba(table()) - model.predict_proba(table())).max() <= 1e-12
    rows = table()
    clone(model.to_sklearn()).set_params(network__max_iter=300, network__early_stopping=True).fit(
        rows.drop(columns="species"), rows["species"]
    )


def test_all_that_scikit_learn_does_not_have_is_named_at_once() -> None:
    known = table().assign(day=pd.date_range("2020-01-01", periods=344), yes=[True, False] * 172)
    model = glassnet.train(
        known, "body_mass_g", epochs=2, seed=0, hidden=(4, 4), activation=["silu", "relu"], bins=4, clamp=True,
        scaling="robust", column_types={"year": "category"},
    )  # fmt: skip
    with pytest.raises(InputError) as caught:
        model.to_sklearn()
    for word in (
        "silu",
        "different activations",
        "smooth clip",
        "bins",
        "clamp",
        "datetime",
        "boolean",
        "'year'",
    ):
        assert word in str(caught.value)
