"""What Starlette answers: health, metadata, metrics and the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from glassnet.serve.http import Refusal, to_json
from glassnet.serve.metrics import CONTENT_TYPE, Metrics
from glassnet.serve.open_inference import PLATFORM, VERSION, metadata
from glassnet.serve.openapi import document
from glassnet.serve.slot import Slot
from glassnet.version import VERSION as RELEASE


def routes(slots: Mapping[str, Slot], metrics: Metrics) -> list[BaseRoute]:
    """The routes for these models."""

    def slot_of(request: Request) -> Slot:
        name, version = request.path_params["name"], request.path_params.get("version", VERSION)
        if name not in slots or version != VERSION:
            raise Refusal(404, f"there is no model {name!r:.80} of version {version!r:.40} here.")
        return slots[name]

    async def live(request: Request) -> Response:
        return _json({"live": True})

    async def ready(request: Request) -> Response:
        return _json({"ready": True})

    async def model_ready(request: Request) -> Response:
        return _json({"name": slot_of(request).name, "ready": True})

    async def server(request: Request) -> Response:
        return _json({"name": PLATFORM, "version": RELEASE, "extensions": ["binary_tensor_data"]})

    async def model(request: Request) -> Response:
        return _json(metadata(slot_of(request).served))

    async def models(request: Request) -> Response:
        return _json({"models": [_about(slot) for slot in slots.values()]})

    async def figures(request: Request) -> Response:
        return Response(metrics.text(), headers={"content-type": CONTENT_TYPE.decode()})

    async def openapi(request: Request) -> Response:
        return _json(document(slots))

    own = "/v2/models/{name}"
    return [
        Route("/v2", server),
        Route("/v2/health/live", live),
        Route("/v2/health/ready", ready),
        *(Route(path, model) for path in (own, f"{own}/versions/{{version}}")),
        *(Route(f"{path}/ready", model_ready) for path in (own, f"{own}/versions/{{version}}")),
        Route("/models", models),
        Route("/metrics", figures),
        Route("/openapi.json", openapi),
    ]


def _json(content: Any) -> Response:
    return Response(to_json(content), media_type="application/json")


def _about(slot: Slot) -> dict[str, Any]:
    """What ``/models`` tells of a model; ``fault`` is why the file that is there now is not served, if it is not."""
    model = slot.served.model
    return {
        "name": slot.name,
        "task": model.schema.task,
        "target": list(model.target.columns),
        "columns": [{"name": own.name, "type": own.type} for own in model.schema.inputs],
        "created": model.provenance.get("created"),
        **({"fault": slot.fault} if slot.fault else {}),
    }
