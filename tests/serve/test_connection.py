"""Requests whose head was parsed before: the same answers as through the parser and the application."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

pytest.importorskip("starlette")
pytest.importorskip("httptools")

from glassnet.serve import Limits
from glassnet.serve.batch import Batch, _uncounted
from row_client import ROW, Own, connected, model, request, undated


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The bodies that connections have added to batches themselves."""
    bodies: list[bytes] = []
    add = Batch.add

    def noted(self: Batch, body: bytes, reply: Any) -> bool:
        if self.count is not _uncounted:
            bodies.append(body)
        return add(self, body, reply)

    monkeypatch.setattr(Batch, "add", noted)
    return bodies


def test_the_second_request_has_the_answer_of_the_first(added: list[bytes]) -> None:
    with connected() as own:
        first = own.ask(request())
        assert added == []
        second = own.ask(request())
        other = own.ask(request(b'{"a": 0.9, "b": "y"}'))
        assert added == [ROW, b'{"a": 0.9, "b": "y"}']
        assert undated(first) == undated(second)
        assert [line[:6] for line in first[0]] == [line[:6] for line in second[0]]  # a date, too
        assert json.loads(other[1])["prediction"] == model().predict({"a": 0.9, "b": "y"})[0]
        metrics = own.ask(b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n")[1]
        assert b'path="/predict",status="200"} 3.0' in metrics


def test_requests_one_behind_the_other_are_answered_in_order(added: list[bytes]) -> None:
    with connected() as own:
        expected = [own.ask(request(body))[1] for body in (ROW, b'{"a": 0.1, "b": "y"}', b'{"a": 1}')]
        bodies = [ROW, b'{"a": 0.1, "b": "y"}', b'{"a": 1}', ROW, ROW]
        own.socket.sendall(b"".join(map(request, bodies)) + request()[:30])
        found = [own.answer()[1] for _ in bodies]
        assert found == [expected[at] for at in (0, 1, 2, 0, 0)]
        assert own.ask(request()[30:])[1] == expected[0]
        assert len(added) > 2


def test_a_row_that_cannot_be_used_is_refused_with_its_faults(added: list[bytes]) -> None:
    wrong = [ROW.replace(b"0.5", b'"q"'), ROW.replace(b'"a"', b'"c"'), b"x" * len(ROW), b" " * len(ROW)]
    with connected() as own:
        own.ask(request())
        for body in wrong:
            lines, found = own.ask(request(body))
            assert lines[0].split()[1] in (b"400", b"422")
            assert json.loads(found)["faults"]
        assert len(added) >= len(wrong)
        assert own.ask(request())[0][0] == b"HTTP/1.1 200 OK"


@pytest.mark.parametrize(
    ("body", "lines", "path"),
    [
        (ROW, [b"accept: application/vnd.apache.arrow.stream"], b"/predict"),
        (ROW, [b"expect: 100-continue"], b"/predict"),
        (ROW, [], b"/predict?what=1"),
        (ROW, [], b"/explain"),
        (ROW, [b"x: " + b"y" * 3000], b"/predict"),
        (b"[" + ROW + b"]", [], b"/nowhere"),
    ],
)
def test_other_requests_are_parsed_each_time(
    added: list[bytes], body: bytes, lines: list[bytes], path: bytes
) -> None:
    with connected() as own:
        for _ in range(3):
            found = own.ask(request(body, *lines, path=path))
            if found[0][0].endswith(b"Continue"):
                own.answer()
    assert added == []


def test_a_body_with_the_end_of_a_head_is_no_head(added: list[bytes]) -> None:
    body = b'{"a": 0.5, \r\n\r\n"b": "x"}'
    with connected() as own:
        answers = [own.ask(request(body)) for _ in range(3)]
        assert [answer[0][0] for answer in answers] == [b"HTTP/1.1 200 OK"] * 3
        assert own.ask(b"\r\n" + request())[0][0] == b"HTTP/1.1 200 OK"
        assert own.ask(request().replace(b"\r\n", b"\n"))[0][0] != b"HTTP/1.1 500"
    assert added == [body] * 2


def test_only_requests_with_the_token_are_remembered(added: list[bytes]) -> None:
    with connected(token="secret") as own:
        for _ in range(3):
            assert own.ask(request(ROW, b"authorization: Bearer wrong"))[0][0].split()[1] == b"401"
        assert added == []
        for _ in range(2):
            assert own.ask(request(ROW, b"authorization: Bearer secret"))[0][0].split()[1] == b"200"
        assert added == [ROW]
        assert own.ask(request())[0][0].split()[1] == b"401"


def test_too_many_at_once_are_refused_and_may_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassnet.serve.shared.HOLD_SECONDS", 0.1)
    predict = Batch._predict

    def slowly(self: Batch) -> None:
        time.sleep(0.05)
        predict(self)

    with connected(Limits(concurrency=2)) as own:
        several = [own, *(Own(own.socket.getpeername()[1]) for _ in range(10))]
        for each in several:
            assert each.ask(request())[0][0] == b"HTTP/1.1 200 OK"
        monkeypatch.setattr(Batch, "_predict", slowly)
        for each in several:
            each.socket.sendall(request())
        answers = [each.answer() for each in several]
        found = [lines[0].split()[1] for lines, _ in answers]
        assert set(found) == {b"200", b"503"}
        refused, body = answers[found.index(b"503")]
        assert b"retry-after: 1" in refused
        assert "as many requests" in json.loads(body)["error"]
        again = several[found.index(b"503")]
        assert again.ask(request())[0][0] == b"HTTP/1.1 200 OK"  # the connection is kept
        metrics = again.ask(b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n")[1]
        assert b'path="/predict",status="503"} %d.0' % found.count(b"503") in metrics
        for each in several[1:]:
            each.close()
