"""Requests and responses on ASGI, as plain functions: what Starlette does too, in a tenth of the time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import parse_qs

import msgspec
from starlette.types import Message, Receive, Scope, Send

from glassnet.errors import InputError
from glassnet.serve.limits import Limits

JSON, ARROW = b"application/json", b"application/vnd.apache.arrow.stream"
RETRY_SECONDS = 1  # after which a client may try again
HOLD_SECONDS = (
    0.5  # that a server holds a refusal back, so that clients who try again at once take no time from others
)
SERVER = "glassnet"  # in the state of requests that come from glassnet's own server


class Refusal(Exception):
    """A request that is refused, with the status and the faults that the client gets."""

    def __init__(self, status: int, faults: str | list[str]) -> None:
        self.status = status
        self.faults = [faults] if isinstance(faults, str) else faults
        super().__init__(self.faults[0])

    @classmethod
    def of(cls, status: int, error: InputError) -> Refusal:
        """The refusal with the faults of ``error``."""
        return cls(status, error.faults)


def _plain(value: Any) -> Any:
    """What msgspec does not know itself: arrays of NumPy."""
    return value.tolist()


to_json = msgspec.json.Encoder(enc_hook=_plain).encode
from_json = msgspec.json.Decoder().decode


def header(scope: Scope, name: bytes) -> bytes:
    """The value of a header of the request, empty if it has none."""
    for own, value in scope["headers"]:
        if own == name:
            found: bytes = value
            return found
    return b""


def query(scope: Scope, known: Sequence[str]) -> dict[str, str]:
    """The parameters in the path of a request.

    Raises:
        Refusal: one that is not among the ``known`` ones, or that is there twice.
    """
    found = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    for name, values in found.items():
        if name not in known:
            raise Refusal(422, f"the parameter {name!r:.80} is unknown; there are {', '.join(known)}.")
        if len(values) > 1:
            raise Refusal(422, f"the parameter {name!r:.80} is there {len(values)} times.")
    return {name: values[0] for name, values in found.items()}


class ClientGone(Exception):
    """The client closed the connection before its request was complete."""


class Answer(NamedTuple):
    """A whole response."""

    body: bytes
    status: int = 200
    content_type: bytes = JSON
    headers: Sequence[tuple[bytes, bytes]] = ()


Handler: TypeAlias = Callable[[Scope, Receive], Awaitable[Answer]]


async def read_body(scope: Scope, receive: Receive, limits: Limits) -> bytes:
    """The whole body of a request.

    Raises:
        Refusal: it has more bytes than the limit, or has not arrived in time.
        ClientGone: the client closed the connection.
    """
    declared = header(scope, b"content-length")
    if declared.isdigit() and int(declared) > limits.body:
        raise _too_large(limits.body)
    if SERVER not in scope.get("state", ()):
        return await _body_in_time(receive, limits)
    message = await receive()  # that server cuts off clients who are slow
    body: bytes = message.get("body", b"")
    if message.get("more_body") or message["type"] == "http.disconnect":
        return await _rest(receive, limits.body, message)
    if len(body) > limits.body:
        raise _too_large(limits.body)
    return body


async def _body_in_time(receive: Receive, limits: Limits) -> bytes:
    try:
        async with asyncio.timeout(limits.seconds):
            return await _rest(receive, limits.body, await receive())
    except TimeoutError:
        raise Refusal(
            408, f"the request did not arrive within {limits.seconds:g} s; send it again."
        ) from None


async def _rest(receive: Receive, limit: int, message: Message) -> bytes:
    """The body that begins with a message."""
    parts = bytearray()
    while message["type"] != "http.disconnect":
        parts += message.get("body", b"")
        if len(parts) > limit:
            raise _too_large(limit)
        if not message.get("more_body"):
            return bytes(parts)
        message = await receive()
    raise ClientGone


def _too_large(limit: int) -> Refusal:
    return Refusal(413, f"the request has more than {limit:,} bytes, which is the limit; send several.")


async def respond(send: Send, answer: Answer) -> None:
    """Send a whole response."""
    own = [
        (b"content-type", answer.content_type),
        (b"content-length", b"%d" % len(answer.body)),
        *answer.headers,
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": own})
    await send({"type": "http.response.body", "body": answer.body})


def refused(refusal: Refusal) -> Answer:
    """The response of a refusal; the connection is closed where its request may still be arriving."""
    headers = []
    if refusal.status == 503:
        headers.append((b"retry-after", b"%d" % RETRY_SECONDS))
    if refusal.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if refusal.status in (408, 413):
        headers.append((b"connection", b"close"))
    body = to_json({"error": "\n".join(refusal.faults), "faults": refusal.faults})
    return Answer(body, refusal.status, headers=headers)


BUSY = refused(Refusal(503, "the server has as many requests as it takes; try again later."))
