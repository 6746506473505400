"""infer_schema: the kind of each column and why, the task, and every fault at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from glassnet.errors import TableError
from glassnet.tables import Column, Schema, infer_schema, penguins_path, read_table
from written_down import through_json

N = 400
RNG = np.random.default_rng(0)


def kind_of(values: list[Any], name: str = "column", **options: Any) -> Column:
    table = read_table(
        {name: values, "other": list(RNG.normal(size=len(values))), "y": list(RNG.normal(size=len(values)))}
    )
    return infer_schema(table, "y", **options).columns[0]


def reason_of(column: Column) -> str:
    assert column.reason is not None
    return column.reason.text


def target_of(values: list[Any], **options: Any) -> Schema:
    return infer_schema(read_table({"x": RNG.normal(size=len(values)), "y": values}), "y", **options)


def fault_of(columns: dict[str, Any], target: Any, **options: Any) -> str:
    with pytest.raises(TableError) as caught:
        infer_schema(read_table(columns), target, **options)
    return str(caught.value)


def test_penguins() -> None:
    schema = infer_schema(read_table(penguins_path()), "species")
    assert schema.task == "multiclass"
    assert [column.type for column in schema.columns] == ["category", *["number"] * 4, "category", "number"]
    assert [column.missing for column in schema.columns] == [0, 2, 2, 2, 2, 11, 0]
    assert schema.describe()[0] == ("species", "target, multiclass", "3 levels: Adelie, Gentoo, Chinstrap")
    assert through_json(schema) == schema


@pytest.mark.parametrize(
    ("values", "name", "kind"),
    [
        ([1.5, 2.5] * 200, "size", "number"),
        ([0, 1] * 200, "flag", "number"),
        (["Yes", "no"] * 200, "flag", "boolean"),
        ([True, False] * 200, "flag", "boolean"),
        (["red", "green", "blue", None] * 100, "color", "category"),
        (list(range(1, N + 1)), "PassengerId", "unusable"),
        (list(range(N)), "column 1", "unusable"),
        (list(range(N)), "obs", "unusable"),
        (list(range(N)), "temperature", "number"),
        (list(range(N)), "year", "number"),
        (list(range(1, 11)), "x", "number"),
        ([i % 9 for i in range(N)], "store_id", "category"),
        ([i % 9 for i in range(N)], "acid", "number"),
        ([f"K{i}" for i in range(N)], "code", "unusable"),
        ([f"Mrs {i} of the house {i}" for i in range(N)], "words", "unusable"),
        ([f"{i:08x}-1234-1234-1234-{i:012x}" for i in range(N)], "u", "unusable"),
        ([7] * N, "constant", "unusable"),
        ([None] * N, "gone", "unusable"),
        (["x", None] * 200, "tick", "category"),
        ([[1]] * N, "lists", "unusable"),
        (["2024-01-31", "2024-02-01"] * 200, "d", "datetime"),
        ([20240131, 20231224] * 200, "date", "datetime"),
    ],
)
def test_kinds(values: list[Any], name: str, kind: str) -> None:
    column = kind_of(values, name)
    assert column.type == kind, column
    assert column.reason or kind != "unusable"


@pytest.mark.parametrize(
    ("texts", "fmt"),
    [
        (["31/12/2024", "01/02/2024"], "%d/%m/%Y"),
        (["12/31/2024", "01/02/2024"], "%m/%d/%Y"),
        (["31.12.2024", "1.2.2024"], "%d.%m.%Y"),
        (["2024/12/31", "2024/01/02"], "%Y/%m/%d"),
        (["Jan 5, 2024", "December 31, 2023"], "%b %d, %Y"),
        (["5 Jan 2024", "31 Dec 2023"], "%d %b %Y"),
        (["05-Jan-24", "31-Dec-23"], "%d-%b-%y from 2023"),
        (["2024-01-05T10:30:00Z", "2024-01-05T10:30:00.25+02:00"], "%Y-%m-%d"),
        (["1/31/24 3:04 PM", "2/1/24 11:00 AM"], "%m/%d/%y from 2024"),
        (["20141013T000000", "20150225T000000"], "%Y%m%d"),
        (["12:30", "9:05"], "%H:%M:%S"),
    ],
)
def test_dates(texts: list[str], fmt: str) -> None:
    column = kind_of(texts * 20, "when")
    assert (column.type, column.format) == ("datetime", fmt)


@pytest.mark.parametrize("time", ["T10:30:00", " 3:04 PM", "T103000"])
def test_times_of_dates_are_noted(time: str) -> None:
    days = ["2024-01-31", "2024-02-01"]
    assert reason_of(kind_of(days, "when")) == "dates written %Y-%m-%d"
    assert (
        reason_of(kind_of([day + time for day in days], "when")) == "dates written %Y-%m-%d and a time of day"
    )


def test_ambiguous_dates_are_reported_and_can_be_settled() -> None:
    texts = ["1/2/2024", "3/4/2024", "5/6/2024"] * 9
    column = kind_of(texts, "when")
    assert column.format == "%m/%d/%Y"
    assert "another order" in reason_of(column)
    assert kind_of(texts, "when", column_types={"when": "datetime:%d/%m/%Y"}).format == "%d/%m/%Y"


def test_a_counter_is_an_input_when_there_is_no_other() -> None:
    table = read_table({"step": np.arange(200), "y": np.sin(np.arange(200))})
    assert infer_schema(table, "y").columns[0].type == "number"
    table = read_table({"n": np.arange(200), "y": np.sin(np.arange(200))})
    assert infer_schema(table, "y").columns[0].type == "number"


def test_numeric_arrays_are_numbers_throughout() -> None:
    table = read_table(np.stack([np.arange(200.0), *RNG.normal(size=(2, 200))], axis=1))
    reason = infer_schema(table, "x2").columns[0].reason
    assert reason is not None
    assert reason.code == "counts"
    assert infer_schema(table, "x2", numeric=True).columns[0].reason is None


@pytest.mark.parametrize(
    ("values", "task"),
    [
        ([0, 1] * 20, "binary"),
        ([0, 1], "binary"),
        ([-1, 1] * 5, "binary"),
        ([3, 7] * 20, "binary"),
        ([1, 2, 3, 4] * 10, "multiclass"),
        ([0.0, 1.0, 2.0, None] * 10, "multiclass"),
        ([3, 4, 5, 6, 7, 8, 9] * 10, "regression"),
        (list(range(1, 30)) * 5, "regression"),
        ([1, 2, 3, 4, 5], "regression"),
        ([0.5, 1.5] * 20, "regression"),
        (["a", "b"] * 20, "binary"),
        (["a", "b", "c"] * 20, "multiclass"),
        ([True, False] * 20, "binary"),
    ],
)
def test_tasks(values: list[Any], task: str) -> None:
    assert target_of(values).task == task


def test_the_task_can_be_declared() -> None:
    assert target_of([0, 1] * 20, task="regression").task == "regression"
    assert target_of([3, 4, 5] * 20, task="classification").task == "multiclass"
    assert target_of([3, 4] * 20, task="classification").task == "binary"
    assert target_of([3, 4, 5] * 20, column_types={"y": "category"}).task == "multiclass"
    assert "task='regression' to change" in str(target_of([1, 2, 3] * 20).notes[0])


def test_several_targets() -> None:
    table = read_table({"x": [1.5, 2, 3], "a": [1.0, 2, 4], "b": [0.5, 0.1, 0.2]})
    schema = infer_schema(table, ["a", "b"])
    assert schema.task == "regression"
    assert [column.name for column in schema.target] == ["a", "b"]
    assert [column.name for column in schema.inputs] == ["x"]


def test_assumptions_are_noted() -> None:
    table = read_table({"x": [1.5, 2, 3, 4], "k": [1] * 4, "gone": [None] * 4, "y": ["a", "a", "b", None]})
    notes = "\n".join(map(str, infer_schema(table, "y").notes))
    assert "1 row without a value of the target" in notes
    assert "single row of 'b'" in notes
    assert "'k' is left out: the same value (1) in every row" in notes
    assert "'gone' is left out: no value at all" in notes


GOOD: dict[str, Any] = {"size": [1.5, 2, 3, 4], "word": ["p", "q", "p", "q"], "y": [1.5, 2, 3, 5]}


@pytest.mark.parametrize(
    ("columns", "target", "options", "message"),
    [
        (GOOD, "sise", {}, "not among the columns. Did you mean 'size'"),
        (GOOD, "zzzzz", {}, "The columns are 'size', 'word', 'y'"),
        ({**GOOD, "y": [None] * 4}, "y", {}, "no value in any row"),
        ({**GOOD, "y": [3] * 4}, "y", {}, "is '3' in every row"),
        ({**GOOD, "y": [1, 2, np.inf, 4]}, "y", {}, "row 2: inf"),
        (
            {**GOOD, "size": [1, -np.inf, 2, 3]},
            "y",
            {},
            "Column 'size' holds 1 infinite value (row 1: -inf)",
        ),
        ({"y": [1.5, 2, 3], "k": [1, 1, 1]}, "y", {}, "no column to predict from"),
        (GOOD, "word", {"task": "regression"}, "regression needs numbers"),
        (GOOD, ["y", "word"], {}, "regression needs numbers"),
        ({**GOOD, "word": list("pqrs")}, "word", {}, "too many to be classes"),
        ({**GOOD, "y": [1.5, 2.5, 3.5, 4.5]}, "y", {"task": "classification"}, "Use task='regression'"),
        ({**GOOD, "y": [1, 2, 3, 3]}, "y", {"task": "binary"}, "needs two classes"),
        (GOOD, "y", {"task": "regresion"}, "Did you mean 'regression'"),
        (GOOD, "y", {"column_types": {"wrd": "number"}}, "not in the table. Did you mean 'word'"),
        (GOOD, "y", {"column_types": {"word": "nummer"}}, "Did you mean 'number'"),
        (GOOD, "y", {"column_types": {"word": "number"}}, "it holds words ('p', 'q')"),
        (GOOD, "y", {"column_types": {"word": "datetime"}}, "no date format fits"),
        (GOOD, "y", {"column_types": {"size": "boolean"}}, "more than two values"),
        ({"a": [1], "y": [2]}, "y", {}, "one row"),
    ],
)
def test_faults(columns: dict[str, Any], target: Any, options: dict[str, Any], message: str) -> None:
    assert message in fault_of(columns, target, **options)


def test_faults_come_together() -> None:
    columns = {**GOOD, "size": [1, np.inf, 2, 3], "y": [1] * 4}
    message = fault_of(columns, "y", column_types={"word": "number"})
    assert len(message.splitlines()) == 3


def test_types_can_be_declared() -> None:
    assert kind_of([1, 2, 3, 4] * 9, column_types={"column": "category"}).type == "category"
    assert kind_of([1, 2, 3, 4] * 9, column_types={"column": "ignore"}).type == "unusable"
    assert kind_of(list(range(N)), "id", column_types={"id": "number"}).type == "number"
    column = kind_of(["1", "2", "3", "V4"] * 9, column_types={"column": "number"})
    assert (column.type, column.missing, column.missing_words) == ("number", 9, ("V4",))


def test_a_sweep_is_kept_and_noted() -> None:
    table = read_table({"temperature": np.arange(200), "y": np.sin(np.arange(200))})
    [note] = infer_schema(table, "y").notes
    assert (note.code, note.setting, note.value) == ("counts", "column_types", {"temperature": "ignore"})


@pytest.mark.parametrize(
    "name",
    [
        "Body mass index",
        "UV Index",
        "Rooms no",
        "stock_index",
        "sort key",
        "Number of rows",
        "number",
        "MoodIndex",
    ],
)
def test_amounts_are_no_ids_by_a_word_behind_another(name: str) -> None:
    for values in (RNG.permutation(50) + 3000, RNG.integers(0, 9, 50)):
        assert kind_of([int(value) for value in values], name).type == "number"


@pytest.mark.parametrize(
    "name", ["index", "index_1", "row index", "Customer No", "customerNo", "order key", "row 2"]
)
def test_ids_by_name(name: str) -> None:
    assert kind_of([int(value) for value in RNG.permutation(50)], name).type == "unusable"


@pytest.mark.parametrize("name", ["重さ", "вес", "größe", "no children", "NoVacc"])
def test_whole_numbers_are_no_ids_by_a_name_that_calls_them_none(name: str) -> None:
    assert kind_of([int(value) for value in RNG.permutation(50)], name).type == "number"


@pytest.mark.parametrize("name", ["No", "order no.", "Nr", "客户 id", "__"])
def test_whole_numbers_are_ids_by_their_name(name: str) -> None:
    assert kind_of([int(value) for value in RNG.permutation(50)], name).type == "unusable"


def test_numbers_with_the_digits_of_codes_can_be_amounts() -> None:
    """Words as they stand, since a float would round them; numbers where somebody says so."""
    amounts = [str(10**20 + 7 * 10**18 * value) for value in range(30)]
    words = kind_of(amounts)
    assert (words.type, reason_of(words).partition(":")[0]) == (
        "unusable",
        "numbers written as codes are",
    )
    assert kind_of(amounts, column_types={"column": "number"}).maximum == 3.03e20
    with pytest.raises(TableError, match=r"or set column_types=\{'y': 'number'\} if its numbers are amounts"):
        target_of(amounts)
    with pytest.raises(TableError, match=r"needs numbers; set column_types=\{'y': 'number'\} if"):
        target_of(amounts, task="regression")
    assert target_of(amounts, column_types={"y": "number"}).task == "regression"


def test_values_of_many_characters_and_lines_are_reported_in_one() -> None:
    values = ["a\nb", "long " * 1000]
    column = kind_of(values * 20)
    assert column.examples == ("a\nb", ("long " * 1000).strip())
    assert column.describe() == "2 levels: a b, long long long long long long long long…"


def test_of_free_text_only_beginnings_are_kept() -> None:
    """They go into the model file, and nothing needs more of them."""
    column = kind_of([f"letter {number} " * 1000 for number in range(40)])
    assert column.type == "unusable"
    assert len(column.examples) == 5
    assert max(map(len, column.examples)) == 40


def test_a_target_of_lists_is_refused() -> None:
    with pytest.raises(TableError, match="'y' holds list<item: int64> values, not numbers, words or dates"):
        infer_schema(read_table({"x": [1.0, 2.0, 3.0], "y": [[1], [2], [3]]}), "y")


def test_numbers_beyond_float64_are_not_called_the_same() -> None:
    """From 2**53 on float64 has gaps: labels stay apart, amounts and inputs cannot, and a note says so."""
    large = [2**55 + 1 + 2 * (number % 2) for number in range(20)]
    table = read_table({"a": [*range(10)] * 2, "k": large, "y": large})
    schema = infer_schema(table, "y", task="classification", column_types={"a": "number"})
    assert (schema.task, schema.target[0].levels) == ("binary", 2)
    assert (
        reason_of(schema.columns[1])
        == "the same value (3.60288e+16) in every row, as far as float64 can tell"
    )
    for task in (None, "regression"):
        with pytest.raises(
            TableError, match=r"the same to float64 \('36028797018963969', '36028797018963971'\)"
        ):
            infer_schema(table, "y", task=task)


@pytest.mark.parametrize(("name", "found"), [("0", "number"), ("12", "number"), ("#", "category")])
def test_the_number_of_a_column_is_no_name_of_an_id(name: str, found: str) -> None:
    """Frames made from arrays have columns 0, 1, 2, ..."""
    values = [at % 7 for at in range(60)]
    table = read_table({name: values, "other": values, "y": [value * 0.5 for value in values]})
    schema = infer_schema(table, "y")
    assert schema.columns[0].type == found
