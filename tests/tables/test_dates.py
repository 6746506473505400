"""Dates, times and durations as programs and people write them."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from glassnet.tables import Column, Encoder, ReadTable, infer_schema, read_table
from glassnet.tables.date_parsing import find_format, parse_dates
from written_down import through_json


def table_of(values: list[Any], name: str = "when") -> ReadTable:
    return read_table({name: values, "x": np.arange(len(values)) / 7, "y": np.arange(len(values)) % 5 + 0.5})


def column_of(values: list[Any], name: str = "when") -> Column:
    return infer_schema(table_of(values, name), "y")[name]


def seconds_of(values: list[str], fmt: str) -> list[str]:
    return [str(stamp) for stamp in parse_dates(pa.array(values), fmt).to_pylist()]


@pytest.mark.parametrize(
    ("texts", "first"),
    [
        (["2021-03-04 10:00:00+00", "2021-03-05 11:30:00+02"], "2021-03-04 10:00:00"),
        (["04MAR2021:10:00:00", "05MAR2021:11:30:00"], "2021-03-04 10:00:00"),
        (["Thu Mar  4 10:00:00 2021", "Fri Mar  5 11:30:00 2021"], "2021-03-04 10:00:00"),
        (["Thu Mar 04 10:00:00 UTC 2021", "Fri Mar 05 11:30:00 UTC 2021"], "2021-03-04 10:00:00"),
        (["04-Mar-21 10.00.00.000000 PM", "05-Mar-21 11.30.00.000000 AM"], "2021-03-04 22:00:00"),
        (["2021年3月4日", "2021年12月15日"], "2021-03-04 00:00:00"),
        (["2021年03月04日 10时30分", "2021年03月05日 11时00分"], "2021-03-04 10:30:00"),
        (["Mar-4-2021", "Dec-15-2021"], "2021-03-04 00:00:00"),
        (["March 2021", "May 2021"], "2021-03-01 00:00:00"),
        (["Sept 4, 2021", "May 15, 2021"], "2021-09-04 00:00:00"),
        (["4th March 2021", "22nd May 2021"], "2021-03-04 00:00:00"),
        (["Mar. 4, 2021", "Dec. 15, 2021"], "2021-03-04 00:00:00"),
        (["2021Q2", "2021Q4"], "2021-04-01 00:00:00"),
        (["2021-q2", "2021-q3"], "2021-04-01 00:00:00"),
        (["2Q21", "4Q21"], "2021-04-01 00:00:00"),
        (["2021-W05", "2020-W53"], "2021-02-01 00:00:00"),
        (["2021-W05-3", "2020-W53-7"], "2021-02-03 00:00:00"),
        (["2021W053", "2020W537"], "2021-02-03 00:00:00"),
        (["KW 5/2021", "KW 53/2020"], "2021-02-01 00:00:00"),
        (["Week 5, 2021", "Week 53, 2020"], "2021-02-01 00:00:00"),
        (["2021M05", "2020M12"], "2021-05-01 00:00:00"),
        (["2021-H2", "2020-H1"], "2021-07-01 00:00:00"),
        (["H2 2021", "H1 2020"], "2021-07-01 00:00:00"),
        (["01022021", "31122020"], "2021-02-01 00:00:00"),
        (["Q2 2021", "Q3 2021"], "2021-04-01 00:00:00"),
        (["2021-03-04 10:00:00 CET", "2021-07-05 10:00:00 CEST"], "2021-03-04 09:00:00"),
        (["03/04/2021 10:00 AM EST", "07/25/2021 10:00 PM EDT"], "2021-03-04 15:00:00"),
        (["04/Mar/2021:10:00:00 +0100", "05/Mar/2021:10:00:00 +0100"], "2021-03-04 09:00:00"),
    ],
)
def test_other_programs_dates(texts: list[str], first: str) -> None:
    column = column_of(texts * 15)
    assert column.type == "datetime"
    assert column.format is not None
    assert seconds_of(texts, column.format)[0] == first


@pytest.mark.parametrize(
    "texts",
    [
        ["3. März 2021", "14. Oktober 2021", "1. April 2022"],
        ["3. Mrz. 2021", "14. Okt. 2021", "1. Apr. 2022"],
        ["Mi, 03.Mär.2021", "Do, 14.Okt.2021", "Fr, 01.Apr.2022"],
        ["3 mars 2021", "14 octobre 2021", "1er avril 2022"],
        ["mercredi 3 mars 2021", "jeudi 14 oct. 2021", "vendredi 1er avr. 2022"],
        ["3 de marzo de 2021", "14 de octubre de 2021", "1 de abril de 2022"],
        ["3 marzo 2021", "14 ottobre 2021", "1º aprile 2022"],
        ["3 de março de 2021", "14 de outubro de 2021", "1 de abril de 2022"],
        ["3 maart 2021", "14 oktober 2021", "1 april 2022"],
        ["3 marca 2021", "14 października 2021", "1 kwietnia 2022"],
        ["3 марта 2021 г.", "14 октября 2021 г.", "1 апреля 2022 г."],
        ["03-MRZ-2021", "14-OKT-2021", "01-APR-2022"],
    ],
    ids=lambda texts: texts[0],
)
def test_months_may_be_named_in_other_languages(texts: list[str]) -> None:
    found = find_format(pa.array(texts))
    assert found is not None
    assert not found.ambiguous
    expected = [datetime(2021, 3, 3), datetime(2021, 10, 14), datetime(2022, 4, 1)]
    assert parse_dates(pa.array(texts), found.format).to_pylist() == expected
    for text, date in zip(
        texts, expected, strict=True
    ):  # one row to predict, whose month English may have as well
        assert parse_dates(pa.array([text]), found.format).to_pylist() == [date]


@pytest.mark.parametrize("text", ["Mar 4, 2021", "4 Mar 2021", "Sat, 4 Dec 2021", "Dec 4 2021"])
def test_english_stays_as_it_is(text: str) -> None:
    found = find_format(pa.array([text]))
    assert found is not None
    assert parse_dates(pa.array([text]), found.format)[0].as_py().day == 4


@pytest.mark.parametrize(
    "texts", [["01:30 PM", "11:15 AM"], ["9:05:10 pm", "10:00:00 am"], ["18.30.00", "07.05.10"]]
)
def test_times_of_day(texts: list[str]) -> None:
    column = column_of(texts * 15)
    assert column.reason is not None
    assert (column.type, column.reason.text) == ("datetime", "times of day")
    noon, night = seconds_of(["12:00 PM", "12:00 AM"], "%H:%M:%S")
    assert (noon, night) == ("1970-01-01 12:00:00", "1970-01-01 00:00:00")


@pytest.mark.parametrize(
    ("texts", "seconds"),
    [
        (["34:12", "10:00", "58:30"], [2052, 600, 3510]),
        (["42:00:00", "01:30:00"], [151200, 5400]),
        (["1:25.100", "1:24.950"], [85.1, 84.95]),
        (["2 days 03:10:00", "0 days 00:00:30"], [184200, 30]),
    ],
)
def test_durations_are_numbers_and_do_not_wrap(texts: list[str], seconds: list[float]) -> None:
    table = table_of(texts * 15, "took")
    assert table.column("took").to_list() == seconds * 15
    assert table.notes[0].text == "In column 'took': durations read in seconds."
    encoder = Encoder.fit(table, infer_schema(table, "y"))
    short = read_table({"took": ["10:00"], "x": [0.0]})  # which alone would be a time of day
    number = encoder["took"].to_dict()
    assert encoder.encode(short)[0][0, 0] == pytest.approx((600 - number["center"]) / number["scale"])


@pytest.mark.parametrize(
    ("years", "first"),
    [(range(45, 95), 1945), (range(20, 26), 2020), ([98, 99, 0, 1, 20], 1998), (range(30, 46), 1930)],
)
def test_years_of_two_digits_stay_together_and_are_not_of_the_future(years: Any, first: int) -> None:
    texts = [f"{day:02d}-12-{year:02d}" for year in years for day in (13, 28)]
    column = column_of(texts)
    assert column.format == f"%d-%m-%y from {first}"
    assert column.examples[0].startswith(str(first))
    assert infer_schema(table_of(texts), "y").notes[0].setting == "column_types"


def test_a_year_of_two_digits_may_stand_first() -> None:
    texts = [
        f"{year}-{month:02d}-{day:02d}"
        for year in (18, 19, 20)
        for month in (1, 7)
        for day in (3, 12, 31, 17, 9)
    ]
    assert column_of([text for text in texts if not text.endswith("07-31")]).format == "%y-%m-%d from 2018"


@pytest.mark.parametrize("rate", [1, 11])
def test_points_part_a_day_before_they_part_a_time(rate: int) -> None:
    """28.03.31 is no time of day, and 08.03.11 may be either."""
    days = np.datetime64("1931-03-02") + np.arange(0, 400 * rate, 10 * rate)
    column = column_of([f"{day:%d.%m.%y}" for day in days.astype(object)])
    assert column.type == "datetime"
    assert column.format is not None
    assert column.format.startswith("%d.%m.%y from ")
    assert not column.sentinels


@pytest.mark.parametrize("name", ["valid_to", "gueltig", "x9"])
@pytest.mark.parametrize("code", [99991231, 0, 99999999, None])
def test_whole_numbers_that_are_all_days_are_dates_whatever_their_name(name: str, code: int | None) -> None:
    days = np.datetime64("2019-03-28") + np.arange(0, 800, 13)
    numbers: list[Any] = [int(f"{day:%Y%m%d}") for day in days.astype(object)]
    column = column_of([*numbers, *[code] * 6], name)
    assert (column.type, column.format) == ("datetime", "%Y%m%d")
    assert column.examples == ("2019-03-28", "2021-05-29")
    assert column.reason is not None
    assert column.reason.is_assumption
    assert column.reason.value == {name: "number"}


@pytest.mark.parametrize(
    ("numbers", "last"),
    [
        ([year * 100 + month for year in (2020, 2021) for month in range(1, 13)], "2021-12-01"),
        ([202101010000 + 10000 * day + 930 for day in range(20)], "2021-01-20 09:30:00"),
        ([20210101000000 + 1000000 * day + 93015 for day in range(20)], "2021-01-20 09:30:15"),
    ],
)
def test_months_and_times_may_be_whole_numbers(numbers: list[int], last: str) -> None:
    column = column_of(numbers, "n")
    assert (column.type, column.examples[-1]) == ("datetime", last)


@pytest.mark.parametrize("numbers", [range(200000, 200100), range(2000, 2100), [1e300] * 9 + [5]])
def test_other_whole_numbers_are_numbers(numbers: Any) -> None:
    assert column_of(list(numbers), "date").type == "number"


@pytest.mark.parametrize(
    ("name", "first", "what"),
    [
        ("timestamp", 1577836800, "seconds since 1970: 2020-01-01 to 2020-01-01"),
        ("created_at", 1577836800_000, "milliseconds since 1970: 2020-01-01 to 2020-01-01"),
        ("Date", 43831, "days as Excel counts them: 2020-01-01 to 2020-02-19"),
    ],
)
def test_counts_of_time_are_described_where_the_name_says_so(name: str, first: int, what: str) -> None:
    numbers = [first + at for at in range(50)]
    column = column_of(numbers, name)
    assert column.type == "number"
    assert what in column.describe()
    assert column_of(numbers, "amount").reason is None


@pytest.mark.parametrize(
    "codes", [["S1", "H2", "Q3"], ["Q145", "Q287"], ["2021-W60", "2021-W70"], ["T1-24", "K3-99"]]
)
def test_codes_are_no_periods(codes: list[str]) -> None:
    assert column_of(codes * 20).type == "category"


def test_other_whole_numbers_of_eight_digits_are_numbers() -> None:
    assert column_of([20190101 + 37 * at for at in range(60)], "size").type == "number"
    assert column_of([20190101, 20190102, 20190103] * 20, "size").type == "number"


@pytest.mark.parametrize("code", ["9999-12-31", "2999-12-31"])
def test_an_open_end_is_missing_and_noted(code: str) -> None:
    texts = [code if at % 20 == 0 else f"2023-{at % 12 + 1:02d}-{at % 28 + 1:02d}" for at in range(100)]
    table = table_of(texts)
    schema = infer_schema(table, "y")
    assert schema["when"].missing == 5
    assert f"'{code}' far from all other values; taken as missing" in schema.notes[0].text
    encoder = Encoder.fit(table, schema)
    inputs, _ = encoder.encode(table, np.float64)
    assert inputs[:, encoder.input_names.index("when missing")].sum() == 5
    assert np.abs(inputs).max() < 5


@pytest.mark.parametrize("code", [-999999, 9999, -999, -99.9])
def test_a_code_far_from_all_numbers_is_missing_and_noted(code: float) -> None:
    values = [code if at % 25 == 0 else at % 37 for at in range(100)]
    table = table_of(values, "size")
    schema = infer_schema(table, "y")
    assert (schema["size"].missing, schema["size"].minimum, schema["size"].maximum) == (4, 0, 36)
    assert through_json(schema["size"]) == schema["size"]
    inputs, _ = Encoder.fit(table, schema).encode(table)
    assert np.abs(inputs).max() < 5
    as_declared = infer_schema(table, "y", column_types={"size": "number"})
    assert as_declared["size"].sentinels == ()


def test_codes_among_numbers_as_large_are_numbers() -> None:
    assert column_of([99, 150, 999, 4000] * 20, "size").sentinels == ()


def test_zeros_among_dates_of_digits_are_missing() -> None:
    column = column_of([0, 20240131, 20230510, 20231224] * 10, "start date")
    assert (column.type, column.missing, column.missing_words) == ("datetime", 10, ("0",))


def test_words_among_dates_are_missing_in_training_and_afterwards() -> None:
    table = table_of(["unknown" if at % 30 == 5 else f"2023-01-{at % 28 + 1:02d}" for at in range(90)])
    schema = infer_schema(table, "y")
    assert "words among them were taken as missing: 'unknown'" in schema.notes[0].text
    inputs, _ = Encoder.fit(table, schema).encode(table)
    assert np.isfinite(inputs).all()


@pytest.mark.parametrize(
    ("write", "seconds"),
    [
        (lambda at: f"{at}d 03:10:00", lambda at: at * 86400 + 11400),
        (lambda at: f"{at} days, 03:10:00", lambda at: at * 86400 + 11400),
        (lambda at: f"{at}h {at}m", lambda at: at * 3660),
        (
            lambda at: f"{at}h30min" if at % 3 else f"{at} min",
            lambda at: at * 3600 + 1800 if at % 3 else at * 60,
        ),
        (lambda at: f"{at} hours 5 minutes 1.5 sec", lambda at: at * 3600 + 301.5),
        (
            lambda at: f"PT{at}H30M" if at % 3 else f"P{at}DT1.5S",
            lambda at: at * 3600 + 1800 if at % 3 else at * 86400 + 1.5,
        ),
    ],
)
def test_durations_with_letters_are_seconds(write: Any, seconds: Any) -> None:
    text = "t,y\n" + "".join(f'"{write(at)}",{at}\n' for at in range(1, 41))
    assert read_table(io.BytesIO(text.encode())).column("t").to_list() == [seconds(at) for at in range(1, 41)]


@pytest.mark.parametrize("words", [["5d", "3h", "x2"], ["P1", "P2", "P3"], ["A1 m2", "B1 m2", "C2 s1"]])
def test_codes_with_letters_are_no_durations(words: list[str]) -> None:
    text = "t,y\n" + "".join(f"{words[at % 3]},{at}\n" for at in range(60))
    assert read_table(io.BytesIO(text.encode())).column("t").is_text
