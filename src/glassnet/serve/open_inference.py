"""The KServe V2 (Open Inference) protocol: metadata and inference, with tensors in JSON or in binary.

https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol, and its extension for binary
tensors, https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import chain
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from glassnet.serve.http import Refusal, to_json
from glassnet.serve.served import Served
from glassnet.tables.schema import BOOLEAN, NUMBER
from glassnet.targets import encodings_of
from glassnet.targets.predictions import distinct

PLATFORM, VERSION = "glassnet", "1"
DTYPES = {
    "BOOL": "?", "UINT8": "<u1", "UINT16": "<u2", "UINT32": "<u4", "UINT64": "<u8", "INT8": "<i1", "INT16": "<i2",
    "INT32": "<i4", "INT64": "<i8", "FP16": "<f2", "FP32": "<f4", "FP64": "<f8",
}  # fmt: skip
TEXT = "BYTES"


class Tensor(msgspec.Struct):
    """An input of a request: (N,) or (N, 1) values of a column; ``data`` is nested or flat, ``None`` if binary."""

    name: str
    shape: list[int]
    datatype: str
    data: list[Any] | None = None
    parameters: dict[str, Any] = {}


class Wanted(msgspec.Struct):
    """An output that is asked for."""

    name: str
    parameters: dict[str, Any] = {}


class Request(msgspec.Struct):
    """A request for inference."""

    inputs: list[Tensor]
    id: str | None = None
    parameters: dict[str, Any] = {}
    outputs: list[Wanted] | None = None


_decode = msgspec.json.Decoder(Request).decode


def metadata(served: Served) -> dict[str, Any]:
    """The names and types of a model's inputs and outputs."""
    model = served.model
    types = {NUMBER: "FP64"}
    inputs = [
        {
            "name": own.name,
            "datatype": "BOOL" if own.type == BOOLEAN and not own.text else types.get(own.type, TEXT),
            "shape": [-1],
        }
        for own in model.schema.inputs
    ]
    outputs = [
        {"name": name, "datatype": _datatype(own), "shape": [-1]} for name, own in served.example.items()
    ]
    return {
        "name": served.name,
        "versions": [VERSION],
        "platform": PLATFORM,
        "inputs": inputs,
        "outputs": outputs,
    }


def read_request(
    body: bytes, json_length: bytes, names: Sequence[str]
) -> tuple[Request, dict[str, list[Any]]]:
    """A request, and its columns by name. A single tensor (N, I), of any other name, has all columns side by side.

    Args:
        names: of the columns of the model.
        json_length: the header ``Inference-Header-Content-Length``: where binary tensors begin; empty without any.

    Raises:
        Refusal: with all faults.
    """
    if json_length and not (json_length.isdigit() and int(json_length) <= len(body)):
        raise Refusal(400, "the header Inference-Header-Content-Length is not the length of the JSON.")
    end = int(json_length) if json_length else len(body)
    try:
        request = _decode(body[:end])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(400, f"the request is not one of the V2 protocol: {error}.") from None
    binary, faults = memoryview(body)[end:], []
    columns: dict[str, list[Any]] = {}
    for tensor in request.inputs:
        size = tensor.parameters.get("binary_data_size")
        try:
            if size is None:
                values = _from_json(tensor)
            elif type(size) is not int or not 0 <= size <= len(binary):
                raise ValueError(f"has the binary_data_size {size!r:.40}, but {len(binary)} bytes are left")
            else:
                values, binary = _from_binary(tensor, bytes(binary[:size])), binary[size:]
            if tensor.name in columns:
                raise ValueError("is there twice")
            columns |= _columns(tensor, values, names)
        except ValueError as error:
            faults.append(f"The input {tensor.name!r:.80} {error}.")
    lengths = {len(values) for values in columns.values()}
    if len(lengths) > 1:
        faults.append(f"The inputs have different numbers of values: {', '.join(map(str, sorted(lengths)))}.")
    if not columns and not faults:
        faults.append("The request has no inputs; each column is one.")
    if faults:
        raise Refusal(400, faults)
    return request, columns


def interval_of(request: Request) -> float | None:
    """The parameter ``interval`` of a request.

    Raises:
        Refusal: it is no number.
    """
    found = request.parameters.get("interval")
    if found is not None and type(found) not in (int, float):
        raise Refusal(422, f"the parameter interval is {found!r:.80}, but must be a number such as 0.9.")
    return found


