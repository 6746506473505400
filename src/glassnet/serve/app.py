"""``app``: the ASGI application that serves models."""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, TypeAlias

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from glassnet.errors import InputError, InputTypeError
from glassnet.model import Model
from glassnet.serve.batch import Batch
from glassnet.serve.handlers import explain, infer
from glassnet.serve.http import (
    BUSY,
    HOLD_SECONDS,
    ClientGone,
    Handler,
    Refusal,
    header,
    refused,
    respond,
    to_json,
)
from glassnet.serve.limits import Limits
from glassnet.serve.metrics import Metrics
from glassnet.serve.open_inference import VERSION
from glassnet.serve.predict import mentions_arrow, predict
from glassnet.serve.routes import routes
from glassnet.serve.slot import Slot, watch
from glassnet.serve.workers import Workers

logger = logging.getLogger("glassnet.serve")

Source: TypeAlias = "Model | str | os.PathLike[str]"
OPEN = ("/v2/health/live", "/v2/health/ready")  # without the token, as whoever starts servers asks them


def app(
    model: Source | Mapping[str, Source], *, token: str | None = None, limits: Limits | None = None
) -> ASGIApp:
    """The ASGI application that serves one model or several.

    >>> application = glassnet.serve.app("penguins.glassnet")      # doctest: +SKIP

    Args:
        model: a model, the path of a model file, or several of these by the names under which they are served. A file
            is served under its name without the ending, a model as ``model``.
        token: what every request but those for health must have as its bearer token; by default none is needed.
        limits: what is taken at most; by default :class:`Limits`.

    Raises:
        ModelFileError: a file that cannot be read.
        InputError: no model, a name that no path can have, an empty token, or a model two columns of whose predictions
            would have the same name.
    """
    limits = limits or Limits()
    if token == "":
        raise InputError("the token is empty; leave it out if requests need none.")
    return _Application([Slot(name, source) for name, source in _named(model)], token, limits)


def _named(model: Any) -> list[tuple[str, Source]]:
    if isinstance(model, Model):
        return [("model", model)]
    if isinstance(model, (str, os.PathLike)):
        return [(Path(model).stem, model)]
    if not isinstance(model, Mapping):
        raise InputTypeError(
            f"the model is a {type(model).__name__}, but must be a model, the path of one, or a dict of these by name."
        )
    if not model:
        raise InputError("there is no model to serve.")
    for name in model:
        if not isinstance(name, str) or not name or "/" in name or not name.isprintable():
            raise InputError(
                f"the name {name!r:.80} cannot be part of a path; it must be printable, without '/'."
            )
    return [*model.items()]


class _Application:
    """Requests that compute go to handlers of ASGI, all others to Starlette."""

    def __init__(self, slots: list[Slot], token: str | None, limits: Limits) -> None:
        self._token = None if token is None else f"Bearer {token}".encode()
        self._slots, self._workers, self._metrics = slots, Workers(limits), Metrics(slots)
        self._handlers: dict[str, Handler] = {}
        self._batches: dict[str, Batch] = {}
        for slot in slots:
            given = slot, limits, self._workers
            infer_path = f"/v2/models/{slot.name}"
            for path in (f"/models/{slot.name}", *([""] if len(slots) == 1 else [])):
                count = partial(self._metrics.add, f"{path}/predict")
                self._batches[f"{path}/predict"] = Batch(slot, count)
                self._handlers[f"{path}/predict"] = predict(*given)
                self._handlers[f"{path}/explain"] = explain(*given)
            for path in (infer_path, f"{infer_path}/versions/{VERSION}"):
                self._handlers[f"{path}/infer"] = infer(*given)

        @asynccontextmanager
        async def lifespan(application: Starlette) -> AsyncIterator[None]:
            watching = asyncio.create_task(watch(slots))
            yield
            watching.cancel()
            self._workers.close()

        self._other = Starlette(
            routes=routes({slot.name: slot for slot in slots}, self._metrics),
            lifespan=lifespan,
            exception_handlers={Refusal: _refused, HTTPException: _not_found},
        )

    def _has_token(self, scope: Scope) -> bool:
        token = self._token
        return token is None or hmac.compare_digest(header(scope, b"authorization"), token)

    def batch_for(self, scope: Scope) -> Batch | None:
        """Where a server may add the body of a request, instead of calling the application; ``None`` if nowhere."""
        if (
            scope["method"] != "POST"
            or scope["query_string"]
            or mentions_arrow(scope)
            or not self._has_token(scope)
        ):
            return None
        return self._batches.get(scope["path"])

    async def refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that a server does not accept, because it has as many as it takes."""
        if scope["path"] in self._handlers:
            self._metrics.add(scope["path"], BUSY.status, HOLD_SECONDS)
        await respond(send, BUSY)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._other(scope, receive, send)
            return
        start, path = perf_counter(), scope["path"]
        handler = self._handlers.get(path) if scope["method"] == "POST" else None
        try:
            if path not in OPEN and not self._has_token(scope):
                raise Refusal(
                    401, "the bearer token is missing or wrong: send it as Authorization: Bearer TOKEN."
                )
            if handler is None:
                await self._other(scope, receive, send)
                return
            answer = await handler(scope, receive)
        except Refusal as refusal:
            answer = refused(refusal)
        except ClientGone:
            return
        except Exception:
            if handler is None:  # which Starlette has answered
                raise
            logger.exception("a request to %s failed", path)
            answer = refused(Refusal(500, "the server failed on this request, and has logged why."))
        if handler is not None:
            self._metrics.add(path, answer.status, perf_counter() - start)
        await respond(send, answer)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    answer = refused(error)
    return Response(answer.body, answer.status, media_type="application/json")


async def _not_found(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    text = f"{request.method} {request.url.path!r:.200} is not answered here; /openapi.json lists what is."
    content = {"error": text, "faults": [text]}
    return Response(to_json(content), error.status_code, error.headers, media_type="application/json")
