"""Months, seasons and fiscal years as dates, and times with the names of their zones."""

import numpy as np
import pyarrow as pa
import pytest

from glassnet.tables import infer_schema, read_table
from glassnet.tables.date_parsing import find_format, parse_dates
from glassnet.tables.schema import DATETIME, NUMBER, Column, Schema

PERIODS = [
    (["2024/05", "2023/12", "2022/10"], "%Y/%m", "2024-05-01"),
    (["05-2024", "12-2023", "10-2022"], "%m-%Y", "2024-05-01"),
    (["05.2024", "12.2023", "10.2022"], "%m.%Y", "2024-05-01"),
    (["2024.10", "2023.12", "2022.10", "2022.11", "2022.01"], "%Y.%m", "2024-10-01"),
    (["2023/24", "1999/00", "2021/22"], "%Y season", "2023-01-01"),
    (["2010-11", "2009-10", "2011-12"], "%Y season", "2010-01-01"),
    (["2023/2024", "2022/2023"], "%Y season", "2023-01-01"),
    (["FY2024", "FY23", "FY 99"], "%Y season", "2024-01-01"),
    (["FY 2023-24", "FY 2022-23"], "%Y season", "2023-01-01"),
    (["2023-05", "2022-10", "2010-11"], "%Y-%m", "2023-05-01"),
]


def schema_of(words: list[str]) -> Schema:
    return infer_schema(read_table({"when": words * 9, "y": [*map(float, range(9 * len(words)))]}), "y")


def column_of(words: list[str]) -> Column:
    return schema_of(words).columns[0]


@pytest.mark.parametrize(("words", "form", "first"), PERIODS)
def test_periods_are_dates(words: list[str], form: str, first: str) -> None:
    column = column_of(words)
    assert (column.type, column.format) == (DATETIME, form)
    seconds = read_table({"when": words}).column("when").seconds(form)
    assert seconds[0] == np.datetime64(first, "s").astype(int)
    assert not np.isnan(seconds).any()


@pytest.mark.parametrize(("words", "form", "first"), PERIODS)
def test_one_period_alone_is_read_as_in_training(words: list[str], form: str, first: str) -> None:
    read = read_table([{"when": words[0]}], like=schema_of(words)).column("when")
    assert read.seconds(form).tolist() == [np.datetime64(first, "s").astype(int)]


def test_months_with_a_point_are_said_and_can_be_numbers() -> None:
    [note] = [note for note in schema_of(["05.2024", "12.2023"]).notes if note.code == "ambiguous_dates"]
    assert str(note).endswith("though they could be numbers (column_types={'when': 'number'} to change).")
    few = ["2024.05", "2024.07"]
    schema = schema_of(few)
    assert schema.columns[0].type == NUMBER
    assert read_table([{"when": "2024.10"}], like=schema).column("when").numbers.tolist() == [2024.10]


def test_months_with_a_point_stay_months_beside_other_words() -> None:
    schema = schema_of(["2024.10", "2023.12", "2022.10", "2022.11", "2022.01"])
    read = read_table({"when": ["2024.10", "2024", ""]}, like=schema).column("when")
    assert read.to_list() == ["2024.10", "2024", None]


@pytest.mark.parametrize(
    "words", [["2023-25", "2020-22", "2018-20"], ["1990/2000", "2000/2010"], ["FY1", "FY2"], ["2021", "2022"]]
)
def test_other_pairs_of_years_are_no_seasons(words: list[str]) -> None:
    assert column_of(words).format is None


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2024-05-01 10:00 AEST", "2024-05-01T00:00"),
        ("2024-05-01 10:00 IST", "2024-05-01T04:30"),
        ("2024-05-01 10:00 (CET)", "2024-05-01T09:00"),
        ("2024-05-01 10:00 Europe/Berlin", "2024-05-01T08:00"),
        ("2024-01-01 10:00 Europe/Berlin", "2024-01-01T09:00"),
        ("2024-05-01T10:00:00+02:00[Europe/Berlin]", "2024-05-01T08:00"),
        ("2024-05-01 10:00 GMT+2", "2024-05-01T08:00"),
        ("2024-05-01 10:00 UTC-03:30", "2024-05-01T13:30"),
        ("May 1, 2024 10:00 AM ET", "2024-05-01T14:00"),
        ("Jan 1, 2024 10:00 PM PT", "2024-01-02T06:00"),
        ("Wed May 01 2024 10:00:00 GMT+0200 (Central European Summer Time)", "2024-05-01T08:00"),
        ("01.05.2024 10:00 Uhr MESZ", "2024-05-01T08:00"),
    ],
)
def test_named_zones_are_taken_to_utc(text: str, utc: str) -> None:
    texts = pa.array([text])
    found = find_format(texts)
    assert found is not None
    assert str(parse_dates(texts, found.format)[0].as_py()) == str(np.datetime64(utc, "s")).replace("T", " ")


def test_an_unknown_place_is_no_zone() -> None:
    words = [f"2024-05-{day:02} 10:00 Europe/Nowhere" for day in range(1, 6)]
    assert column_of(words).type != DATETIME


def test_dates_in_the_digits_of_other_scripts() -> None:
    words = [
        f"2024/05/{day}".translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")) for day in (13, 14, 15, 16)
    ]
    column = column_of(words)
    assert (column.type, column.format) == (DATETIME, "%Y/%m/%d")
