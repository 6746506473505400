"""The route of a CSV cell to its prediction is the one in docs/architecture.md: all functions are traced."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import glassnet
from glassnet import engines

pytestmark = pytest.mark.skipif(not engines.available("native"), reason="the native core is not built")

ROOT = Path(__file__).parents[1]
SOURCE = str(Path(glassnet.__file__).parent)
CELL = 123.4567


PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
RECORDS = ("ReadTable", "ColumnValues")  # their methods return a part of them
# Functions of plain arrays, as the page names them.
ARITHMETIC = set(re.findall(r"`(\w+)`", re.search(r"do not depend on tables \(([^)]*)\)", PAGE)[1]))  # type: ignore[index]


@dataclass
class Call:
    """A call of one of the package's functions; ``carries`` if the cell is in its result or written by it."""

    name: str
    carries: bool = False
    calls: list[Call] = field(default_factory=list)


class Trace:
    """Follows a cell by its forms: the text, the number, its input, the output, the prediction."""

    def __init__(self, forms: list[float]) -> None:
        self.forms = np.array(forms)
        self.root = Call("")
        self._open: list[tuple[Call, list[Any]]] = [(self.root, [])]

    def carries(self, value: Any, depth: int = 4) -> bool:
        if isinstance(value, str):
            return str(CELL) in value
        if isinstance(value, bytes):
            return str(CELL).encode() in value
        if isinstance(value, (pa.Table, pa.Array, pa.ChunkedArray)):
            columns = value.columns if isinstance(value, pa.Table) else [value]
            return any(self.carries(one) for column in columns for one in column.to_pylist())
        if isinstance(value, (float, np.ndarray, np.floating)):
            values = np.asarray(value).reshape(-1, 1)
            return values.dtype.kind == "f" and bool(np.isclose(values, self.forms, rtol=1e-5, atol=0).any())
        parts: Any = ()
        if isinstance(value, (dict, list, tuple)):
            parts = value.values() if isinstance(value, dict) else value
        elif type(value).__module__.startswith("glassnet.") and not isinstance(value, glassnet.Model):
            parts = vars(value).values() if hasattr(value, "__dict__") else ()
        return depth > 0 and any(self.carries(part, depth - 1) for part in list(parts))

    def __call__(self, frame: FrameType, event: str, result: Any) -> None:
        code = frame.f_code
        if not code.co_filename.startswith(SOURCE) or "<" in code.co_qualname.rpartition(".")[2]:
            return
        if event == "call":
            module = code.co_filename.removeprefix(SOURCE)[1:].removesuffix(".py").replace("/", ".")
            call = Call(f"{module}.{code.co_qualname}")
            self._open[-1][0].calls.append(call)
            names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
            given = [frame.f_locals[name] for name in names if name != "self"]
            self._open.append((call, [value for value in given if not self.carries(value)]))
        elif event == "return":
            call, given = self._open.pop()
            call.carries = self.carries(result) or any(map(self.carries, given))


def counted(call: Call) -> list[str]:
    """The functions on the route, in the order of the calls, as the page counts them."""
    found: list[str] = []
    for own in call.calls:
        if own.carries:  # else it decides something, and what it calls is not on the route
            *_, owner, name = own.name.split(".")
            if not name.startswith("_") and owner not in RECORDS and name not in ARITHMETIC:
                found.append(own.name)
            found += counted(own)
    return found


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(0)
    size = rng.normal(100, 20, 200).round(2)
    color = rng.choice(["red", "blue"], 200)
    table = {"size": size, "color": color, "price": 3 * size + 50 * (color == "red") + rng.normal(size=200)}
    path = tmp_path_factory.mktemp("route") / "model.glassnet"
    glassnet.train(table, "price", hidden=4, epochs=30, engine="native", seed=1, recipe="single").save(path)
    return path


def traced(model: glassnet.Model, predict: Callable[[], Any], row: dict[str, Any]) -> list[str]:
    encoded = model.encode([row])
    output = model.outputs(encoded.inputs)
    trace = Trace(
        [CELL, encoded.inputs[0, 0], output[0, 0], np.ravel(model.target.decode(output)).astype(float)[0]]
    )
    sys.setprofile(trace)
    try:
        predict()
    finally:
        sys.setprofile(None)
    return counted(trace.root)


def test_the_route_is_the_one_on_the_page(path: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.csv"
    new.write_text(f"size,color\n{CELL},red\n98.7,blue\n")
    model = glassnet.load(path)
    found = traced(glassnet.load(path), lambda: model.predict(new), {"size": CELL, "color": "red"})
    route = re.findall(r"^\| (\d+) \| `([\w.]+)` \|", PAGE, re.MULTILINE)
    assert [int(number) for number, _ in route] == list(range(1, len(route) + 1))
    assert [name for _, name in route] == found
    assert len(route) <= 12


def test_the_route_comes_back_to_no_package(path: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.csv"
    new.write_text(f"size,color\n{CELL},red\n98.7,blue\n")
    model = glassnet.load(path)
    found = traced(glassnet.load(path), lambda: model.predict(new), {"size": CELL, "color": "red"})
    packages = [name.split(".")[0] for name in found]
    entered = [own for own, before in zip(packages, ["", *packages], strict=False) if own != before]
    within = [own for own in entered if own != "trained"]  # which calls all others
    assert len(within) == len(set(within))
