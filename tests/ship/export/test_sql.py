"""The queries for SQLite, DuckDB and PostgreSQL."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet
from exported import QUICK, example, with_another_weight
from glassnet.errors import InputError
from glassnet.ship.export import sql, verify
from glassnet.ship.export.exporting import form_named
from glassnet.ship.export.program import Dense, ModelProgram, program_of
from glassnet.ship.export.sql_dialects import paired, quoted
from glassnet.ship.export.sql_run import run_in_sqlite


@pytest.mark.parametrize("name", ["dates", "hostile"])
def test_postgresql_answers_as_the_model(tmp_path: Path, name: str) -> None:
    model, table = example(name)
    path = tmp_path / "model.sql"
    found = model.export(path, "postgresql", table, rows=50)
    if found.not_run:
        pytest.skip(found.not_run)
    assert found.passed
    assert found.difference is not None
    assert found.difference.size < 1e-12
    if name == "hostile":
        with_another_weight(path, model.members[0].learnt[-1].biases[0])
        assert len(verify(path, model, table, rows=50).faults) >= 2


def asked(path: Path, rows: list[tuple[Any, ...]], columns: str) -> list[dict[str, Any]]:
    """What the query gives for a table of SQLite."""
    database = sqlite3.connect(":memory:")
    database.row_factory = sqlite3.Row
    database.execute(f'CREATE TABLE "rows" ({columns})')
    database.executemany(f"INSERT INTO rows VALUES ({', '.join('?' * len(rows[0]))})", rows)
    found = [dict(row) for row in database.execute(path.read_text(encoding="utf-8"))]
    database.close()
    return found


def test_rows_keep_their_columns_and_their_order(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    table: Mapping[str, Any] = {"a": random.normal(size=80), "b": random.choice(["x", "y"], 80).tolist()}
    model = glassnet.train({**table, "y": table["a"] > 0}, "y", **QUICK)
    model.export(tmp_path / "model.sql", check=False)
    rows = [("k3", 1.5, "x"), ("k1", None, "never seen"), ("k2", "wrong", "y"), ("k0", "NA", None)]
    found = asked(tmp_path / "model.sql", rows, "key, a, b")
    assert [row["key"] for row in found] == ["k3", "k1", "k2", "k0"]
    assert [row["predicted_y"] is None for row in found] == [False, False, True, False]
    expected = model.predict_proba({"a": [1.5, None, None], "b": ["x", "never seen", None]})
    shares = [
        row["probability_True"] if "probability_True" in row else row["probability_true"] for row in found
    ]
    np.testing.assert_allclose([shares[0], shares[1], shares[3]], expected[:, 1], rtol=1e-5)
    assert shares[2] is None


def test_rows_may_come_in_any_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL reads rows of different lengths in another order than that in which they were written."""
    run = run_in_sqlite

    def reversed_(*given: Any) -> Any:
        found, tools = run(*given)
        return found[::-1], tools

    monkeypatch.setattr(sql, "run_in_sqlite", reversed_)
    model, table = example("hostile")
    assert model.export(tmp_path / "model.sql", "sqlite", table).passed


def test_what_a_dialect_cannot_express_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    model, _ = example("dates")
    with pytest.raises(
        InputError, match=r"as one query for SQLite: column 'written' holds dates written %d %b %Y"
    ):
        model.export(tmp_path / "model.sql", "sqlite")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["sqlite", "duckdb", "postgresql"])
def test_the_name_of_the_numbers_of_rows_is_taken(form: str) -> None:
    program = program_of(example("bins")[0])
    first, *others = program.columns
    renamed = replace(first, source=replace(first.source, column="Glassnet_Row"))
    (fault,) = form_named(form).faults(replace(program, columns=(renamed, *others)))
    assert "numbers the rows in a column 'glassnet_row'" in fault


def test_no_weight_stands_in_an_expression(tmp_path: Path) -> None:
    """SQLite would take a time of the square of their number to prepare the query."""
    random = np.random.default_rng(0)
    table = {**{f"c{at}": random.normal(size=50) for at in range(30)}, "y": random.normal(size=50)}
    with pytest.warns(glassnet.ResultWarning):
        model = glassnet.train(table, "y", **{**QUICK, "hidden": (60, 40), "members": 2, "bins": 0})
    model.export(tmp_path / "model.sql", check=False)
    query = (tmp_path / "model.sql").read_text(encoding="utf-8")
    outside, found = re.subn(r"VALUES [^A-Z]*(CAST[^A-Z]*AS REAL[^A-Z]*)*", "", query)
    assert found == 2 * 3
    assert len(re.findall(r"e0\b|e-\d+\b", outside)) < program_of(model).weights / 2


def wide(program: ModelProgram, inputs: int, neurons: int) -> ModelProgram:
    """``program`` with a layer of that size."""
    layer = Dense(np.zeros((inputs, neurons)), np.zeros(neurons), "relu")
    return replace(program, members=((layer, *program.members[0]),))


@pytest.mark.parametrize("form", ["sqlite", "duckdb", "postgresql"])
def test_networks_that_are_too_large_are_refused_by_one_sentence(form: str) -> None:
    own, program = form_named(form), program_of(example("bins")[0])
    assert own.faults(program) == []
    (fault,) = own.faults(wide(program, 1000, 1001))
    assert fault.startswith("1 network has 1,001,")
    assert "recipe='single'" in fault
    assert own.most_rows(program) > 1000 > own.most_rows(wide(program, 700, 1000)) >= 50
    columns = [each for each in own.faults(wide(program, 100, 1900)) if "columns" in each]
    assert len(columns) == (form != "duckdb")


def test_sums_are_not_deep() -> None:
    text = paired([str(number) for number in range(1000)], "{} + {}")
    deepest = depth = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    assert deepest == 10
    assert eval(text) == 499500
    assert quoted("it's") == "'it''s'"
