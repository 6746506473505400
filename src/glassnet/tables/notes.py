"""Notes on assumptions and omissions: a code for programs, a text, and the setting that changes it."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from glassnet.errors import called


Plain: TypeAlias = bool | int | float | str | list[str] | dict[str, str] | None


class Note(NamedTuple):
    """One thing that was assumed, or the reason for something that was decided.

    ``setting`` is the setting that changes it, set to ``value``. ``str(note)`` spells it as it is written where the
    note is shown: in Python, or on the command line.
    """

    code: str
    text: str
    setting: str | None = None
    value: Plain = None

    def __str__(self) -> str:
        if self.setting is None:
            return self.text
        body = self.text.removesuffix(".")
        return f"{body} ({called(self.setting, self.value)} to change){self.text[len(body) :]}"