def _columns(tensor: Tensor, values: list[Any], names: Sequence[str]) -> dict[str, list[Any]]:
    """The values by the name of their column, or columns."""
    shape, count = tensor.shape, len(values)
    if shape in ([count], [count, 1]):
        return {tensor.name: values}
    if (
        len(shape) == 2
        and shape[1] == len(names)
        and shape[0] * shape[1] == count
        and tensor.name not in names
    ):
        return {name: values[at :: len(names)] for at, name in enumerate(names)}
    raise ValueError(f"has the shape {shape!r:.60}, but {count} values; it must be [N] or [N, 1]")


def _from_json(tensor: Tensor) -> list[Any]:
    if tensor.data is None:
        raise ValueError("has neither data nor a binary_data_size")
    values = tensor.data
    while any(isinstance(value, list) for value in values):
        values = [*chain.from_iterable(value if isinstance(value, list) else [value] for value in values)]
    if tensor.datatype != TEXT and tensor.datatype not in DTYPES:
        raise ValueError(f"has the unknown datatype {tensor.datatype!r:.40}")
    return [None if value == "" else value for value in values]


def _from_binary(tensor: Tensor, data: bytes) -> list[Any]:
    if tensor.datatype == TEXT:
        values, place = [], 0
        while place < len(data):
            if place + 4 > len(data):
                raise ValueError("has texts that end amid a length")
            (length,) = struct.unpack_from("<I", data, place)
            text = data[place + 4 : place + 4 + length]
            if len(text) < length:
                raise ValueError("has a text that is shorter than its length")
            values.append(_text(text) or None)
            place += 4 + length
        return values
    dtype = DTYPES.get(tensor.datatype)
    if dtype is None:
        raise ValueError(f"has the unknown datatype {tensor.datatype!r:.40}")
    if len(data) % np.dtype(dtype).itemsize:
        raise ValueError(f"has {len(data)} bytes, which are no whole number of values of {tensor.datatype}")
    numbers = np.frombuffer(data, dtype)
    found: list[Any] = numbers.tolist()
    return [None if value != value else value for value in found]


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise ValueError("has a text that is not UTF-8") from None


def write_response(
    served: Served, request: Request, columns: dict[str, Any], notes: list[str]
) -> tuple[bytes, int]:
    """The response, and the length of its JSON where binary tensors follow, else 0.

    Raises:
        Refusal: an output is asked for that there is not.
        InputError: two outputs would have the same name.
    """
    columns = _without_sets(served, columns)
    wanted = request.outputs or [Wanted(name) for name in columns]
    if unknown := [own.name for own in wanted if own.name not in columns]:
        raise Refusal(
            400, [f"There is no output {name!r:.80}; there are {', '.join(columns)}." for name in unknown]
        )
    as_binary = bool(request.parameters.get("binary_data_output", False))
    outputs, binary = [], []
    for own in wanted:
        values = columns[own.name]
        datatype = _datatype(values)
        output: dict[str, Any] = {"name": own.name, "datatype": datatype, "shape": [len(values)]}
        if own.parameters.get("binary_data", as_binary):
            data = _to_binary(values, datatype)
            output["parameters"] = {"binary_data_size": len(data)}
            binary.append(data)
        else:
            output["data"] = values
        outputs.append(output)
    found: dict[str, Any] = {"model_name": served.name, "model_version": VERSION, "outputs": outputs}
    if request.id is not None:
        found["id"] = request.id
    if notes:
        found["parameters"] = {"notes": "\n".join(notes)}
    text = to_json(found)
    return b"".join([text, *binary]), len(text) if binary else 0


def _without_sets(served: Served, columns: dict[str, Any]) -> dict[str, Any]:
    """``columns`` with a truth for each label, ``set_LABEL`` or ``set_TARGET=LABEL``, in place of sets of labels."""
    found, each = [], iter(encodings_of(served.model.target))
    for name, values in columns.items():
        if not isinstance(values, pa.ListArray):
            found.append((name, values))
            continue
        sets, mark = values.to_pylist(), "_" if name == "set" else "="
        for label in next(each).labels.tolist():
            found.append((f"{name}{mark}{label}", [label in own for own in sets]))
    return distinct(found)


def _datatype(values: Any) -> str:
    first = values[0]
    names: dict[type, str] = {bool: "BOOL", int: "INT64", str: TEXT}
    return names.get(type(first), "FP64")


def _to_binary(values: Any, datatype: str) -> bytes:
    if datatype != TEXT:
        return np.asarray(values, DTYPES[datatype]).tobytes()
    texts = [value.encode() for value in values]
    return b"".join(struct.pack("<I", len(text)) + text for text in texts)
