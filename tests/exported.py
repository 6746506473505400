"""Small models of every type of column and target, and what every test of an export does with them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import glassnet
from page_models import mixed_table

QUICK: Mapping[str, Any] = {"epochs": 8, "seed": 3, "hidden": (6, 5), "progress": False}
HOSTILE: dict[str, list[Any]] = {  # names of columns, and the labels of the target
    "*/ int x; /*": [0.5, 1.5, None],
    '"; DROP TABLE rows; --': ["*/", "'; DROP TABLE rows; --", "a\nb"],
    "line\nbreak": [1.0, 2.0, 4.0],
    "int": [3.0, 1.0, 2.0],
    "ümläut ✓ ${x} `y`": ["???/", "\\", '"""'],
    "%s {0} {x}": ["</script>", "#{x}", None],
    "__proto__": ["constructor", "toString", "__proto__"],
    "select": [True, False, None],
}
LABELS = ["it's", 'a "label" */ \\', "--\n%d"]


def hostile_table(rows: int = 90) -> dict[str, list[Any]]:
    """Columns whose names and texts would end a comment, a string or a statement in some language."""
    table = {
        name: [values[at * 7 % 11 % len(values)] for at in range(rows)] for name, values in HOSTILE.items()
    }
    keys = [*HOSTILE]
    for at, name in enumerate(keys):  # so that no column follows from another
        shift = at * 13 % rows
        table[name] = table[name][shift:] + table[name][:shift]
    return {**table, "what is 'it'? */": [LABELS[at * 5 % 7 % 3] for at in range(rows)]}


def dated_table(rows: int = 120) -> dict[str, list[Any]]:
    """Dates in text, in several formats, and times of day."""
    random = np.random.default_rng(2)
    days = np.datetime64("1949-03-01") + random.integers(0, 9000, rows)
    stamps = [day.astype("datetime64[s]").item() for day in days]
    return {
        "iso": [stamp.strftime("%Y-%m-%d") for stamp in stamps],
        "written": [stamp.strftime("%d %b %Y") for stamp in stamps[::-1]],
        "european": [
            None if at % 9 == 0 else stamp.strftime("%d.%m.%Y 14:%M:%S") for at, stamp in enumerate(stamps)
        ],
        "clock": [f"{hour:02}:{minute:02}" for hour, minute in random.integers(0, 24, (rows, 2))],
        "value": [stamp.year + stamp.month / 12 for stamp in stamps],
    }


@cache
def example(name: str) -> tuple[glassnet.Model, Any]:
    """A model and its training table."""
    mixed = mixed_table(160)
    without = {key: own for key, own in mixed.items() if key not in ("price", "height", "sold")}
    if name == "classes":
        data = {**without, "city": [f"{city}" for city in without["city"]], "at": mixed["city"][::-1]}
        data["at"] = ["Oslo" if city is None else city for city in data["at"]]
        return glassnet.train(data, "at", members=2, **QUICK), data
    if name == "binary":
        data = {**without, "sold": mixed["sold"]}
        return glassnet.train(
            data, "sold", activation="mish", dtype="float64", **QUICK, recipe="single"
        ), data
    if name == "numbers":
        data = {**without, "price": mixed["price"], "height": mixed["height"]}
        return glassnet.train(
            data, ["price", "height"], activation="gelu", clamp=True, **QUICK, recipe="single"
        ), data
    if name == "bins":
        data = {**without, "price": mixed["price"]}
        return glassnet.train(
            data, "price", scaling="robust", bins=5, activation="selu", **QUICK, recipe="single"
        ), data
    if name == "labels":
        data = {**without, "sold": mixed["sold"], "at": [city or "Oslo" for city in mixed["city"][::-1]]}
        return glassnet.train(data, ["sold", "at"], activation="silu", **QUICK, recipe="single"), data
    if name == "dates":
        data = dated_table()
        return glassnet.train(data, "value", activation="tanh", **QUICK, recipe="single"), data
    assert name == "hostile"
    data = hostile_table()
    return glassnet.train(data, "what is 'it'? */", **QUICK, recipe="single"), data


EXAMPLES = ("classes", "binary", "numbers", "bins", "labels", "dates", "hostile")


def with_another_weight(path: Path, weight: float) -> None:
    """Change one parameter, which stands in the file as its shortest text, or as that of a float64, by a tenth."""
    text = path.read_text(encoding="utf-8")
    for shown in (str(weight), repr(float(weight))):
        found = re.search(rf"(?<![\w.]){re.escape(shown)}(?![\d.])", text)
        if found is not None:
            break
    assert found is not None, weight
    changed = str(np.float32(weight * 1.1 + 0.1))
    path.write_text(text[: found.start()] + changed + text[found.end() :], encoding="utf-8")
