"""Who may use a live page: requests of its own pages, at its own address, with its token."""

from __future__ import annotations

import hmac
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from glassnet.page.html import policy


class Guard:
    """Lets only requests of the page itself through: right host, no other origin, and the token."""

    def __init__(self, app: ASGIApp, token: str, hosts: tuple[str, ...]) -> None:
        self.app, self.token, self.hosts = app, token, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope)
        refusal = self._refusal(request)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        await self.app(scope, receive, _with_headers(send))

    def _refusal(self, request: Request) -> Response | None:
        if request.headers.get("host", "") not in self.hosts:
            return fault(403, "this page answers only to its own address.")
        origin = request.headers.get("origin")
        if origin is not None and origin not in {f"http://{host}" for host in self.hosts}:
            return fault(403, "another site may not use this page.")
        given = request.headers.get("x-token") or request.query_params.get("token", "")
        if not hmac.compare_digest(given.encode(), self.token.encode()):
            return fault(403, "the token is missing: open the address that glassnet watch printed.")
        return None


def _with_headers(send: Send) -> Send:
    headers = {
        "content-security-policy": policy(live=True),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }
    added = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def sending(message: Any) -> None:
        if message["type"] == "http.response.start":
            known = {name for name, _ in message["headers"]}
            own = [*added, *([] if b"cache-control" in known else [(b"cache-control", b"no-store")])]
            message = {**message, "headers": [*message["headers"], *own]}
        await send(message)

    return sending


def fault(status: int, message: str) -> JSONResponse:
    return JSONResponse({"error": message}, status)
