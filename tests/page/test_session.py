"""What a page may ask of the trainings behind it."""

from typing import Any

import pytest

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

from glassnet.page.live import Server
from glassnet.page.sources import toy_source
from page_server import ask, served


@pytest.fixture(scope="module")
def server() -> Any:
    with served(toy_source("xor", rows=50)) as own:
        yield own


@pytest.mark.parametrize(
    "request_",
    [
        {"settings": 5},
        {"settings": {"hidden": "x"}},
        {"settings": {"optimizer": {"a": 1}}},
        {"settings": {"recipe": "balanced"}},
        {"source": 5},
        {"source": {"kind": ["toy"]}},
        {"source": {"kind": "toy", "name": ["xor"]}},
        {"source": {"kind": "toy", "name": "xor", "seed": "a"}},
        {"source": {"kind": "toy", "name": "xor"}, "target": 5},
        {"source": {"kind": "toy", "name": "xor"}, "column_types": 5},
    ],
)
def test_a_start_that_makes_no_sense_is_refused_with_the_reason(
    server: Server, request_: dict[str, Any]
) -> None:
    run = server.session.run
    status, answer = ask(server, "/start", request_)
    assert status == 400
    assert " is " in answer["error"] or "there are no settings" in answer["error"]
    assert server.session.run is run
