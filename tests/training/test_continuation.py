"""The training of a model, continued with new rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet import AssumptionWarning, Model
from glassnet.continuation import KEPT
from glassnet.errors import InputTypeError, SettingsError, TableError
from glassnet.net.arrays import Array
from glassnet.tables import Encoder, penguins_path, read_table

PENGUINS = read_table(penguins_path())


@pytest.fixture(scope="module")
def model() -> Model:
    return glassnet.train(
        PENGUINS.take(range(0, 344, 2)),
        "species",
        hidden=8,
        epochs=3,
        seed=1,
        snapshots=2,
        l2=0.01,
        recipe="single",
    )


def frame() -> Any:
    return PENGUINS.to_arrow().to_pandas()


def test_a_continued_model_starts_where_the_earlier_one_ended(model: Model) -> None:
    more = glassnet.train_more(model, PENGUINS, epochs=4, seed=2)
    assert (more.initial.vector == model.learnt.vector).all()
    assert not (more.learnt.vector == model.learnt.vector).all()
    assert (more.encoder, more.target, more.schema) == (model.encoder, model.target, model.schema)
    assert more.history.epochs == 4
    kept = more.settings
    assert (kept.hidden, kept.l2, kept.snapshots, kept.epochs, kept.seed) == ((8,), 0.01, 2, 4, 2)
    again = glassnet.train_more(model, PENGUINS, epochs=4, seed=2)
    assert (more.learnt.vector == again.learnt.vector).all()


def test_without_steps_of_its_own_it_is_training_in_two_parts() -> None:
    """Full batches and gradient descent have no state: twice two epochs are four."""
    plain: dict[str, Any] = {
        "optimizer": "gradient_descent",
        "batch_size": None,
        "validation": 0,
        "dtype": "float64",
    }
    rows = PENGUINS.take(range(0, 344, 3))
    whole = glassnet.train(rows, "body_mass_g", hidden=4, epochs=4, seed=1, **plain, recipe="single")
    first = glassnet.train(rows, "body_mass_g", hidden=4, epochs=2, seed=1, **plain, recipe="single")
    second = glassnet.train_more(first, rows, epochs=2, seed=5)
    np.testing.assert_array_equal(second.learnt.vector, whole.learnt.vector)
    np.testing.assert_array_equal(
        np.concatenate([first.history.loss, second.history.loss]), whole.history.loss
    )


def test_settings_can_be_changed_and_those_of_the_network_cannot(model: Model) -> None:
    more = glassnet.train_more(model, PENGUINS, optimizer="momentum", epochs=1, validation=PENGUINS, l1=0.1)
    assert more.settings.optimizer.name == "momentum"
    assert more.settings.rate == 0.01  # momentum's own, not that of the earlier optimizer
    assert more.provenance["rows"]["validation"] == 344
    wrong: dict[str, Any] = dict.fromkeys((*KEPT, "epoch"), 1)
    with pytest.raises(SettingsError) as caught:
        glassnet.train_more(model, PENGUINS, **wrong)
    assert len(caught.value.faults) == len(KEPT) + 1
    with pytest.raises(SettingsError, match="epochs is 0"):
        glassnet.train_more(model, PENGUINS, epochs=0)


def test_arrays_of_the_earlier_training_are_not_kept() -> None:
    weights = np.ones(344)
    own = glassnet.train(
        PENGUINS,
        "species",
        hidden=2,
        epochs=1,
        sample_weight=weights,
        time=np.arange(344.0),
        seed=1,
        recipe="single",
    )
    more = glassnet.train_more(own, PENGUINS.take(range(100)), epochs=1)
    assert more.settings.sample_weight is None
    assert more.settings.time is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda own: own.assign(species="Emu"), "'Emu'; the classes are 'Adelie', 'Chinstrap', 'Gentoo'"),
        (lambda own: own.drop(columns=["sex", "year"]), "'sex' is missing.\nThe column 'year' is missing"),
        (lambda own: own.assign(bill_length_mm="long"), "'bill_length_mm' must hold numbers, but has 'long'"),
        (lambda own: own.assign(species=None), "no row of the table has a target"),
        (lambda own: own.drop(columns="species"), "The target column 'species' is missing"),
    ],
)
def test_rows_that_the_model_cannot_take_are_refused(model: Model, change: Any, said: str) -> None:
    with pytest.raises(TableError) as caught:
        glassnet.train_more(model, change(frame()))
    assert said in str(caught.value)


def test_unknown_levels_are_assumptions(model: Model) -> None:
    rows = frame().assign(island="Mars")
    with pytest.warns(AssumptionWarning, match="'Mars'") as caught:
        glassnet.train_more(model, rows, epochs=1)
    assert len(caught) == 1
    with pytest.raises(TableError, match="'Mars'"):
        glassnet.train_more(model, rows, epochs=1, strict=True)


def test_only_a_model_is_continued() -> None:
    with pytest.raises(InputTypeError, match="must be a model"):
        glassnet.train_more("model.glassnet", PENGUINS)  # type: ignore[arg-type]


def test_each_of_several_networks_is_continued() -> None:
    both = glassnet.train(PENGUINS, "species", hidden=4, epochs=2, members=2, seed=1)
    more = glassnet.train_more(both, PENGUINS, epochs=1, seed=1)
    for own, before in zip(more.members, both.members, strict=True):
        np.testing.assert_array_equal(own.initial.vector, before.learnt.vector)
    assert more.history.epochs == 1
    assert glassnet.train_more(both.member(1), PENGUINS, epochs=1).history.epochs == 1
    with pytest.raises(SettingsError, match="members follows from the model"):
        glassnet.train_more(both, PENGUINS, members=3)


def test_the_earlier_training_is_recorded_and_saved(model: Model, tmp_path: Path) -> None:
    more = glassnet.train_more(model, PENGUINS, epochs=2, seed=1)
    more = glassnet.train_more(more, PENGUINS, epochs=2, seed=1)
    more.save(tmp_path / "m.glassnet")
    found = glassnet.load(tmp_path / "m.glassnet").provenance["continued"]
    assert found["epochs"] == model.history.best_epoch + 2
    assert found["rows"] == more.provenance["rows"]["train"]


def test_arrays_are_continued_too() -> None:
    rng = np.random.default_rng(0)

    def rows() -> tuple[Array, Array]:
        X = rng.normal(size=(60, 3))
        return X, X[:, 0]

    own = glassnet.train(rows(), hidden=4, epochs=2, seed=1, recipe="single")
    more = glassnet.train_more(own, rows(), epochs=60, seed=1)
    X, y = rows()
    assert more.evaluate((X, y))["r2"] > own.evaluate((X, y))["r2"]


@pytest.mark.parametrize("own_validation", [False, True])
def test_every_row_is_encoded_once(
    model: Model, own_validation: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode, counts = Encoder.encode, []

    def counted(self: Encoder, table: Any, dtype: Any) -> Any:
        counts.append(table.num_rows)
        return encode(self, table, dtype)

    monkeypatch.setattr(Encoder, "encode", counted)
    own = PENGUINS.take(range(20)) if own_validation else None
    glassnet.train_more(model, PENGUINS, epochs=2, seed=2, holdout=0.1, validation=own)
    assert counts == ([344, 20] if own_validation else [344])


def test_faults_name_the_rows_of_the_table(model: Model) -> None:
    table = frame()
    table["body_mass_g"] = table["body_mass_g"].astype(object)
    table.loc[200, "body_mass_g"] = "heavy"
    with pytest.raises(TableError, match="'heavy' in row 200"):
        glassnet.train_more(model, table, epochs=2)
