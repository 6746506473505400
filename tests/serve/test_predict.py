"""``/predict`` answers what ``model.predict`` does, and refuses what it refuses, in JSON and in Arrow."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

pytest.importorskip("starlette")

import glassnet
from asgi import ask
from glassnet.errors import InputError, InputTypeError
from glassnet.serve import Limits, app
from glassnet.serve.served import Served
from glassnet.tables import penguins_path, read_table
from glassnet.tables.read.read_table import as_table

ARROW = "application/vnd.apache.arrow.stream"


@cache
def penguins() -> glassnet.Model:
    return glassnet.train(penguins_path(), "species", epochs=2, seed=1, progress=False, recipe="single")


@cache
def rows() -> list[dict[str, Any]]:
    return [
        {name: value for name, value in row.items() if name != "species"}
        for row in read_table(penguins_path()).to_arrow().to_pylist()
    ]


@cache
def models() -> dict[str, glassnet.Model]:
    """One for each form of predictions."""
    rng = np.random.default_rng(0)
    table: dict[str, Any] = {"a": rng.normal(size=60), "b": rng.normal(size=60), "c": ["x", "y", "z"] * 20}
    options: dict[str, Any] = {"epochs": 2, "seed": 1, "progress": False}
    whole = {**table, "n": table["a"] * 9, "m": table["b"], "k": table["a"] > 0, "l": table["c"]}
    inputs = ["a", "b", "c"]

    def of(*targets: str) -> dict[str, Any]:
        return {name: whole[name] for name in [*inputs, *targets] if name not in targets[1:] or name != "c"}

    return {
        "number": glassnet.train(of("n"), "n", clamp=True, **options, recipe="single"),
        "numbers": glassnet.train(of("n", "m"), ["n", "m"], dtype="float64", **options, recipe="single"),
        "two": glassnet.train(of("k"), "k", **options, recipe="single"),
        "members": glassnet.train(of("k"), "k", members=3, **options),
        "many": glassnet.train(
            {**of("k"), "k": [f"c{at % 9}" for at in range(60)]}, "k", **options, recipe="single"
        ),
        "several": glassnet.train(of("k", "l"), ["k", "l"], **options, recipe="single"),
    }


def test_one_row_is_predicted_as_the_model_does() -> None:
    answer = ask(app(penguins()), "/predict", rows()[0])
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json["prediction"] == penguins().predict(rows()[0])[0]
    assert [*answer.json["probabilities"].values()] == penguins().predict_proba(rows()[0])[0].tolist()
    assert [*answer.json["probabilities"]] == penguins().classes.tolist()


def test_many_rows_are_predicted_in_their_order() -> None:
    found = ask(app(penguins()), "/predict", rows()[:50]).json
    assert found["predictions"] == penguins().predict(rows()[:50]).tolist()
    shares = penguins().predict_proba(rows()[:50])
    for at, label in enumerate(penguins().classes):
        assert found["probabilities"][label] == shares[:, at].tolist()
    columns = {name: [row[name] for row in rows()[:50]] for name in rows()[0]}
    assert ask(app(penguins()), "/predict", columns).json == found


@pytest.mark.parametrize("name", ["number", "numbers", "two", "members", "many", "several"])
def test_a_row_alone_has_the_same_answer_as_in_a_table(name: str) -> None:
    own = Served(name, models()[name])
    for row in (
        {"a": 1.5, "b": -2, "c": "x"},
        {"a": -50.0, "b": 3.0, "c": "new"},
        {"a": 0.25, "b": None, "c": None},
    ):
        alone = own.predict_row(row)
        assert alone is not None
        assert alone == own.predict(row, rows=1, single=True)
    assert own.predict([row], rows=1)["predictions"]


def test_arrow_is_answered_with_arrow() -> None:
    table = pa.Table.from_pylist(rows()[:20])
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    answer = ask(app(penguins()), "/predict", sink.getvalue(), content_type=ARROW)
    assert answer.headers["content-type"] == ARROW
    found = pa.ipc.open_stream(answer.body).read_all()
    assert found["species"].to_pylist() == penguins().predict(rows()[:20]).tolist()
    assert found.column_names == ["species", *(f"probability_{label}" for label in penguins().classes)]
    as_json = ask(app(penguins()), "/predict", sink.getvalue(), content_type=ARROW, accept="application/json")
    assert as_json.json["predictions"] == found["species"].to_pylist()
    assert ask(app(penguins()), "/predict", sink.getvalue()[:-70], content_type=ARROW).status == 422


def test_what_was_assumed_is_in_the_notes() -> None:
    found = ask(app(penguins()), "/predict", rows()[0] | {"island": "Mars", "moon": 1}).json
    assert "unseen in training ('Mars')" in found["notes"][0]
    assert "'moon'" in found["notes"][1]
    assert "notes" not in ask(app(penguins()), "/predict", rows()[0]).json


def test_all_faults_name_their_column_and_row() -> None:
    wrong = [rows()[0], rows()[1] | {"body_mass_g": "heavy", "year": "never"}]
    answer = ask(app(penguins()), "/predict", wrong)
    assert answer.status == 422
    assert [
        "'heavy' in row 1" in fault or "'never' in row 1" in fault for fault in answer.json["faults"]
    ] == [True] * 2
    missing = ask(app(penguins()), "/predict", {"island": "Dream"})
    assert missing.status == 422
    assert len(missing.json["faults"]) == 6


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"{", 400), (b"\xff\xfe", 400), (b"[" * 100_000, 400), (b"{}", 422), (b"[]", 422), (b"3", 422),
        (b'"a"', 422), (b"null", 422), (b"[[1, 2]]", 422), (b'{"a": {"b": 1}}', 422), (b'[{"a": 1}, 2]', 422),
        (b'{"island": "\\ud800"}', 400), (b'{"a": 1e999}', 400), (b'{"a": [1], "b": [1, 2]}', 422),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused(body: bytes, status: int) -> None:
    answer = ask(app(penguins()), "/predict", body)
    assert answer.status in (status, 422), answer.body
    assert answer.json["error"]


def test_limits() -> None:
    small = app(penguins(), limits=Limits(body=2000, rows=2))
    assert ask(small, "/predict", rows()[:2]).status == 200
    assert ask(small, "/predict", rows()[:3]).status == 413
    assert ask(small, "/predict", {name: [value] * 3 for name, value in rows()[0].items()}).status == 413
    large = ask(small, "/predict", rows()[:20])
    assert (large.status, large.headers["connection"]) == (413, "close")
    with pytest.raises(InputError, match=r"rows is 0.*\n.*seconds is -1"):
        Limits(rows=0, seconds=-1)


def test_a_token_is_needed_if_there_is_one() -> None:
    own = app(penguins(), token="secret")
    assert ask(own, "/predict", rows()[0]).status == 401
    assert ask(own, "/predict", rows()[0], authorization="Bearer secret ").status == 401
    assert ask(own, "/predict", rows()[0], authorization="Bearer secret").status == 200
    assert ask(own, "/models").status == 401
    assert ask(own, "/v2/health/ready").status == 200


def test_models_have_names() -> None:
    both = app({"one": penguins(), "two": penguins()})
    assert ask(both, "/models/two/predict", rows()[0]).status == 200
    assert ask(both, "/predict", rows()[0]).status == 404
    assert ask(app(penguins()), "/predict").status == 404


@pytest.mark.parametrize(
    ("wrong", "error"), [({}, InputError), ({"a/b": 1}, InputError), (3, InputTypeError)]
)
def test_what_cannot_be_served_is_refused(wrong: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        app(wrong)


def test_the_general_way_takes_what_predict_takes() -> None:
    texts = {name: None if value is None else str(value) for name, value in rows()[0].items()}
    assert ask(app(penguins()), "/predict", texts).json["prediction"] == penguins().predict(texts)[0]
    read = as_table([texts], penguins().schema)
    assert ask(app(penguins()), "/predict", [texts]).json["predictions"] == penguins().predict(read).tolist()


def test_columns_without_end_are_refused_and_columns_of_one_row_stay_columns() -> None:
    own = app(penguins())
    wide = [{f"{row} {at}": 1 for at in range(20)} for row in range(20)]
    answer = ask(own, "/predict", wide)
    assert answer.status == 422
    assert "400 different columns" in answer.json["error"]
    assert ask(own, "/predict", rows()[0] | {f"x{at}": "a1" for at in range(5000)}).status == 422
    columns = {name: [value] for name, value in rows()[0].items()}
    assert ask(own, "/predict", columns).json["predictions"] == penguins().predict(rows()[0]).tolist()


def test_only_arrow_is_taken_as_arrow() -> None:
    answer = ask(app(penguins()), "/predict", penguins_path().read_bytes(), content_type=ARROW)
    assert answer.status == 400
    assert "no Arrow" in answer.json["error"]
