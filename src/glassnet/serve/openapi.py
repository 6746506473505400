"""The OpenAPI document of a server: its paths, and the columns of its models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glassnet.serve.slot import Slot
from glassnet.tables.schema import BOOLEAN, CATEGORY, DATETIME, NUMBER
from glassnet.version import VERSION

ARROW = "application/vnd.apache.arrow.stream"
REFUSALS = {
    "400": "not JSON",
    "401": "no or a wrong bearer token",
    "408": "the request did not arrive in time",
    "413": "more bytes or rows than the limits",
    "422": "rows that the model cannot use; all faults with their row and column",
    "503": "too many requests, or an answer that takes too long; Retry-After says when to try again",
}


PREDICTION = {
    "prediction": {"description": "of one row: a label or number, or these by target"},
    "predictions": {"description": "of many rows: an array, or arrays by target"},
    "probabilities": {"description": "of classes: by label, or by target and label", "type": "object"},
    "lower": {"description": "with interval, of numbers: the lower end"},
    "upper": {"description": "with interval, of numbers: the upper end"},
    "set": {"description": "with interval, of classes: the possible labels, the most probable first"},
    "notes": {"description": "what had to be assumed", "type": "array", "items": {"type": "string"}},
}


def document(slots: Mapping[str, Slot]) -> dict[str, Any]:
    """The document, of OpenAPI 3.1."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {
        "Fault": {
            "type": "object",
            "properties": {
                "error": {"type": "string"},
                "faults": {"type": "array", "items": {"type": "string"}},
            },
        }
    }
    for name, slot in slots.items():
        schemas[name] = _row(slot)
        for path in _paths(name, "predict", len(slots)):
            paths[path] = {"post": _predict(name)}
        for path in _paths(name, "explain", len(slots)):
            paths[path] = {"post": _explain(name)}
        paths[f"/v2/models/{name}/infer"] = {
            "post": _operation(f"Inference with {name} in the V2 protocol", {"application/json": {}}, {})
        }
        paths[f"/v2/models/{name}"] = {"get": _read(f"Names and types of the inputs and outputs of {name}")}
        paths[f"/v2/models/{name}/ready"] = {"get": _read(f"Whether {name} is ready")}
    for path, summary in (
        ("/v2", "What this server is"),
        ("/v2/health/live", "Whether the server runs"),
        ("/v2/health/ready", "Whether the server answers requests"),
        ("/models", "The models and their columns"),
        ("/metrics", "Figures for Prometheus"),
    ):
        paths[path] = {"get": _read(summary)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "glassnet", "version": VERSION},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _paths(name: str, verb: str, models: int) -> list[str]:
    return [*([f"/{verb}"] if models == 1 else []), f"/models/{name}/{verb}"]


def _row(slot: Slot) -> dict[str, Any]:
    """The JSON schema of a row. Numbers and dates may be written as text, as in a CSV file."""
    words = {"type": ["string", "number", "boolean", "null"]}
    types: dict[str, Any] = {
        NUMBER: {"type": ["number", "string", "null"]},
        BOOLEAN: words,
        CATEGORY: words,
        DATETIME: {"type": ["string", "null"]},
    }
    inputs = slot.served.model.schema.inputs
    return {
        "type": "object",
        "properties": {
            own.name: {**types.get(own.type, words), "description": own.describe()} for own in inputs
        },
        "required": [own.name for own in inputs],
    }


def _predict(name: str) -> dict[str, Any]:
    row = {"$ref": f"#/components/schemas/{name}"}
    given = {"application/json": {"schema": {"oneOf": [row, {"type": "array", "items": row}]}}, ARROW: {}}
    found = {"application/json": {"schema": {"type": "object", "properties": PREDICTION}}, ARROW: {}}
    share = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}
    interval = {
        "name": "interval",
        "in": "query",
        "schema": share,
        "description": "the share of rows whose actual value is to be between lower and upper, or in set",
    }
    return {
        **_operation(f"Predict one row or many with {name}", given, found),
        "parameters": [interval],
    }


def _explain(name: str) -> dict[str, Any]:
    given = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
    parameters = [
        {"name": "what", "in": "query", "schema": {"enum": ["contributions", "arithmetic"]}},
        {"name": "target", "in": "query", "schema": {"type": "string"}},
        {"name": "output", "in": "query", "schema": {"type": "string"}},
    ]
    found = {"application/json": {"schema": {"type": "object"}}}
    return {
        **_operation(f"Explain the prediction of {name} for one row", given, found),
        "parameters": parameters,
    }


def _operation(summary: str, given: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    fault = {"application/json": {"schema": {"$ref": "#/components/schemas/Fault"}}}
    refusals = {status: {"description": text, "content": fault} for status, text in REFUSALS.items()}
    return {
        "summary": summary,
        "requestBody": {"required": True, "content": given},
        "responses": {"200": {"description": "the answer", "content": found}, **refusals},
    }


def _read(summary: str) -> dict[str, Any]:
    return {"summary": summary, "responses": {"200": {"description": "the answer"}}}
