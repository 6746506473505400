"""The toy tables of the live page."""

from typing import Any

import pytest

from glassnet.errors import InputError
from glassnet.page.toys import FEATURES, TOYS, toy_table


@pytest.mark.parametrize("name", TOYS)
def test_toy_tables_have_two_columns_and_an_answer(name: str) -> None:
    table = toy_table(name, 50, 0.1, list(FEATURES))
    assert list(table) == ["x1", "x2", *FEATURES, "y"]
    assert {len(column) for column in table.values()} == {50}
    assert len(set(table["y"])) == (50 if name == "plane" else 2)


def test_toy_tables_refuse_what_they_cannot_make() -> None:
    wrong: tuple[tuple[Any, ...], ...] = (
        *(("ring",), ("xor", 5), ("xor", 50, 2.0), ("xor", 50, "a"), ("xor", 50, 0.1, ["x3"])),
        *(
            ("xor", 50, 0.1, 5),
            ("xor", 50, 0.1, [["x1²"]]),
            ("xor", 50, 0.1, [], -1),
            ("xor", 50, 0.1, [], "a"),
        ),
    )
    for arguments in wrong:
        with pytest.raises(InputError):
            toy_table(*arguments)
