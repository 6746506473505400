"""``app``: the ASGI application that serves models."""

from __future__ import annotations

import hmac
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from glassnet.errors import InputError, InputTypeError
from glassnet.model import Model, load
from glassnet.serve.http import ClientGone, Refusal, header, refuse
from glassnet.serve.limits import Limits
from glassnet.serve.predict import Predict
from glassnet.serve.routes import routes
from glassnet.serve.served import Served
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
        InputError: no model, a name that no path can have, or an empty token.
    """
    limits = limits or Limits()
    if token == "":
        raise InputError("the token is empty; leave it out if requests need none.")
    served = [
        Served(name, source if isinstance(source, Model) else load(source)) for name, source in _named(model)
    ]
    return _Application(served, token, limits)


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
    def __init__(self, served: list[Served], token: str | None, limits: Limits) -> None:
        self._token = None if token is None else f"Bearer {token}".encode()
        self._workers = Workers(limits)
        predict = {own.name: Predict(own, limits, self._workers) for own in served}
        self._predict: dict[str, Predict] = {f"/models/{name}/predict": own for name, own in predict.items()}
        if len(served) == 1:
            self._predict["/predict"] = predict[served[0].name]
        self._other = Starlette(routes=routes(served))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._other(scope, receive, send)
            return
        started = False

        async def sending(message: Any) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            if self._token is not None and scope["path"] not in OPEN:
                given = header(scope, b"authorization")
                if not hmac.compare_digest(given, self._token):
                    raise Refusal(
                        401, "the bearer token is missing or wrong: send it as Authorization: Bearer TOKEN."
                    )
            own = self._predict.get(scope["path"])
            if own is not None and scope["method"] == "POST":
                await own(scope, receive, sending)
            else:
                await self._other(scope, receive, sending)
        except Refusal as refusal:
            await refuse(send, refusal)
        except ClientGone:
            pass
        except Exception:
            logger.exception("a request to %s failed", scope["path"])
            if started:
                raise
            await refuse(send, Refusal(500, "the server failed on this request, and has logged why."))
