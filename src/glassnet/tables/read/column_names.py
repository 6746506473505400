"""The names of a table's columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from glassnet.errors import TableError
from glassnet.tables.notes import Note
from glassnet.tables.value_text import quoted


def refuse_duplicates(names: Sequence[str], where: str) -> None:
    """:class:`TableError` when a name occurs twice; ``where`` says in what."""
    twice = [field for field, times in Counter(names).items() if times > 1]
    if twice:
        raise TableError(f"{where!r} has more than one column named {quoted(twice)}; give each its own name.")


def distinct(names: Sequence[str], notes: list[Note]) -> list[str]:
    """The names, those that occur again with a number: a, a (2), a (3); with a note where there are such."""
    taken, found = set(names), dict[str, str]()
    numbers: Counter[str] = Counter()
    for name in names:
        numbers[name] += 1
        new = name
        if numbers[name] > 1:
            while (new := f"{name} ({numbers[name]})") in taken:
                numbers[name] += 1
            taken.add(new)
        found[new] = name
    renamed = {new: name for new, name in found.items() if new != name}
    if renamed:
        several = ", ".join(map(repr, dict.fromkeys(renamed.values())))
        text = f"There are several columns named {several}; the further ones are named {quoted([*renamed])}."
        notes.append(Note("duplicate_names", text))
    return [*found]


def array_names(count: int) -> list[str]:
    """x1 to xC: what the columns of an array (N, C) are called."""
    return [f"x{number}" for number in range(1, count + 1)]


def names_of(table: Any) -> Sequence[Any] | None:
    """The names of the columns of ``table``, of whatever type they are; None for what has none, as an array."""
    # PyArrow's ``columns`` are the values; and a DataFrame may have a column called "column_names"
    own = "column_names" if hasattr(type(table), "column_names") else "columns"
    names: Sequence[Any] | None = getattr(table, own, None)
    return names
