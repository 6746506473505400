"""Numbers in other forms than a single number: read as such where they are clear, else asked about."""

import pytest

from glassnet import AssumptionWarning, train
from glassnet.errors import TableError
from glassnet.tables import ReadTable, infer_schema, read_table
from glassnet.tables.schema import CATEGORY, NUMBER, Column

READ = [
    (["5 ft 11 in", "6 ft 1 in", "6 ft", "5 feet 8 inches"], [71, 73, 72, 68], "in"),
    (["5'11\"", "6' 1''", "5′8″", "6'0"], [71, 73, 68, 72], "in"),
    (["11 st 4 lb", "10 st 2 lbs", "12 stone 13 lb"], [158, 142, 181], "lb"),
    (["7 lb 3 oz", "8 lbs 10 oz", "6 lb 1.5 oz"], [115, 138, 97.5], "oz"),
    (["1m82", "1 m 75 cm", "1m60"], [1.82, 1.75, 1.6], "m"),
    (["2y 3m", "1 yr 11 mos", "4 years"], [27, 23, 48], "months"),
    (["32w 4d", "28w 0d", "40w 2d"], [228, 196, 282], "days"),
    (["1 1/2", "3/4", "2", "2 3/8"], [1.5, 0.75, 2, 2.375], ""),
    (["1½", "¾", "2,5"], [1.5, 0.75, 2.5], ""),
    (['1 1/2"', '3/4"', '2"'], [1.5, 0.75, 2], "in"),
    (["1/2", "3/4", "7/8", "1/16"], [0.5, 0.75, 0.875, 0.0625], ""),
    (["8/10", "7 out of 10", "9.5/10"], [8, 7, 9.5], "of 10"),
    (["48.2 N", "33.9 S", "N12.5"], [48.2, -33.9, 12.5], "°"),
    (["16.5° W", "120.25° W", "0.5° W"], [-16.5, -120.25, -0.5], "°"),
    (["48°12'36\"N", "33°51'36\"S", "1° 30′ S"], [48.21, -33.86, -1.5], "°"),
    (["120.50 CR", "80.00 DR", "33.10 CR"], [120.5, -80, 33.1], "CR/DR"),
    (["120.50", "80.00 CR", "33.10"], [120.5, -80, 33.1], "DR/CR"),
    (["120,50 S", "80,00 H", "1.233,10 H"], [-120.5, 80, 1233.1], "H/S"),
    (["10^3", "10^-2", "10**4"], [1000, 0.01, 10000], ""),
    (["(1.2)%", "3.4%", "(5.0) %"], [-1.2, 3.4, -5], "%"),
    (["%12", "%13.5", "%14"], [12, 13.5, 14], "%"),
]


def table_of(words: list[str]) -> ReadTable:
    return read_table({"size": words * 10, "y": [float(at) for at in range(10 * len(words))]})


def column_of(words: list[str], column_types: dict[str, str] | None = None) -> Column:
    return infer_schema(table_of(words), "y", column_types=column_types).columns[0]


@pytest.mark.parametrize(("words", "numbers", "unit"), READ)
def test_forms_are_read_as_numbers(words: list[str], numbers: list[float], unit: str) -> None:
    column = table_of(words).column("size")
    assert column.numbers[: len(words)].tolist() == pytest.approx(numbers, rel=1e-12)
    assert column.unit == unit


@pytest.mark.parametrize(
    ("words", "one", "number"),
    [
        (["5 ft 11 in", "6 ft 1 in", "6 ft"], "6 ft", 72),
        (["48.2 N", "33.9 S", "12.5 N"], "33.9 S", -33.9),
        (["120.50", "80.00 CR", "33.10"], "80.00 CR", -80),
        (["120.50 CR", "80.00 DR", "33.10 CR"], "80.00 DR", -80),
        (["8/10", "7/10", "9.5/10"], "6/10", 6),
    ],
)
def test_a_row_alone_is_read_as_the_rows_of_training(words: list[str], one: str, number: float) -> None:
    schema = infer_schema(table_of(words), "y")
    read = read_table([{"size": one}], like=schema).column("size")
    assert read.numbers.tolist() == [number]
    assert read.unit == schema.columns[0].unit


