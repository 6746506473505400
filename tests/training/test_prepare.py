"""From a table to rows: pairs, weights, targets and the scaling that fits the output."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pyarrow import parquet

from glassnet.errors import InputTypeError, SettingsError, TableError
from glassnet.training.prepare import Prepared, prepare
from glassnet.training.settings import Settings

X = np.random.default_rng(0).normal(size=(50, 3))
Y = X[:, 0] * 2 + 10


def prepared(source: object, target: object = None, **settings: object) -> Prepared:
    return prepare(source, target, Settings.of(**{"recipe": "single", **settings}), np.random.default_rng(0))  # type: ignore[arg-type]


def test_a_pair_of_arrays_is_a_table_of_numbers() -> None:
    result = prepared((X, Y))
    assert [column.name for column in result.schema.columns] == ["x1", "x2", "x3"]
    assert {column.type for column in result.schema.columns} == {"number"}
    assert result.schema.target[0].name == "y"
    assert len(result.train) == 40
    assert result.validation is not None
    assert len(result.validation) == 10
    assert result.train.inputs.dtype == np.float32
    assert result.train.inputs.flags.c_contiguous


@pytest.mark.parametrize("frame", [pd, pl])
def test_a_frame_and_a_series_keep_their_names(frame: object) -> None:
    inputs = frame.DataFrame({"a": X[:, 0], "b": X[:, 1]})  # type: ignore[attr-defined]
    result = prepared(
        (inputs, frame.Series(name="price", data=Y)) if frame is pd else (inputs, pl.Series("price", Y))
    )
    assert [column.name for column in result.schema.columns] == ["a", "b"]
    assert result.schema.target[0].name == "price"


def test_training_rows_alone_give_the_statistics() -> None:
    result = prepared((X, Y))
    np.testing.assert_allclose(result.train.inputs.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(result.train.inputs.std(axis=0), 1, atol=1e-6)
    np.testing.assert_allclose(result.train.targets.mean(), 0, atol=1e-6)
    assert result.validation is not None
    assert abs(result.validation.rows.inputs.mean()) > 1e-4


def test_several_targets_are_standardized_each() -> None:
    result = prepared((X, np.column_stack([Y, -100 * Y])))
    assert [column.name for column in result.schema.target] == ["y1", "y2"]
    np.testing.assert_allclose(result.train.targets.std(axis=0), 1, atol=1e-6)


def test_a_positive_output_gets_scaled_targets_and_a_bounded_one_gets_them_as_they_are() -> None:
    counts = np.random.default_rng(1).poisson(30, 50).astype(float)
    scaled = prepared((X, counts), task="regression", loss="poisson", dtype="float64")
    assert str(scaled.settings.output_activation) == "exponential"
    assert scaled.target.mean == (0.0,)
    assert scaled.train.targets.min() > 0
    share = counts / counts.max()
    raw = prepared((X, share), output_activation="sigmoid", validation=0, dtype="float64")
    np.testing.assert_array_equal(raw.train.targets[:, 0], share)


def test_targets_that_the_loss_or_output_cannot_meet_are_reported() -> None:
    with pytest.raises(SettingsError, match="poisson needs targets from 0"):
        prepared((X, Y - 20), loss="poisson")
    with pytest.raises(SettingsError, match="sigmoid needs targets from 0 to 1"):
        prepared((X, Y), output_activation="sigmoid")
    shares = np.full((50, 2), [0.5, 0.2])
    with pytest.raises(SettingsError, match=r"sum to 1 in every row, but a row sums to 0\.7"):
        prepared((X, shares + X[:, :2] * 1e-6), output_activation="softmax", loss="categorical_log_loss")


def test_a_softmax_for_two_classes_has_two_outputs() -> None:
    result = prepared((X, np.where(Y > 10, "high", "low")), output_activation="softmax")
    assert str(result.settings.loss) == "categorical_log_loss"
    assert result.train.targets.shape[1] == 2
    assert result.schema.task == "binary"


def test_output_and_loss_go_together_by_default() -> None:
    classes = np.arange(50) % 3
    used = prepared((X, classes)).settings
    assert (str(used.output_activation), str(used.loss)) == ("softmax", "categorical_log_loss")
    several = prepared((X, classes), output_activation="sigmoid")
    assert (str(several.settings.loss), several.train.targets.shape[1]) == ("binary_log_loss", 3)
    with pytest.raises(SettingsError, match="categorical_log_loss needs softmax"):
        prepared((X, classes), output_activation="sigmoid", loss="categorical_log_loss")


def test_weights_by_column_and_by_numbers_are_the_same() -> None:
    weights = np.linspace(0, 2, 50)
    frame = pd.DataFrame({"a": X[:, 0], "w": weights, "y": Y})
    by_column = prepared(frame, "y", sample_weight="w")
    by_numbers = prepared(frame.drop(columns="w"), "y", sample_weight=weights)
    np.testing.assert_array_equal(by_column.train.weights, by_numbers.train.weights)
    assert by_column.train.inputs.shape == by_numbers.train.inputs.shape


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ("v", "Did you mean|no such column"),
        ([1.0] * 49, r"shape \(49,\), but must have \(50,\)"),
        ([-1.0] + [1.0] * 49, "row 0 has -1"),
        ([np.nan] * 50, "row 0 has nan"),
        ([0.0] * 50, "sample_weight is 0 for every row"),
        (["a"] * 50, "must be numbers, one for each row, but has 'a'"),
        (np.ones((25, 2)), r"shape \(25, 2\), but must have \(50,\)"),
    ],
)
def test_weights_that_cannot_be_used(weights: object, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        prepared((X, Y), sample_weight=weights)


def test_rows_that_all_have_weight_0_are_refused() -> None:
    """Not even validation rows: each epoch's loss would be 0, and the first the best."""
    weights = (np.arange(50) == 0).astype(float)
    for share in ("validation", "holdout"):
        with pytest.raises(SettingsError, match=f"{share} needs rows with a weight, but all of them"):
            prepared((X, Y), sample_weight=weights, **{"validation": 0, share: 0.1})


