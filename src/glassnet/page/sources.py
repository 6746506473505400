"""What a live page trains on: the worked example, the penguins, a toy table or a table of one's own."""

from __future__ import annotations

import io
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from glassnet.errors import InputError, TableError, unknown
from glassnet.lessons import worked_example
from glassnet.page.toys import FEATURES, TOYS, toy_table
from glassnet.tables import infer_schema, penguins_path, read_table

Settings = dict[str, Any]

PREVIEW = 8
COMMON: Settings = {
    "l1": 0.0,
    "l2": 1e-4,
    "dropout": 0.0,
    "validation": 0.2,
    "seed": 1,
    "loss": None,
    "patience": "auto",
    "scaling": "standard",
    "max_time": None,
}
EXAMPLE: Settings = {
    "hidden": [5, 5],
    "activation": "sigmoid",
    "output_activation": "sigmoid",
    "loss": "squared_error",
    "optimizer": "gradient_descent",
    "learning_rate": 0.3,  # of the mean over the three rows: 0.1 of their sum, as in the lesson
    "batch_size": None,
    "epochs": 10_001,
    "l1": 0.0,
    "l2": 0.0,
    "dropout": 0.0,
    "validation": 0.0,
    "patience": "auto",
    "scaling": "none",
    "max_time": None,
    "dtype": "float64",
    "task": "regression",
    "seed": worked_example.SEED,
}
TOY: Settings = {
    **COMMON,
    "hidden": [6, 4],
    "activation": "tanh",
    "optimizer": "adam",
    "learning_rate": 0.01,
    "batch_size": 32,
    "epochs": 500,
    "patience": None,
}
TABLE: Settings = {
    **COMMON,
    "hidden": [12, 8],
    "activation": "relu",
    "optimizer": "adam",
    "learning_rate": 0.003,
    "batch_size": 32,
    "epochs": 200,
}


@dataclass(frozen=True)
class Source:
    """A table to train on, its target, the settings to begin with, and what tells a person where it is from.

    ``code`` are lines of Python that assign the table to ``table``.
    """

    kind: str
    table: Any
    target: str | list[str]
    settings: Settings
    about: dict[str, Any]
    code: str
    column_types: Mapping[str, str] | None = None


@dataclass
class Upload:
    """A table that was brought to the page."""

    name: str
    table: Any
    about: dict[str, Any] = field(default_factory=dict)


def worked_source() -> Source:
    inputs, targets = worked_example.INPUTS, worked_example.TARGETS
    table: dict[str, Any] = {
        f"input {number}": [float(row[number - 1]) for row in inputs]
        for number in range(1, len(inputs[0]) + 1)
    }
    table["output"] = [float(row[0]) for row in targets]
    about = {"name": "worked example", "rows": len(inputs)}
    return Source("example", table, "output", dict(EXAMPLE), about, f"table = {table!r}")


def penguin_source() -> Source:
    about = {"name": "penguins", "rows": 344}
    code = "from glassnet.tables import penguins_path\n\ntable = penguins_path()"
    return Source("penguins", penguins_path(), "species", dict(TABLE), about, code)


def toy_source(
    name: str, rows: int = 200, noise: float = 0.1, features: list[str] | None = None, seed: int = 0
) -> Source:
    features = features or []
    table = toy_table(name, rows, noise, features, seed)
    about = {"name": name, "rows": rows, "noise": noise, "features": features, "seed": seed}
    code = (
        "from glassnet.page.toys import toy_table\n\n"
        f"table = toy_table({name!r}, {rows}, {noise!r}, {features!r}, {seed})"
    )
    return Source("toy", table, "y", dict(TOY), about, code)


def table_source(
    upload: Upload, target: str | list[str] | None, column_types: Mapping[str, str] | None = None
) -> Source:
    if target is None:
        raise InputError("there is no target: choose the column to predict.")
    code = f"table = {upload.name!r}  # the path of the table"
    about = {"name": upload.name, "rows": upload.about["rows"], "id": upload.about["id"]}
    return Source("table", upload.table, target, dict(TABLE), about, code, column_types)


def source_of(request: Mapping[str, Any], upload: Upload | None, target: Any, column_types: Any) -> Source:
    """The source that a page asks for.

    Raises:
        InputError: there is no such source, or a value in it that cannot be used.
    """
    kind = request.get("kind")
    if kind == "example":
        return worked_source()
    if kind == "penguins":
        return penguin_source()
    if kind == "toy":
        known = {name: request[name] for name in ("rows", "noise", "features", "seed") if name in request}
        return toy_source(str(request.get("name")), **known)
    if kind == "table":
        if upload is None:
            raise InputError("there is no table: bring one first.")
        return table_source(upload, target, column_types)
    raise InputError(unknown("the source", kind, ("example", "penguins", "toy", "table")))


def read_upload(data: bytes, name: str) -> Upload:
    """A table from the bytes of a file; ``name`` is for people alone and is never used as a path.

    Raises:
        TableError: it cannot be read.
    """
    stream = io.BytesIO(data)
    stream.name = name
    return described_upload(name, read_table(stream))


def described_upload(name: str, table: Any, target: str | None = None) -> Upload:
    """A table that was read, with what the page shows of it."""
    names = list(table.column_names)
    if len(names) < 2:
        raise TableError(f"{name!r} has one column, but a table needs at least two: inputs and a target.")
    about = {
        "id": secrets.token_hex(4),
        "name": name,
        "rows": table.num_rows,
        "target": target,
        "columns": [
            {"name": column.name, "type": column.type, "said": column.describe()}
            for column in _columns(table, target or names[-1])
        ],
        "notes": [str(note) for note in table.notes],
        "preview": [
            [_shown(row[column]) for column in names]
            for row in table.take(range(min(PREVIEW, table.num_rows))).to_arrow().to_pylist()
        ],
    }
    return Upload(name, table, about)


def _columns(table: Any, target: str) -> list[Any]:
    """Every column as it is understood as an input, in the order of the table."""
    names = list(table.column_names)
    found: dict[str, Any] = {}
    for chosen in (target, next(name for name in names if name != target)):
        try:
            schema = infer_schema(table, chosen)
        except TableError:
            continue
        for column in (*schema.columns, *schema.target):
            found.setdefault(column.name, column)
    if not found:
        infer_schema(table, target)  # which says what is wrong
    return [found[name] for name in names if name in found]


def _shown(value: Any) -> Any:
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)


CHOICES = {"toys": list(TOYS), "features": list(FEATURES)}
