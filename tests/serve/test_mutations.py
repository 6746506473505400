"""Damaged requests get an answer that says so; none is an error of the server."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

pytest.importorskip("starlette")

import glassnet
from glassnet.serve import app
from request_mutations import mutated, statuses


def test_damaged_requests_are_answered() -> None:
    rows: list[dict[str, Any]] = [
        {"a": at / 7, "b": "xyz"[at % 3], "day": f"2024-01-{at + 1:02}", "n": at % 5} for at in range(30)
    ]
    table = [row | {"y": at % 2} for at, row in enumerate(rows)]
    model = glassnet.train(table, "y", epochs=1, progress=False)
    found = asyncio.run(statuses(app(model), mutated(rows, 300, seed=0)))
    assert found[200] > 50
    assert found[400] > 30
    assert found[422] > 30
