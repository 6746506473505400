"""Model files and checkpoints that somebody changed, with a digest that is right: for tests of what is accepted."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file
from safetensors.numpy import save as serialize

from glassnet.tensor_file import digest

Tensors = dict[str, np.ndarray[Any, Any]]

DEEP: Any = []
for _ in range(300):
    DEEP = [DEEP]
HOSTILE: list[Any] = [
    None, True, False, 0, 1, -1, 2, 3, 255, 2**31, 2**53, 2**63, 2**64, 10**30, -(10**30), 0.5, -0.5, 1.5,
    1e-320, 1e308, -1e308, 1e30, float("nan"), float("inf"), float("-inf"), "", "x", " ", "\x00", "\x1b[31m", "a\nb",
    "%", "%Q", "%Y-%m-%d", "%d/%m/%y from 99999999999", "number", "regression", "binary", "multiclass", "float16",
    "float64", "reference", "softmax", "adam(" * 50, "warm_up(then=" * 200 + "cosine" + ")" * 200, "(" * 300,
    "x" * 100_000, [], {}, [[]], [None], ["a"], [1], {"a": 1}, {"type": "number"}, [1e308] * 3, DEEP,
]  # fmt: skip


def taken_apart(path: Path, key: str = "glassnet") -> tuple[dict[str, Any], Tensors]:
    """The document, which has that ``key``, and the tensors of a file."""
    with safe_open(path, framework="numpy") as file:
        document = json.loads(file.metadata()[key])
    return document, load_file(path)


def put_together(path: Path, document: Any, tensors: Tensors, key: str = "glassnet") -> None:
    """Write a file with a right digest; ``document`` may be a text, too."""
    text = (
        document
        if isinstance(document, str)
        else json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    )
    tensors = {name: np.ascontiguousarray(own) for name, own in tensors.items()}
    path.write_bytes(serialize(tensors, {key: text, "digest": digest(text, tensors)}))


def mutated(document: Any, tensors: Tensors, rng: random.Random) -> tuple[Any, Tensors, str]:
    """A changed copy, and what was changed."""
    document, tensors, said = json.loads(json.dumps(document)), dict(tensors), []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if rng.random() < 0.65:
            said.append(_change_document(document, rng))
        else:
            said.append(_change_tensors(tensors, rng))
    return document, tensors, "; ".join(said)


def _places(node: Any, path: str = "$") -> Iterator[tuple[Any, Any, str]]:
    """Every part of a document, as its container, its key and its path."""
    for key, value in (
        node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    ):
        yield node, key, f"{path}.{key}"
        yield from _places(value, f"{path}.{key}")


def _change_document(document: Any, rng: random.Random) -> str:
    places = list(_places(document))
    # a table has many more columns than a model has other parts
    parts = sorted({path.split(".")[1] for _, _, path in places})
    part = rng.choice(parts)
    holder, key, path = rng.choice([place for place in places if place[2].split(".")[1] == part])
    change: Callable[[], Any] = rng.choice(
        [
            lambda: holder.__setitem__(key, rng.choice(HOSTILE)),
            lambda: holder.__setitem__(key, _like(holder[key], rng)),
            lambda: holder.__setitem__(key, _like(holder[key], rng)),
            lambda: holder.__delitem__(key),
            lambda: holder.__setitem__(key, rng.choice(places)[0]),
            lambda: (
                holder.insert(key, holder[key]) if isinstance(holder, list) else holder.update({"more": 1})
            ),
            lambda: holder.__setitem__(key, [holder[key]]),
        ]
    )
    before = repr(holder[key])[:60]
    change()
    if _is_circular(document):
        holder[key] = None
    now = holder[key] if (isinstance(holder, list) and key < len(holder)) or key in holder else "gone"
    return f"{path}: {before} to {now!r:.60}"


def _is_circular(document: Any) -> bool:
    try:
        json.dumps(document)
    except (ValueError, RecursionError):
        return True
    return False


def _like(value: Any, rng: random.Random) -> Any:
    """A value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + rng.choice((-1, 1, -value, 1000, 2**40))
    if isinstance(value, float):
        return rng.choice(
            (-value, 0.0, value * 1e300 if abs(value) < 1e7 else value / 2, value * 1e-300, value + 1)
        )
    if isinstance(value, str):
        return rng.choice((value + "x", value[:-1], value.upper(), value[::-1], f" {value}"))
    if isinstance(value, list):
        return rng.choice((value[:-1], value[::-1], value * 2, []))
    if isinstance(value, dict):
        return rng.choice(({}, dict(list(value.items())[:-1]), dict(reversed(value.items()))))
    return rng.choice(HOSTILE)


def _change_tensors(tensors: Tensors, rng: random.Random) -> str:
    name = rng.choice(sorted(tensors))
    own = tensors[name]
    kind = rng.randrange(9)
    if kind == 0:
        del tensors[name]
        return f"{name} deleted"
    if kind == 1:
        tensors[f"{name}x"] = tensors.pop(name)
        return f"{name} renamed"
    if kind == 2:
        other = rng.choice(sorted(tensors))
        tensors[name] = tensors[other]
        return f"{name} is {other}"
    if kind == 3:
        dtype = rng.choice(("float16", "float32", "float64", "int64", "int32", "bool", "uint8"))
        with np.errstate(all="ignore"):
            tensors[name] = np.nan_to_num(own).astype(dtype)
        return f"{name} is {dtype}"
    if kind == 4:
        shape = rng.choice(
            (own.shape[::-1], (*own.shape, 1), (own.size,), (1, *own.shape), (*own.shape[:-1], 0))
        )
        tensors[name] = np.resize(own, shape)
        return f"{name} has the shape {shape}"
    if kind == 5:
        tensors[name] = np.repeat(own, 2, axis=0) if own.ndim else own
        return f"{name} is twice as long"
    values = own.copy().reshape(-1)
    if values.size:
        hostile: tuple[float, ...] = (np.nan, np.inf, -np.inf, 0, -1, 1e30, 3e38, -3e38, 1e-38, 2, 2**40)
        if own.dtype.kind != "f":
            hostile = (0, -1, 2, 2**40) if own.dtype == np.int64 else (0, 1)
        values[slice(None) if kind == 6 else rng.randrange(values.size)] = rng.choice(hostile)
    tensors[name] = values.reshape(own.shape)
    return f"{name} holds {values[:3]}"
