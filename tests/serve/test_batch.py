"""Rows that are predicted together: the same answers as each alone, and those that a batch cannot answer."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("starlette")

import glassnet
from glassnet import engines
from glassnet.serve.batch import Batch
from glassnet.serve.http import to_json
from glassnet.serve.slot import Slot


@cache
def model(seed: int = 1, **options: Any) -> glassnet.Model:
    rng = np.random.default_rng(0)
    table: dict[str, Any] = {"a": rng.normal(size=90), "b": ["x", "y", "z"] * 30}
    target = [f"c{at % 3}" for at in range(90)]
    return glassnet.train({**table, "k": target}, "k", epochs=2, seed=seed, progress=False, **options)


def together(batch: Batch, bodies: list[bytes]) -> list[Any]:
    """What each body got: its answer, ``None``, or ``False`` where it was not added."""
    found: list[Any] = [False] * len(bodies)

    async def send() -> None:
        for at, body in enumerate(bodies):
            if batch.add(body, lambda own, at=at: found.__setitem__(at, own)):  # type: ignore[misc]
                assert found[at] is False  # not yet
        await asyncio.sleep(0)

    asyncio.run(send())
    return found


@pytest.mark.parametrize("engine", engines.available("native", "reference"))
@pytest.mark.parametrize("members", [1, 3])
def test_rows_together_have_the_answers_of_rows_alone(engine: str, members: int) -> None:
    slot = Slot("k", replace(model(members=members, hidden=(40, 9)), engine_name=engine))
    rng = np.random.default_rng(1)
    rows: list[dict[str, Any]] = [{"a": float(rng.normal()), "b": "xyzq"[at % 4]} for at in range(37)]
    alone = [to_json(slot.served.predict(row, rows=1, single=True)) for row in rows]
    assert together(Batch(slot), [json.dumps(row).encode() for row in rows]) == alone
    assert b"notes" in alone[3]


def test_what_is_no_plain_row_is_left_to_the_application() -> None:
    row = {"a": 1.0, "b": "x"}
    bodies = [
        b"{",
        b"\xff",
        b"[]",
        b"3",
        json.dumps({"a": "much", "b": "x"}).encode(),
        json.dumps(row).encode(),
    ]
    found = together(Batch(Slot("k", model())), bodies)
    assert found[:5] == [False] * 5
    assert json.loads(found[5])["prediction"] in model().classes


def test_a_row_whose_outputs_are_not_numbers_does_not_harm_the_others() -> None:
    slot = Slot("k", model())
    predict = slot.served._predict
    slot.served._predict = lambda inputs: np.where(inputs[:, :1] > 1, np.nan, predict(inputs))
    bodies = [json.dumps({"a": a, "b": "x"}).encode() for a in (0.1, 30.0, 0.2)]
    first, second, third = together(Batch(slot), bodies)
    assert second is None
    assert json.loads(first)["prediction"] == model().predict({"a": 0.1, "b": "x"})[0]
    assert json.loads(third)["prediction"] == model().predict({"a": 0.2, "b": "x"})[0]


def test_an_error_leaves_the_rows_to_the_application(caplog: pytest.LogCaptureFixture) -> None:
    slot = Slot("k", model())
    slot.served._predict = lambda inputs: 1 // 0  # type: ignore[assignment,return-value]
    assert together(Batch(slot), [b'{"a": 1, "b": "x"}'] * 2) == [None, None]
    assert "ZeroDivisionError" in caplog.text


def fails(own: bytes | None) -> None:
    raise ZeroDivisionError


def test_an_answer_that_cannot_be_sent_does_not_harm_the_others(caplog: pytest.LogCaptureFixture) -> None:
    batch, body, found = Batch(Slot("k", model())), b'{"a": 0.3, "b": "x"}', list[Any]()

    async def send() -> None:
        batch.add(body, fails)
        batch.add(body, found.append)
        await asyncio.sleep(0)

    asyncio.run(send())
    assert len(found) == 1
    assert "ZeroDivisionError" in caplog.text


def test_each_row_is_predicted_by_the_model_that_was_there_when_it_arrived(tmp_path: Path) -> None:
    path = tmp_path / "k.glassnet"
    model().save(path)
    slot, counted = Slot("k", path), list[int]()
    batch = Batch(slot, lambda status, seconds: counted.append(status))
    body, found = b'{"a": 0.3, "b": "x"}', list[Any]()

    async def send() -> None:
        batch.add(body, found.append)
        model(seed=2).save(path)
        slot.look()
        slot.look()
        batch.add(body, found.append)
        await asyncio.sleep(0)

    asyncio.run(send())
    shares = [[*json.loads(own)["probabilities"].values()] for own in found]
    assert shares == [own.predict_proba(json.loads(body))[0].tolist() for own in (model(), model(seed=2))]
    assert counted == [200, 200]
