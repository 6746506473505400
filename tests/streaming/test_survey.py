"""The sample of a table in files: every row as likely as any other, and no value is overlooked."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from glassnet.streaming import survey as surveys
from glassnet.streaming.survey import Sample, Survey
from glassnet.tables.read import block_sources as reading
from glassnet.tables.read.blocks import TableBlocks
from tables_on_disk import a_table, write_parts

KEY = np.uint64(12345)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surveys, "MOST", 500)
    monkeypatch.setattr(surveys, "WORDS", 200)
    monkeypatch.setattr(reading, "ROWS", 700)


def survey(folder: Path, targets: tuple[str, ...] = (), key: np.uint64 = KEY) -> Survey:
    blocks = TableBlocks.of(folder)
    assert blocks is not None
    return Survey.of(blocks, targets, key, 2**30)


def test_a_small_table_is_its_own_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surveys, "MOST", 10_000)
    found = survey(write_parts(tmp_path / "t", a_table(3000)))
    assert found.weights is None
    assert found.rows == found.table.num_rows == 3000
    assert found.table.to_arrow().equals(a_table(3000).cast(found.table.to_arrow().schema))


def test_the_weights_are_the_rows_for_which_the_sample_stands(tmp_path: Path) -> None:
    found = survey(write_parts(tmp_path / "t", a_table(20_000)))
    assert found.weights is not None
    assert found.random.sum() == 500
    assert found.weights.sum() == pytest.approx(20_000)
    assert (found.weights[~found.random] == 1).all()


def test_every_row_is_as_likely_as_any_other() -> None:
    blocks = [pa.table({"x": np.arange(start, start + 500)}) for start in range(0, 5000, 500)]
    counts = np.zeros(5000)
    for key in range(60):
        sample = Sample(np.uint64(key), 2**30)
        for number, block in enumerate(blocks):
            sample.add(block, 500 * number, np.zeros(500, np.bool_))
        raw, numbers, random = sample.rows("the table")
        assert raw.column("x").to_pylist() == numbers.tolist()
        assert random.all()
        counts[numbers] += 1
    expected = 60 * 500 / 5000
    tenths = counts.reshape(10, -1).mean(axis=1)
    assert tenths == pytest.approx(np.full(10, expected), rel=0.08)
    assert counts.var() == pytest.approx(expected * 0.9, rel=0.15)  # of independent draws


def test_the_sample_does_not_depend_on_the_files(tmp_path: Path) -> None:
    first = survey(write_parts(tmp_path / "one", a_table(20_000), 1))
    second = survey(write_parts(tmp_path / "many", a_table(20_000), 7))
    assert np.array_equal(first.numbers[first.random], second.numbers[second.random])


def test_what_a_single_row_has_is_in_the_sample(tmp_path: Path) -> None:
    table = a_table(20_000)
    columns = {name: table.column(name).to_pylist() for name in table.column_names}
    columns["a"][11_111] = 1e6
    columns["b"][19_999] = None
    columns["color"][7_777] = "violet"
    columns["grade"][15_000] = "excellent"
    columns["code"] = [at % 3 for at in range(20_000)]
    columns["code"][12_345] = 9
    found = survey(write_parts(tmp_path / "t", pa.table(columns)), ("grade",))
    assert {11_111, 19_999, 7_777, 15_000, 12_345} <= set(found.numbers[~found.random].tolist())
    assert found.missing["b"] == 1
    assert found.missing["a"] == table.column("a").null_count


def test_a_word_among_the_numbers_of_a_text_is_in_the_sample(tmp_path: Path) -> None:
    table = a_table(20_000)
    numbers = [f"{value:.3f}" for value in table.column("b").to_pylist()]
    numbers[13_131] = "unknown!"
    folder = write_parts(tmp_path / "t", table.set_column(1, "b", pa.array(numbers)), form="csv")
    assert 13_131 in survey(folder).numbers


def test_a_column_that_counts_the_rows_is_recognized(tmp_path: Path) -> None:
    table = a_table(5000).append_column("id", pa.array(range(5000)))
    table = table.append_column("not", pa.array([*range(4999), 0]))
    assert survey(write_parts(tmp_path / "t", table)).counting == ("id",)
