"""What Starlette answers: everything but predictions."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from glassnet.serve.served import Served


def routes(served: list[Served]) -> list[Route]:
    """The routes for these models."""
    by_name = {own.name: own for own in served}

    async def live(request: Request) -> Response:
        return JSONResponse({"live": True})

    async def ready(request: Request) -> Response:
        return JSONResponse({"ready": True})

    async def models(request: Request) -> Response:
        return JSONResponse({"models": [*by_name]})

    return [Route("/v2/health/live", live), Route("/v2/health/ready", ready), Route("/models", models)]
