"""Notes on assumptions and omissions: a code for programs, a text, and the setting that changes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from glassnet.errors import TableError, called, report_assumptions

# Codes of what is certain, or was declared. Every other note is an assumption: it may be wrong, and would then change
# the result.
INFORMATION = frozenset(
    ("another_target", "comment_lines", "constant", "declared", "empty", "empty_rows", "groups", "missing_target",
     "number_notation", "pooled", "repeated_header", "row_names", "single_row", "trailing_separator", "two_classes",
     "unnamed_columns", "unusable_type", "unused_columns", "weights")
)  # fmt: skip


class Note(NamedTuple):
    """One thing that was assumed, or the reason for something that was decided.

    ``setting`` is the setting that changes it, set to ``value``. ``str(note)`` spells it as it is written where the
    note is shown: in Python, or on the command line.
    """

    code: str
    text: str
    setting: str | None = None
    value: Any = None

    @property
    def is_assumption(self) -> bool:
        """Whether it may be wrong, and would then change the result."""
        return self.code not in INFORMATION

    def __str__(self) -> str:
        if self.setting is None:
            return self.text
        body = self.text.removesuffix(".")
        return f"{body} ({called(self.setting, self.value)} to change){self.text[len(body) :]}"


def assumptions(notes: Iterable[Note]) -> list[Note]:
    """Those of ``notes`` that are assumptions."""
    return [note for note in notes if note.is_assumption]


def report_or_refuse(found: Sequence[Note], strict: bool) -> None:
    """Warn of assumptions, or refuse them.

    Warns:
        AssumptionWarning: all of them.

    Raises:
        TableError: all of them, with ``strict``.
    """
    if not strict:
        report_assumptions(found)
    elif found:
        advice = f"{called('strict', True)} allows no assumption; declare for each of these what holds."
        raise TableError([*map(str, found), advice])