@pytest.mark.parametrize(
    "words",
    [
        ["12.5 N", "13.5 S", "7.5"],
        ["4.5 W", "60 W", "7.5 W"],
        ["120 Cr", "80.5 Cr", "33 Cr"],
        ["12 C", "13 D", "14 C"],
        ["5'40\"", "6'13\"", "5'08\""],  # minutes and seconds
    ],
)
def test_what_may_be_a_unit_is_no_sign(words: list[str]) -> None:
    column = table_of(words).column("size")
    assert column.is_text or (column.numbers > 0).all()
    assert column.unit not in ("in", "°", "C/D", "CR/DR")


@pytest.mark.parametrize(
    "words",
    [
        ["3-2", "1-0", "2-2", "0-4"],
        ["3:2", "1:0", "2:2"],
        ["120/80", "135/90", "110/70"],
        ["1/2", "3/4", "7/8"],  # fractions, or days of months
        ["48.2, 16.4", "-33.9, 151.2", "1.3, 103.8"],
        ["$3/kg", "$4/kg", "$5.5/kg"],
        ["23.4 kmpl", "18.2 kmpl", "26.6 km/kg"],
        ["10 x 20", "15 x 30", "8 x 8"],
    ],
)
def test_numbers_that_stay_words_are_asked_about(words: list[str]) -> None:
    column = column_of(words)
    assert (column.type, column.reason and column.reason.code) == (CATEGORY, "numbers_in_words")
    table = {"size": words * 10, "y": [*range(10 * len(words))]}
    with pytest.raises(TableError, match="'size': words that begin with numbers"):
        train(table, "y", epochs=1, strict=True)
    train(table, "y", epochs=1, strict=True, column_types={"size": "category"}, task="regression")


@pytest.mark.parametrize(
    ("words", "middles"),
    [
        (["18-24", "25–34", "35 to 44", "65+"], [21, 29.5, 39.5, 65]),
        (["<5", "5-10", "10-20", ">20"], [5, 7.5, 15, 20]),
        (["[0,10)", "[10,20)", "[20,30)"], [5, 15, 25]),
        (["$10K-$20K", "$20K - $30K", "$30K+"], [15e3, 25e3, 30e3]),
        (["0-2 years", "3-5 years", "6+ years", "<1 year"], [1, 4, 6, 1]),
        (["1,000 to 1,999", "2,000 to 2,999", "under 1,000"], [1499.5, 2499.5, 1000]),
    ],
)
def test_ranges_are_names_unless_they_are_declared_numbers(words: list[str], middles: list[float]) -> None:
    column = column_of(words)
    assert (column.type, str(column.reason)) == (CATEGORY, str(column.reason))
    assert "column_types={'size': 'number'}" in str(column.reason)
    declared = column_of(words, column_types={"size": "number"})
    assert (declared.type, declared.unit, declared.missing) == (NUMBER, "range", 0)
    assert table_of(words).column("size").numbers[: len(words)].tolist() == middles


def test_a_range_in_new_rows_of_numbers_is_said() -> None:
    model = train({"size": [1.5, 2.5, 3.5] * 10, "y": [*range(30)]}, "y", task="regression", epochs=1)
    with pytest.warns(AssumptionWarning, match="'range', but had no unit"):
        model.predict({"size": ["1-2"]})


@pytest.mark.parametrize(
    "words",
    [
        ["01234", "90210", "10001"],
        ["10.0.0.1", "192.168.1.1", "10.0.0.2"],
        ["+1 555 123 4567", "+1 555 987 6543", "555-1234"],
        ["978-3-16-148410-0", "978-1-4028-9462-6", "1.10.2"],
        ["1st", "2nd", "3rd"],
        ["12a", "7B", "12b"],
        ["4WD", "2WD", "3D"],
        ["red", "5 blue", "green"],
        ["01310-100", "20040-020", "30130-010"],
    ],
)
def test_codes_are_names_without_a_word(words: list[str]) -> None:
    column = column_of(words)
    assert (column.type, column.reason) == (CATEGORY, None)


def test_errors_of_spreadsheets_in_other_languages_are_missing_values() -> None:
    errors = ["#NV", "#WERT!", "#¡VALOR!", "#BEZUG!", "#N/D", "#ДЕЛ/0!"]
    words = [*(f"{at}.5" for at in range(20)), *errors]
    assert table_of(words).column("size").numbers[:20].tolist() == [at + 0.5 for at in range(20)]
    assert column_of(words).missing == 60


def test_rupees_without_paise() -> None:
    assert table_of(["Rs. 1,500/-", "Rs. 2,750/-"]).column("size").numbers[:2].tolist() == [1500, 2750]
