"""Requests and responses on ASGI, as plain functions: what Starlette does too, in a tenth of the time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import msgspec
from starlette.types import Receive, Scope, Send

from glassnet.errors import InputError
from glassnet.serve.limits import Limits

JSON, ARROW = b"application/json", b"application/vnd.apache.arrow.stream"
RETRY_SECONDS = 1  # after which a client may try again

Headers = Iterable[tuple[bytes, bytes]]


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


class ClientGone(Exception):
    """The client closed the connection before its request was complete."""


async def read_body(scope: Scope, receive: Receive, limits: Limits) -> bytes:
    """The whole body of a request.

    Raises:
        Refusal: it has more bytes than the limit, or has not arrived in time.
        ClientGone: the client closed the connection.
    """
    limit, seconds = limits.body, limits.seconds
    declared = header(scope, b"content-length")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    parts = bytearray()
    try:
        async with asyncio.timeout(seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientGone
                body: bytes = message.get("body", b"")
                if len(parts) + len(body) > limit:
                    raise _too_large(limit)
                if not message.get("more_body"):
                    return bytes(parts + body) if parts else body
                parts += body
    except TimeoutError:
        raise Refusal(408, f"the request did not arrive within {seconds:g} s; send it again.") from None


def _too_large(limit: int) -> Refusal:
    return Refusal(413, f"the request has more than {limit:,} bytes, which is the limit; send several.")


async def respond(
    send: Send, status: int, body: bytes, content_type: bytes = JSON, headers: Headers = ()
) -> None:
    """Send a whole response."""
    own = [(b"content-type", content_type), (b"content-length", b"%d" % len(body)), *headers]
    await send({"type": "http.response.start", "status": status, "headers": own})
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Send, refusal: Refusal) -> None:
    """Send the response of a refusal; the connection is closed where its request may still be arriving."""
    headers = []
    if refusal.status == 503:
        headers.append((b"retry-after", b"%d" % RETRY_SECONDS))
    if refusal.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if refusal.status in (408, 413):
        headers.append((b"connection", b"close"))
    body = to_json({"error": "\n".join(refusal.faults), "faults": refusal.faults})
    await respond(send, refusal.status, body, headers=headers)
