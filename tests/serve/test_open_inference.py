"""The V2 protocol, spoken by a client that knows nothing of glassnet; and what no client should send."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import pytest

pytest.importorskip("starlette")

import glassnet
from asgi import ask, served
from glassnet.serve import Limits, app

INFER = "/v2/models/model/infer"


@pytest.fixture(scope="module")
def model() -> glassnet.Model:
    rng = np.random.default_rng(0)
    table: dict[str, Any] = {
        "size": rng.normal(size=60),
        "color": ["red", "green", "blue"] * 20,
        "day": ["2024-01-05", "2023-11-30"] * 30,
    }
    return glassnet.train({**table, "y": table["size"] > 0}, "y", epochs=2, seed=1, progress=False)


def tensors(**columns: list[Any]) -> list[dict[str, Any]]:
    types = {"size": "FP64"}
    return [
        {"name": name, "shape": [len(own)], "datatype": types.get(name, "BYTES"), "data": own}
        for name, own in columns.items()
    ]


COLUMNS: dict[str, list[Any]] = {
    "size": [0.5, -1.0],
    "color": ["red", ""],
    "day": ["2024-01-05", "2024-02-01"],
}


def test_a_client_of_the_protocol_works_unchanged(model: glassnet.Model) -> None:
    client = pytest.importorskip("open_inference.openapi.client")
    with served(app({"model": model})) as port:
        own = client.OpenInferenceClient(base_url=f"http://127.0.0.1:{port}")
        own.check_server_liveness()
        own.check_server_readiness()
        own.check_model_readiness("model")
        own.check_model_version_readiness("model", "1")
        assert own.read_server_metadata().name == "glassnet"
        described = own.read_model_metadata("model")
        assert [(each.name, each.datatype) for each in described.inputs] == [
            ("size", "FP64"), ("color", "BYTES"), ("day", "BYTES"),
        ]  # fmt: skip
        request = client.InferenceRequest(id="7", inputs=tensors(**COLUMNS))
        answer = own.model_infer("model", request=request)
        own._client_wrapper.httpx_client.close()
    rows = [
        {"size": 0.5, "color": "red", "day": "2024-01-05"},
        {"size": -1.0, "color": None, "day": "2024-02-01"},
    ]
    found = {each.name: (each.datatype, each.data.__root__) for each in answer.outputs}
    assert answer.id == "7"
    assert found["y"] == ("BOOL", model.predict(rows).tolist())
    assert found["probability_True"] == ("FP64", model.predict_proba(rows)[:, 1].tolist())
    assert [(each.name, each.datatype) for each in described.outputs] == [
        (name, own[0]) for name, own in found.items()
    ]


def test_binary_tensors(model: glassnet.Model) -> None:
    texts = {
        name: b"".join(struct.pack("<I", len(own)) + own.encode() for own in COLUMNS[name])
        for name in ("color", "day")
    }
    data = {"size": np.array(COLUMNS["size"], "<f4").tobytes(), **texts}
    inputs = [
        {"name": name, "shape": [2], "datatype": "FP32" if name == "size" else "BYTES",
         "parameters": {"binary_data_size": len(own)}} for name, own in data.items()
    ]  # fmt: skip
    head = json.dumps({"inputs": inputs, "parameters": {"binary_data_output": True}}).encode()
    answer = ask(
        app(model), INFER, head + b"".join(data.values()), inference_header_content_length=str(len(head))
    )
    assert answer.status == 200, answer.body
    length = int(answer.headers["inference-header-content-length"])
    outputs = json.loads(answer.body[:length])["outputs"]
    sizes = [own["parameters"]["binary_data_size"] for own in outputs]
    assert sizes == [2, 16, 16]
    plain = ask(app(model), INFER, {"inputs": tensors(**COLUMNS)}).json["outputs"]
    assert np.frombuffer(answer.body[length : length + 2], "?").tolist() == plain[0]["data"]
    assert np.frombuffer(answer.body[-16:], "<f8").tolist() == plain[2]["data"]


def test_columns_side_by_side_and_outputs_by_name() -> None:
    rng = np.random.default_rng(0)
    own = app(glassnet.train((rng.normal(size=(40, 3)), rng.normal(size=40)), epochs=1, progress=False))
    tensor = {"name": "x", "shape": [2, 3], "datatype": "FP32", "data": [[1, 2, 3], [4, 5, 6]]}
    answer = ask(own, INFER, {"inputs": [tensor], "outputs": [{"name": "y"}]})
    assert answer.status == 200, answer.body
    rows = {f"x{at + 1}": [at + 1, at + 4] for at in range(3)}
    assert answer.json["outputs"][0]["data"] == ask(own, "/predict", rows).json["predictions"]
    assert "'z'" in ask(own, INFER, {"inputs": [tensor], "outputs": [{"name": "z"}]}).json["error"]


def test_one_row_has_the_answer_of_predict(model: glassnet.Model) -> None:
    one = {name: own[:1] for name, own in COLUMNS.items()}
    outputs = ask(app(model), INFER, {"inputs": tensors(**one)}).json["outputs"]
    alone = ask(app(model), "/predict", {name: own[0] for name, own in one.items()}).json
    assert outputs[0]["data"] == [alone["prediction"]]
    assert outputs[1]["data"] == [alone["probabilities"]["False"]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"inputs": []}, "no inputs"),
        ({"inputs": 3}, "V2 protocol"),
        ({"inputs": [{"name": "size", "shape": [1], "datatype": "FP64"}]}, "neither data nor"),
        ({"inputs": [{"name": "size", "shape": [2], "datatype": "FP64", "data": [1]}]}, "shape"),
        ({"inputs": [{"name": "size", "shape": [1], "datatype": "FP65", "data": [1]}]}, "unknown datatype"),
        (
            {
                "inputs": [
                    {"name": "a", "shape": [1], "datatype": "FP64", "parameters": {"binary_data_size": 9}}
                ]
            },
            "left",
        ),
        ({"inputs": tensors(**{**COLUMNS, "size": [1.0]})}, "different numbers"),
        ({"inputs": [*tensors(size=[1.0]), *tensors(size=[1.0])]}, "twice"),
        ({"inputs": tensors(size=[1.0])}, "'color' is missing"),
        ({"inputs": tensors(**{**COLUMNS, "day": ["x", "2024-01-05"]})}, "'x' in row 0"),
    ],
)
def test_what_is_wrong_is_named(model: glassnet.Model, change: dict[str, Any], message: str) -> None:
    answer = ask(app(model), INFER, change)
    assert answer.status in (400, 422)
    assert message in answer.json["error"]


def test_too_many_rows_and_other_models(model: glassnet.Model) -> None:
    small = app(model, limits=Limits(rows=1))
    assert ask(small, INFER, {"inputs": tensors(**COLUMNS)}).status == 413
    assert ask(small, "/v2/models/other/infer", {"inputs": []}).status == 404
    assert ask(small, "/v2/models/other").status == 404
    assert ask(small, "/v2/models/model/versions/2/ready").status == 404
