"""Explanations, metrics, the OpenAPI document, and models that are replaced while they are served."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("starlette")

import glassnet
from asgi import ask
from glassnet.serve import Limits, app
from glassnet.serve.http import ClientGone
from glassnet.serve.slot import Slot
from glassnet.serve.workers import THREADS, Workers

ROW = {"a": 0.5, "b": "x"}


def trained(seed: int, **options: Any) -> glassnet.Model:
    rng = np.random.default_rng(0)
    a = rng.normal(size=60)
    table: dict[str, Any] = {"a": a, "b": ["x", "y"] * 30, "k": a > 0, "l": ["u", "v", "w"] * 20}
    target = options.pop("target", "k")
    inputs = {name: own for name, own in table.items() if name in ("a", "b", target) or name in target}
    return glassnet.train(inputs, target, epochs=2, seed=seed, progress=False, **options)


@pytest.fixture(scope="module")
def model() -> glassnet.Model:
    return trained(1)


def test_a_prediction_is_explained(model: glassnet.Model) -> None:
    own = app(model)
    found = ask(own, "/explain", ROW).json["contributions"]
    assert found["names"] == ["a", "b"]
    np.testing.assert_array_equal(found["values"], model.attributions(ROW).values)
    arithmetic = ask(own, "/explain?what=arithmetic", ROW).json["arithmetic"]
    assert arithmetic == json.loads(glassnet.text.to_json(model.explain(ROW)))
    for path, row in (
        ("?what=magic", ROW),
        ("?why=1", ROW),
        ("?output=z", ROW),
        ("", {"a": 1}),
        ("", [ROW, ROW]),
    ):
        assert ask(own, f"/explain{path}", row).status in (413, 422)


def test_one_of_several_targets_is_explained() -> None:
    own = app(trained(1, target=["k", "l"]))
    assert ask(own, "/explain", ROW).status == 422
    assert ask(own, "/explain?target=l&output=v", ROW).json["contributions"]["outputs"] == ["v"]
    assert ask(own, "/explain?target=m", ROW).status == 422


def test_metrics_count_requests_by_path_and_status(model: glassnet.Model) -> None:
    own = app(model)
    for row in (ROW, ROW, {"a": "much", "b": "x"}):
        ask(own, "/predict", row)
    text = ask(own, "/metrics").body.decode()
    assert 'glassnet_requests_total{path="/predict",status="200"} 2.0' in text
    assert 'glassnet_requests_total{path="/predict",status="422"} 1.0' in text
    assert 'glassnet_answer_seconds_bucket{le="+Inf",path="/predict"} 3.0' in text
    assert 'glassnet_model_file_fault{model="model"} 0.0' in text


def test_the_openapi_document_has_every_path_and_column(model: glassnet.Model) -> None:
    own = app({"one": model, "two": model})
    document = ask(own, "/openapi.json").json
    assert document["openapi"].startswith("3.1")
    assert set(document["components"]["schemas"]["one"]["properties"]) == {"a", "b"}
    for path, operations in document["paths"].items():
        for method in operations:
            assert ask(own, path, ROW if method == "post" else None).status != 404, path
    assert "/predict" in ask(app(model), "/openapi.json").json["paths"]


def test_a_new_file_is_put_in_and_a_broken_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "k.glassnet"
    trained(1).save(path)
    slot = Slot("k", path)
    before = slot.served
    slot.look()
    assert slot.served is before
    other = trained(2)
    other.save(path)
    slot.look()  # which may still be written
    assert slot.served is before
    slot.look()
    assert slot.served.model.predict_proba(ROW).tolist() == other.predict_proba(ROW).tolist()
    kept = slot.served
    path.write_bytes(b"broken")
    slot.look()
    slot.look()
    assert slot.served is kept
    assert "k.glassnet" in slot.fault
    path.unlink()
    slot.look()
    slot.look()
    assert slot.served is kept
    other.save(path)
    slot.look()
    slot.look()
    assert (slot.fault, slot.replaced) == ("", 2)


def test_a_fault_of_a_file_is_told(model: glassnet.Model, tmp_path: Path) -> None:
    path = tmp_path / "k.glassnet"
    model.save(path)
    own = app(path)
    assert "fault" not in ask(own, "/models").json["models"][0]
    (slot,) = own._slots  # type: ignore[attr-defined]
    path.write_bytes(b"broken")
    slot.look()
    slot.look()
    assert "k.glassnet" in ask(own, "/models").json["models"][0]["fault"]
    assert ask(own, "/predict", ROW).status == 200


def test_what_takes_too_long_or_is_too_much_gets_503(
    model: glassnet.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = app(model, limits=Limits(seconds=0.05, concurrency=1))
    go_on, work = threading.Event(), Workers.run
    monkeypatch.setattr(
        Workers, "run", lambda self, given, receive: work(self, lambda: go_on.wait() and given(), receive)
    )
    slow = ask(own, "/predict", [ROW])
    assert (slow.status, slow.headers["retry-after"]) == (503, "1")
    assert "longer than 0.05 s" in slow.json["error"]
    full = ask(own, "/predict", [ROW])  # the thread is still at work on the first
    assert full.status == 503
    assert "as many requests" in full.json["error"]
    go_on.set()


def test_work_for_a_client_that_is_gone_is_left_out() -> None:
    workers, go_on, done = Workers(Limits()), threading.Event(), list[int]()

    async def stays() -> Any:
        await asyncio.sleep(3600)

    async def leaves() -> Any:
        return {"type": "http.disconnect"}

    async def run() -> None:
        busy = [asyncio.create_task(workers.run(go_on.wait, stays)) for _ in range(THREADS)]
        await asyncio.sleep(0.05)
        with pytest.raises(ClientGone):
            await workers.run(lambda: done.append(1), leaves)
        last = asyncio.create_task(workers.run(lambda: done.append(2), stays))
        await asyncio.sleep(0)
        go_on.set()
        await asyncio.gather(*busy, last)

    asyncio.run(run())
    workers.close()
    assert done == [2]


def test_an_unforeseen_error_is_an_answer_and_logged(
    model: glassnet.Model, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("glassnet.serve.served.Served.encode_row", lambda *_: 1 // 0)
    answer = ask(app(model), "/predict", ROW)
    assert answer.status == 500
    assert "ZeroDivisionError" in caplog.text
