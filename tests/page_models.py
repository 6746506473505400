"""Small models of every type of column and task, for the tests of the page."""

import datetime
from functools import cache
from typing import Any

import numpy as np

import glassnet
from glassnet.tables import penguins_path

QUICK: dict[str, Any] = {"epochs": 12, "seed": 3, "hidden": (8, 5), "progress": False}


def mixed_table(rows: int = 240, seed: int = 0) -> dict[str, list[Any]]:
    """Numbers, categories, booleans, dates and missing values."""
    rng = np.random.default_rng(seed)
    amount = rng.lognormal(3, 1, rows)
    city = rng.choice(["Oslo", "Lima", "Pune", "<b>Rome</b>"], rows)
    member = rng.choice([True, False], rows)
    start = datetime.datetime(2021, 3, 1)
    when = [start + datetime.timedelta(hours=int(hours)) for hours in rng.integers(0, 24 * 700, rows)]
    price = 3 * np.log(amount) + (city == "Oslo") * 4 - member * 2 + rng.normal(0, 0.3, rows)
    height = 0.1 * amount + member + rng.normal(0, 0.1, rows)
    gap = rng.random(rows) < 0.1
    return {
        "amount": [None if missing else float(value) for value, missing in zip(amount, gap, strict=True)],
        "city": [None if missing else str(value) for value, missing in zip(city, gap[::-1], strict=True)],
        "member": [bool(value) for value in member],
        "when": when,
        "price": price.tolist(),
        "height": height.tolist(),
        "sold": ["yes" if value > np.median(price) else "no" for value in price],
    }


@cache
def example(name: str) -> tuple[glassnet.Model, Any]:
    """A model and a table to show with it."""
    table = mixed_table()
    without = {key: own for key, own in table.items() if key not in ("price", "height", "sold")}
    if name == "penguins":
        return glassnet.train(
            penguins_path(), "species", holdout=0.2, snapshots=8, **QUICK, recipe="single"
        ), penguins_path()
    if name == "binary":
        data = {**without, "sold": table["sold"]}
        return glassnet.train(
            data, "sold", activation="tanh", optimizer="nesterov", **QUICK, recipe="single"
        ), data
    if name == "regression":
        data = {**without, "price": table["price"]}
        return glassnet.train(
            data, "price", activation="gelu", dtype="float64", loss="huber", **QUICK, recipe="single"
        ), data
    if name == "bins":
        data = {**without, "price": table["price"]}
        return glassnet.train(
            data, "price", scaling="robust", bins=6, clamp=True, **QUICK, recipe="single"
        ), data
    if name == "several networks":
        data = {**without, "sold": table["sold"]}
        settings = {**QUICK, "recipe": "balanced", "members": 3, "snapshots": 4}
        return glassnet.train(data, "sold", **settings), data
    if name == "several targets":
        data = {**without, "price": table["price"], "height": table["height"]}
        return glassnet.train(
            data, ["price", "height"], optimizer="rmsprop", l2=0.01, **QUICK, recipe="single"
        ), data
    assert name == "unseen levels"
    data = {**without, "price": table["price"]}
    model = glassnet.train(data, "price", activation="silu", optimizer="adamw", **QUICK, recipe="single")
    changed = {**data, "city": ["Quito", *data["city"][1:]], "amount": [None, None, *data["amount"][2:]]}
    return model, changed


EXAMPLES = ("penguins", "binary", "regression", "several targets", "bins", "unseen levels")


def large_table(task: str, rows: int = 12_000, seed: int = 5) -> dict[str, list[Any]]:
    """A table of many rows whose target, a class or a number, follows from its columns."""
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 90, rows)
    balance = rng.normal(1200, 900, rows).round(2)
    job = rng.choice(["clerk", "driver", "nurse", "teacher", "none"], rows)
    married = rng.choice(["yes", "no"], rows)
    score = (
        (age - 50) / 15
        + balance / 900
        + (job == "teacher") * 1.5
        + (married == "yes")
        + rng.normal(0, 0.5, rows)
    )
    gap = rng.random(rows) < 0.03
    table: dict[str, list[Any]] = {
        "age": age.tolist(),
        "balance": [None if missing else float(own) for own, missing in zip(balance, gap, strict=True)],
        "job": job.tolist(),
        "married": married.tolist(),
    }
    if task == "class":
        table["answer"] = np.array(["low", "middle", "high"])[np.digitize(score, [0.5, 2.5])].tolist()
    else:
        table["value"] = (100 + 40 * score).round(3).tolist()
    return table
