"""A live page for the tests, and requests to it."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import glassnet
from effort import LONGEST_WAIT
from glassnet.page.live import Server
from glassnet.page.session import Session
from glassnet.page.sources import Source


@contextmanager
def served(source: Source | None = None, **options: Any) -> Iterator[Server]:
    with Server(Session(glassnet.train, source), port=options.pop("port", 0), **options) as server:
        server.start()
        yield server


def ask(
    server: Server,
    path: str,
    body: bytes | dict[str, Any] | None = None,
    *,
    token: str | None = None,
    **headers: str,
) -> tuple[int, Any]:
    """The status and the body of an answer: JSON as what it says, else bytes."""
    data = json.dumps(body).encode() if isinstance(body, dict) else body
    own = {"x-token": server.token if token is None else token, **headers}
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", data=data, headers=own)
    try:
        with urllib.request.urlopen(request, timeout=LONGEST_WAIT) as answer:
            return answer.status, _said(answer)
    except urllib.error.HTTPError as error:
        return error.code, _said(error)


def _said(answer: Any) -> Any:
    data = answer.read()
    return json.loads(data) if "json" in answer.headers.get("content-type", "") else data
