"""A new column encoder is one class and its registration: everything that works on columns then works with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pytest
from numpy.typing import NDArray

import glassnet
from glassnet import pictures
from glassnet.errors import ModelFileError
from glassnet.tables import Column, ColumnEncoder, Note, NumberOptions, register
from glassnet.tables.column_values import ColumnValues
from glassnet.tables.encode.column_encoder import ENCODERS
from glassnet.tables.schema import COLUMN_TYPES

WORDS = ["a", "bb", "cccc", "dddddddd", "ee", "f"]
TABLE: dict[str, Any] = {
    "word": WORDS * 30,
    "x": np.random.default_rng(0).normal(size=180).tolist(),
    "y": [float(len(word)) for word in WORDS] * 30,
}


@dataclass(frozen=True)
class LengthEncoder(ColumnEncoder):
    """The length of a text, as a share of the longest."""

    type: ClassVar[str] = "length"
    longest: int

    @classmethod
    def fit(
        cls,
        values: ColumnValues,
        described: Column,
        numbers: NumberOptions,
        weights: NDArray[np.float64] | None = None,
    ) -> Self:
        missing = bool((values.words.codes < 0).any())
        return cls(described.name, missing, max(map(len, values.words.texts)))

    def value_names(self) -> tuple[str, ...]:
        return (f"length of {self.column}",)

    def value_formulas(self, missing: bool) -> tuple[str, ...]:
        return (f"number of characters / {self.longest}",)

    def write(
        self, values: ColumnValues, out: NDArray[Any]
    ) -> tuple[NDArray[np.bool_], list[str], list[Note]]:
        lengths = np.array([*map(len, values.words.texts), 0])
        out[:, 0] = lengths[values.words.codes] / self.longest
        return values.words.codes < 0, [], []


@pytest.fixture(scope="module")
def model() -> Iterator[glassnet.Model]:
    register(LengthEncoder)
    yield glassnet.train(
        TABLE, "y", column_types={"word": "length"}, hidden=8, epochs=40, seed=1, recipe="single"
    )
    del ENCODERS["length"]
    COLUMN_TYPES.remove("length")


def test_it_trains_and_predicts(model: glassnet.Model) -> None:
    assert model.encoder["word"] == LengthEncoder("word", False, 8)
    assert model.encoder.input_names == ("length of word", "x")
    longer = model.predict({"word": ["a", "ggggggg"], "x": [0.0, 0.0]})
    assert longer[1] > longer[0] + 1


def test_it_is_explained(model: glassnet.Model) -> None:
    text = model.explain({"word": "cccc", "x": 0.5}).to_text(digits="all")
    assert "number of characters / 8" in text


def test_its_values_make_profiles_and_importances(model: glassnet.Model) -> None:
    assert list(model.profile("word", TABLE).x) == list(model.schema["word"].examples)
    found = model.importances(TABLE)
    assert found.names == ("word", "x")
    assert model.doctor(TABLE).checked


def test_it_is_an_axis_of_a_surface(model: glassnet.Model) -> None:
    axes = pictures.surface(model, TABLE, x="word", y="x")
    assert [label.get_text() for label in axes.get_xticklabels()] == list(model.schema["word"].examples)


def test_it_is_saved_and_loaded(model: glassnet.Model, tmp_path: Path) -> None:
    model.save(tmp_path / "m.glassnet")
    again = glassnet.load(tmp_path / "m.glassnet")
    assert again.encoder == model.encoder
    assert np.array_equal(again.predict(TABLE), model.predict(TABLE))


def test_a_model_with_an_encoder_that_is_not_registered_is_refused(
    model: glassnet.Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.save(tmp_path / "m.glassnet")
    monkeypatch.delitem(ENCODERS, "length")
    with pytest.raises(ModelFileError, match="'length' is not known here; register it before"):
        glassnet.load(tmp_path / "m.glassnet")