def test_rows_without_target_are_left_out_with_their_weights() -> None:
    target = Y.copy()
    target[[3, 7]] = np.nan
    result = prepared((X, target), sample_weight=np.arange(50.0), validation=0)
    assert len(result.train) == 48
    assert result.train.weights is not None
    assert {3.0, 7.0}.isdisjoint(result.train.weights.tolist())


@pytest.mark.parametrize("targets", [Y, np.column_stack([Y, Y]), (Y > 10).astype(int)])
def test_masked_targets_are_missing_values(targets: np.ndarray) -> None:
    hidden = np.arange(50) % 5 == 0
    mask = hidden if targets.ndim == 1 else np.column_stack([hidden, hidden])
    result = prepared((X, np.ma.masked_array(targets, mask)), validation=0)
    assert len(result.train) == 40
    assert {column.missing for column in result.schema.target} == {10}


def test_wrong_pairs_and_missing_targets() -> None:
    with pytest.raises(TableError, match="X has 50 rows, but y has 49"):
        prepared((X, Y[:-1]))
    with pytest.raises(TableError, match="also a column of X"):
        prepared((pd.DataFrame({"y": Y, "a": Y}), Y))
    with pytest.raises(TableError, match=r"no target.*The columns are a, b"):
        prepared(pd.DataFrame({"a": Y, "b": Y}))
    with pytest.raises(InputTypeError, match="0 dimensions"):
        prepared((X, Path("targets.csv")))
    with pytest.raises(InputTypeError, match="3 dimensions"):
        prepared((X, np.zeros((50, 1, 1))))


def test_a_frame_whose_columns_have_numbers_for_names() -> None:
    frame = pd.DataFrame({0: X[:, 0], 1: Y})
    assert prepared(frame, 1).schema.target[0].name == "1"
    assert prepared(frame, 1, column_types={0: "category"}).schema.inputs[0].type == "category"
    assert prepared((X, Y), 7).schema.target[0].name == "7"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"column_types": "a"}, "column_types is 'a', but must be a type by name"),
        ({"column_types": ["a"]}, "must be a type by name"),
        ({"column_types": {"a": None}}, "The type of column 'a' is 'None', but must be one of"),
        (
            {"class_weight": {"u": "heavy"}},
            "class_weight is {'u': 'heavy'}, but must be 'balanced' or a number",
        ),
    ],
)
def test_column_types_and_class_weights_of_a_wrong_form(settings: dict[str, object], message: str) -> None:
    frame = pd.DataFrame({"a": X[:, 0], "y": ["u", "v"] * 25})
    with pytest.raises((SettingsError, InputTypeError, TableError)) as caught:
        prepared(frame, "y", **settings)
    assert message in str(caught.value)


def test_a_target_named_twice_is_reported() -> None:
    with pytest.raises(TableError, match="'y' is named more than once"):
        prepared(pd.DataFrame({"a": X[:, 0], "y": Y}), ["y", "y"])


def test_class_weights_know_labels_by_value_and_by_text() -> None:
    frame = pd.DataFrame({"a": X[:, 0], "y": [1.0, 2.0] * 25})
    for label in (2, 2.0, "2"):
        weights = prepared(frame, "y", class_weight={label: 3}).train.weights
        assert weights is not None
        assert set(weights.tolist()) == {1.0, 3.0}
    with pytest.raises(SettingsError, match="a label in class_weight is 3, but must be one of 1, 2"):
        prepared(frame, "y", class_weight={3: 1})


def test_text_labels_of_one_number_are_classes_each() -> None:
    labels = np.array(["1e3", "1000", "5"])[np.arange(60) % 3]
    result = prepared(pd.DataFrame({"a": np.arange(60.0) % 7, "y": labels}), "y")
    assert result.target.classes == ("1000", "1e3", "5")


@pytest.mark.parametrize("form", ["columns", "array"])
def test_rows_of_weight_0_do_not_set_the_scales(form: str) -> None:
    bad = np.arange(50) % 10 == 0
    inputs, target = np.where(bad[:, None], 1e6, X), np.where(bad, 9999.0, Y)
    source = (inputs, target) if form == "array" else (pd.DataFrame(inputs), target)
    weighted = prepared(source, sample_weight=np.where(bad, 0.0, 1.0), validation=0)
    alone = prepared((inputs[~bad], target[~bad]), validation=0)
    assert weighted.target.mean == pytest.approx(alone.target.mean)
    assert weighted.target.scale == pytest.approx(alone.target.scale)
    for one, other in zip(weighted.encoder.encoders, alone.encoder.encoders, strict=True):
        assert one.to_dict()["center"] == pytest.approx(other.to_dict()["center"])


def test_text_labels_of_a_stream_stay_text_without_a_second_read() -> None:
    table = pa.table({"x": np.linspace(-1, 1, 40), "y": ["1", "2"] * 20})
    stream = io.BytesIO()
    parquet.write_table(table, stream)
    stream.seek(0)
    result = prepared(stream, "y")
    assert result.target.classes == ("1", "2")
    assert result.schema.target[0].text
