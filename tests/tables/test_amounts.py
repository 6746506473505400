"""Numbers with units, multipliers and stray words: read as the amounts that they are, with a note."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet.errors import TableError
from glassnet.tables import Encoder, ReadTable, infer_schema, read_table
from written_down import through_json

RNG = np.random.default_rng(0)
AMOUNTS = RNG.integers(20, 900, 240).tolist()


def read(values: list[Any], **options: Any) -> ReadTable:
    rows = "".join(f"{value}\t{at % 7}.5\n" for at, value in enumerate(values))
    return read_table(io.BytesIO(f"amount\ty\n{rows}".encode()), **options)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("{}cm", "cm"),
        ("{}㎡", "㎡"),
        ("{} sq.ft", "sq.ft"),
        ("{}°C", "°C"),
        ("₹{}", "₹"),
        ("{} min", "min"),
        ("{} miles", "miles"),
        ("{} mm", "mm"),
        ("{}%", "%"),
    ],
)
def test_a_shared_unit_is_read_away_and_noted(text: str, unit: str) -> None:
    table = read([text.format(amount) for amount in AMOUNTS])
    assert table.column("amount").to_list() == AMOUNTS
    assert table.column("amount").unit == unit
    assert table.notes[0].text.endswith(f"read without {unit!r}.")


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["1.9K", "3M", "250", "2.5K"], [1900, 3e6, 250, 2500]),
        (["239万", "1.2亿", "80万"], [2.39e6, 1.2e8, 8e5]),
        (["239万元", "1.2亿元", "80万元"], [2.39e6, 1.2e8, 8e5]),
        (["5,2 Mio. €", "300 Tsd. €", "1,1 Mrd. €"], [5.2e6, 3e5, 1.1e9]),
        (["5.2 M€", "300 k€", "1.1 Md€"], [5.2e6, 3e5, 1.1e9]),
        (["78.6 lakh", "2 crores", "5 L"], [7_860_000, 2e7, 5e5]),
        (["$5.5m", "$300k", "$2.5bn"], [5.5e6, 3e5, 2.5e9]),
        (["5.5m", "2b", "3.5m"], [5.5e6, 2e9, 3.5e6]),
        (["1,5 тыс.", "2 млн", "3 млрд"], [1500, 2e6, 3e9]),
        (["12 thousand", "1 million", "1.5 billion"], [12e3, 1e6, 1.5e9]),
        (["ca. 5.5", "12", "about 7"], [5.5, 12, 7]),
        (["٣٫٥", "١٢", "٧"], [3.5, 12, 7]),
        (["３．５", "１２", "７"], [3.5, 12, 7]),
        (["2.5×10⁻³", "1.5×10²", "3 x 10^4"], [0.0025, 150, 30000]),
        (["2.5D+02", "1.5d-01", "3.D+00"], [250, 0.15, 3]),
        (["$1.5M", "$300K", "$2B"], [1.5e6, 3e5, 2e9]),
        (["4,25,000", "12,34,567", "99,999"], [425000, 1234567, 99999]),
        (["<1.0", "2.5", "3.5", "7"], [1.0, 2.5, 3.5, 7]),
        (["1 year", "2 years", "10+ years"], [1, 2, 10]),
    ],
)
def test_multipliers_groups_and_bounds(texts: list[str], numbers: list[float]) -> None:
    assert read(texts * 20).column("amount").to_list() == numbers * 20


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["150.25-", "80.00", "1,310.50-"], [-150.25, 80.0, -1310.5]),
        (["150,25 -", "80,00", "1.310,50 -"], [-150.25, 80.0, -1310.5]),
        (["$(1,200.00)", "$80.00", "$(15.50)"], [-1200.0, 80.0, -15.5]),
        (["(4.5%)", "3.1%", "(12.0%)"], [-4.5, 3.1, -12.0]),
        (["250.–", "80.–", "1'310.–"], [250.0, 80.0, 1310.0]),
        (["75,- €", "80,- €", "110,- €"], [75.0, 80.0, 110.0]),
        (["Fr. 75", "Fr. 80.50", "Fr. 1'110"], [75.0, 80.5, 1110.0]),
        (["3 Tsd.", "4,5 Tsd.", "2 Mrd."], [3000.0, 4500.0, 2e9]),
    ],
)
def test_signs_and_cents_stand_where_banks_write_them(texts: list[str], numbers: list[float]) -> None:
    table = read(texts * 20)
    assert table.column("amount").to_list()[: len(numbers)] == pytest.approx(numbers)
    if texts[0].endswith("-"):
        assert "a minus behind a number read as its sign" in str(table.notes[0])


@pytest.mark.parametrize(
    ("texts", "numbers", "unit"),
    [
        (["500 GB", "1 TB", "250 GB"], [500, 1000, 250], "GB"),
        (["70 kg", "900 g", "85 kg"], [70, 0.9, 85], "kg"),
        (["5 mm", "2 m", "7 mm", "1 cm"], [5, 2000, 7, 10], "mm"),
    ],
)
def test_metric_units_are_converted_to_the_most_frequent(
    texts: list[str], numbers: list[float], unit: str
) -> None:
    table = read(texts * 20)
    assert table.column("amount").to_list()[: len(numbers)] == numbers
    assert table.column("amount").unit == unit
    assert f"converted to {unit!r}" in table.notes[0].text


@pytest.mark.parametrize(
    "texts", [["5 kg", "7 lb"], ["12 km", "7 miles"], ["2 mil", "3 mld"], ["20 °C", "68 °F"]]
)
def test_units_that_cannot_be_converted_are_not_mixed(texts: list[str]) -> None:
    assert read(texts * 20).column("amount").is_text


@pytest.mark.parametrize("grades", [["1-", "2", "3-"], ["1-", "2+", "2"], ["100-", "90+", "80"]])
def test_grades_are_not_negative(grades: list[str]) -> None:
    assert read(grades * 20).column("amount").to_list()[:3] == grades


@pytest.mark.parametrize(
    "texts", [["12A", "13B", "4F"], ["A12", "B7"], ["5-10", "10-15"], ["1st", "2nd"], ["<=50K", ">50K"]]
)
def test_codes_are_no_amounts(texts: list[str]) -> None:
    assert read(texts * 20).column("amount").is_text


@pytest.mark.parametrize("word", ["ND", "*", "see note"])
def test_one_word_among_many_numbers_is_missing_however_frequent(word: str) -> None:
    table = read([word if at % 6 == 0 else amount for at, amount in enumerate(AMOUNTS)])
    assert table.column("amount").missing == 40
    assert repr(word) in table.notes[0].text
    assert str(table.notes[0]).endswith("(column_types={'amount': 'category'} to change).")


@pytest.mark.parametrize("stray", ["PAY_0", "n/a2", "V4.1"])
def test_a_single_slip_does_not_make_words_of_hundreds_of_numbers(stray: str) -> None:
    table = read([stray, *AMOUNTS])
    assert infer_schema(table, "y")["amount"].missing_words == (stray,)


def test_another_unit_at_prediction_is_refused_and_a_missing_one_noted() -> None:
    table = read([f"{amount} kg" for amount in AMOUNTS])
    encoder = Encoder.fit(table, infer_schema(table, "y"))
    assert through_json(encoder) == encoder
    with pytest.raises(TableError, match="'amount' has the unit 'lb', but had 'kg' in training; convert it"):
        encoder.encode(read(["154 lb", "160 lb"]))
    _, notes = encoder.encode(read([70, 80]))
    assert "has no unit, but had 'kg' in training" in notes[0].text


def test_what_a_file_shows_goes_before_what_training_showed() -> None:
    schema = infer_schema(read_table(io.BytesIO(b"a;b;y\n1,5;2,25;3\n2,5;3,25;4\n0,5;1,75;5\n")), "y")
    assert schema.decimal == ","
    own = read_table(io.BytesIO(b"a,b\n1.234,2.5\n"), like=schema)
    assert own.to_arrow().to_pydict() == {"a": [1.234], "b": [2.5]}
    silent = read_table(io.BytesIO(b"a;b\n1.234;2\n"), like=schema)
    assert silent.column("a").to_list() == [1234]


def test_rows_to_predict_may_all_be_bounds() -> None:
    values = [f"{'<' if at % 5 == 0 else ''}{at / 4}" for at in range(1, 101)]
    trained = read(values)
    schema = infer_schema(trained, "y")
    encoder = Encoder.fit(trained, schema)
    bounds, numbers = (read(own, like=schema) for own in (["<3.5", ">=20"], [3.5, 20]))
    np.testing.assert_array_equal(encoder.encode(bounds)[0], encoder.encode(numbers)[0])


def test_a_file_cut_at_semicolons_has_decimal_commas_though_training_had_points() -> None:
    schema = infer_schema(read_table(io.BytesIO(b"a,b,y\n0.143,2,3\n2.286,3,4\n7.571,4,5\n")), "y")
    own = read_table(io.BytesIO(b"a;b\n1,234;2\n2,345;3\n"), like=schema)
    assert own.column("a").to_list() == [1.234, 2.345]
    assert [note.code for note in own.notes if note.is_assumption] == ["open_mark"]
    points = read_table(io.BytesIO(b"a;b\n1.234;2\n2.345;3\n"), like=schema)
    assert points.column("a").to_list() == [1.234, 2.345]
    grouped = read_table(io.BytesIO(b'a,b\n"1,234",2\n'), like=schema)
    assert grouped.column("a").to_list() == [1234]


def test_a_target_of_many_words_that_begin_with_digits_is_questioned() -> None:
    words = [f"{amount} {'kg' if amount % 2 else 'lb'}" for amount in RNG.integers(10, 60, 300)]
    notes = infer_schema(read_table({"x": RNG.normal(size=300), "y": words}), "y").notes
    assert "classes that begin with digits" in notes[0].text
    assert notes[0].setting == "column_types"


def test_another_unit_of_the_target_is_refused() -> None:
    def prices(mark: str) -> dict[str, Any]:
        return {"x": [*range(40)], "price": [f"{mark}{100 + at}" for at in range(40)]}

    model = glassnet.train(prices("$"), "price", hidden=2, epochs=2, seed=1, recipe="single")
    with pytest.raises(
        TableError, match="The target 'price' has the unit '€', but had '\\$' in training; convert it"
    ):
        model.evaluate(prices("€"))
    expected = model.evaluate(prices("$"))["rmse"]
    assert model.evaluate(prices(""))["rmse"] == expected
    bare = glassnet.train(prices(""), "price", hidden=2, epochs=2, seed=1, recipe="single")
    with pytest.raises(TableError, match="but had none in training"):
        bare.evaluate(prices("$"))


def test_a_few_values_of_another_unit_are_missing_and_do_not_decide_for_the_column() -> None:
    table = read([f"{amount}.5" for amount in AMOUNTS] + ["77.6 lb", "30.7 lb"])
    assert table.column("amount").missing == 2
    assert "2 words were taken as missing: '77.6 lb', '30.7 lb'" in table.notes[0].text
