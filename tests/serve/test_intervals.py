"""Intervals and sets over HTTP are those of ``model.predict``; columns of predictions have different names."""

from __future__ import annotations

import io
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

pytest.importorskip("starlette")

import glassnet
from asgi import ask
from glassnet.errors import InputError
from glassnet.serve import app
from glassnet.serve.slot import Slot

ARROW = "application/vnd.apache.arrow.stream"
RNG = np.random.default_rng(0)
TABLE: dict[str, Any] = {"a": RNG.normal(size=120), "b": RNG.normal(size=120), "c": ["x", "y", "z"] * 40}
TARGETS = {
    "number": TABLE["a"] * 9,
    "other": TABLE["b"],
    "label": [f"{word}{at % 2}" for at, word in enumerate(TABLE["c"])],
    "flag": TABLE["a"] > 0,
}
ROWS: list[dict[str, Any]] = [
    {"a": 0.5, "b": -1.0, "c": "x"},
    {"a": -0.25, "b": 2.0, "c": "z"},
    {"a": 3.0, "b": 0.0, "c": None},
]


@cache
def model(*targets: str) -> glassnet.Model:
    table = TABLE | {name: TARGETS[name] for name in targets}
    target: Any = list(targets) if len(targets) > 1 else targets[0]
    return glassnet.train(table, target, epochs=2, seed=1, progress=False, recipe="single", holdout=0.3)


ALL = pytest.mark.parametrize("targets", [("number",), ("label",), ("number", "other"), ("label", "flag")])


def parts(targets: tuple[str, ...]) -> dict[str, Any]:
    """What JSON must have."""
    found = model(*targets).predict(ROWS, interval=0.8)
    each = found[:, None] if len(targets) == 1 else found
    if "number" in targets:
        by_target = {"lower": each[..., 0].T.tolist(), "upper": each[..., 1].T.tolist()}
    else:
        by_target = {"set": [list(map(list, own)) for own in each.T]}
    if len(targets) == 1:
        return {name: own[0] for name, own in by_target.items()}
    return {name: dict(zip(targets, own, strict=True)) for name, own in by_target.items()}


@ALL
def test_json_has_the_intervals_of_the_model(targets: tuple[str, ...]) -> None:
    own, expected = app(model(*targets)), parts(targets)
    plain = ask(own, "/predict", ROWS).json
    assert ask(own, "/predict?interval=0.8", ROWS).json == plain | expected
    alone = ask(own, "/predict?interval=0.8", ROWS[1]).json
    for name, values in expected.items():
        values = {key: each[1] for key, each in values.items()} if len(targets) > 1 else values[1]
        assert alone[name] == values
    assert alone["prediction"] == ask(own, "/predict", ROWS[1]).json["prediction"]


@ALL
def test_arrow_has_them_as_columns(targets: tuple[str, ...]) -> None:
    sink, table = io.BytesIO(), pa.Table.from_pylist(ROWS)
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    answer = ask(app(model(*targets)), "/predict?interval=0.8", sink.getvalue(), content_type=ARROW)
    found = pa.ipc.open_stream(answer.body).read_all()
    for name, values in parts(targets).items():
        each = (
            {f"{name}_{target}": own for target, own in values.items()}
            if len(targets) > 1
            else {name: values}
        )
        for column, own in each.items():
            assert found[column].to_pylist() == own
            assert not pa.types.is_null(getattr(found[column].type, "value_type", pa.int64()))


def inferred(targets: tuple[str, ...], **parameters: Any) -> Any:
    texts = {name: ["" if row[name] is None else str(row[name]) for row in ROWS] for name in ROWS[0]}
    inputs = [{"name": name, "shape": [3], "datatype": "BYTES", "data": own} for name, own in texts.items()]
    return ask(app(model(*targets)), "/v2/models/model/infer", {"inputs": inputs, "parameters": parameters})


@ALL
def test_outputs_of_the_v2_protocol_have_them(targets: tuple[str, ...]) -> None:
    plain, found = (
        {own["name"]: own for own in answer.json["outputs"]}
        for answer in (inferred(targets), inferred(targets, interval=0.8))
    )
    assert found.items() >= plain.items()
    added = {name: own for name, own in found.items() if name not in plain}
    for part, values in parts(targets).items():
        for target, own in (values if len(targets) > 1 else {targets[0]: values}).items():
            name = f"{part}_{target}" if len(targets) > 1 else part
            if part != "set":
                assert added.pop(name)["data"] == own
                continue
            for label in model(target).target.labels.tolist():
                one = added.pop(f"{name}{'=' if len(targets) > 1 else '_'}{label}")
                assert (one["datatype"], one["data"]) == ("BOOL", [label in each for each in own])
    assert added == {}


@pytest.mark.parametrize("wrong", ["0.9", True, [0.9], 2, 0.9999])
def test_an_interval_of_the_v2_protocol_is_checked(wrong: Any) -> None:
    answer = inferred(("number",), interval=wrong)
    assert answer.status == 422
    assert "interval" in answer.json["error"]


@pytest.mark.parametrize("query", ["interval=x", "interval=", "interval=0", "interval=nan", "level=1"])
def test_what_is_no_share_is_refused(query: str) -> None:
    answer = ask(app(model("number")), f"/predict?{query}", ROWS)
    assert answer.status == 422
    assert query.partition("=")[0] in answer.json["error"]
    assert ask(app(model("number")), "/predict?interval=0.8&interval=0.9", ROWS).status == 422


def test_a_model_without_enough_known_rows_says_so() -> None:
    answer = ask(app(model("number")), "/predict?interval=0.9999", ROWS[0])
    assert answer.status == 422
    assert "interval=0.9999 needs" in answer.json["error"]


def test_the_parameter_is_in_the_document() -> None:
    (found,) = ask(app(model("number")), "/openapi.json").json["paths"]["/predict"]["post"]["parameters"]
    assert found["name"] == "interval"


def clashing(name: str) -> glassnet.Model:
    return glassnet.train({**TABLE, name: TARGETS["label"]}, name, epochs=1, progress=False, recipe="single")


def test_no_column_of_predictions_hides_another(tmp_path: Path) -> None:
    wrong = clashing("probability_x0")
    with pytest.raises(InputError, match=r"'k' cannot be served: two columns .* 'probability_x0'"):
        app({"k": wrong})
    path = tmp_path / "k.glassnet"
    model("label").save(path)
    slot = Slot("k", path)
    before = slot.served
    wrong.save(path)
    slot.look()
    slot.look()
    assert slot.served is before
    assert "'probability_x0'" in slot.fault


def test_a_target_with_the_name_of_a_part_has_its_predictions_in_json() -> None:
    own = app(clashing("set"))
    found = ask(own, "/predict", ROWS).json
    assert found["predictions"] == ask(own, "/predict?interval=0.5", ROWS).json["predictions"]
    refused = ask(own, "/predict?interval=0.5", json.dumps(ROWS).encode(), accept=ARROW)
    assert refused.status == 422
    assert "'set'" in refused.json["error"]
