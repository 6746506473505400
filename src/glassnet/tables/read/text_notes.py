"""Notes on the words and marks that were left out of a column of numbers."""

from __future__ import annotations

from glassnet.errors import plural
from glassnet.tables.notes import Note
from glassnet.tables.schema import CATEGORY
from glassnet.tables.text_columns import TypedText
from glassnet.tables.value_text import quoted


def notes_on_words(name: str, typed: TypedText) -> list[Note]:
    """What was taken as missing in a column of numbers, and which marks were left out beside them."""
    notes, change = [], {name: CATEGORY}
    if typed.strays:
        count = sum(stray.rows for stray in typed.strays.values())
        taken = f"{plural(count, 'word was', 'words were')} taken as missing"
        text = f"Column {name!r} holds numbers; {taken}: {quoted(typed.strays)}."
        notes.append(Note("words_as_missing", text, "column_types", change))
    if typed.marks:
        text = f"Column {name!r} holds numbers; marks beside them were left out: {quoted(typed.marks)}."
        notes.append(Note("marks", text, "column_types", change))
    return notes
