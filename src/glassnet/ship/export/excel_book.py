"""A workbook: its formats, lists of values that formulas refer to, and cells whose values are known beforehand."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_range_abs

from glassnet.printable import printable

INK, MUTED, LINE, SHADE, WHITE = "#1A1D21", "#555C66", "#D9DDE2", "#F1F3F5", "#FFFFFF"
POSITIVE, NEGATIVE = "#56B4E9", "#E8894A"  # tints of the colors of pictures
TYPED = "#FFF8DC"
CREATED = datetime(2000, 1, 1)  # the same model gives the same bytes
FORMATS: Mapping[str, Mapping[str, Any]] = {
    "text": {},
    "title": {"bold": True, "font_size": 16},
    "heading": {"bold": True, "font_size": 12},
    "paragraph": {"font_color": INK, "text_wrap": True, "valign": "top"},
    "note": {"font_color": MUTED},
    "aside": {"font_color": MUTED, "indent": 1},
    "head": {"bold": True, "bg_color": SHADE, "bottom": 1, "border_color": LINE},
    "head_right": {"bold": True, "bg_color": SHADE, "bottom": 1, "border_color": LINE, "align": "right"},
    "number": {"num_format": "0.0000", "border": 1, "border_color": LINE},
    "sum": {"num_format": "0.0000", "border": 1, "border_color": LINE, "bold": True},
    "result": {"num_format": "0.0000", "border": 1, "border_color": INK, "bold": True, "align": "right"},
    "value": {"border": 1, "border_color": LINE, "align": "right"},
    "typed": {"bg_color": TYPED, "border": 1, "border_color": INK, "align": "right"},
    "typed_text": {"bg_color": TYPED, "border": 1, "border_color": INK, "align": "right", "num_format": "@"},
    "typed_date": {
        "bg_color": TYPED, "border": 1, "border_color": INK, "align": "right", "num_format": "yyyy-mm-dd hh:mm:ss",
    },
    "typed_time": {
        "bg_color": TYPED, "border": 1, "border_color": INK, "align": "right", "num_format": "hh:mm:ss",
    },
}  # fmt: skip


class Sheet:
    """A sheet of a book; rows and columns count from 0."""

    def __init__(self, book: Book, name: str) -> None:
        self.name = name
        self.formats = book.formats
        self.own = book.workbook.add_worksheet(name)
        self.own.hide_gridlines(2)
        self.own.set_landscape()
        self.own.fit_to_pages(1, 0)
        self._prefix = f"'{name}'!" if " " in name else f"{name}!"

    def cell(self, row: int, column: int) -> str:
        """The cell, for formulas of all sheets."""
        return self.area(row, column, row, column)

    def area(self, first_row: int, first_column: int, last_row: int, last_column: int) -> str:
        """A range of cells, for formulas of all sheets."""
        return self._prefix + xl_range_abs(first_row, first_column, last_row, last_column)

    def text(self, row: int, column: int, text: str, form: str = "text") -> None:
        """A text, which is never a formula."""
        self.own.write_string(row, column, text, self.formats[form])

    def texts(self, row: int, column: int, texts: Sequence[str], form: str = "head") -> None:
        """Texts beside each other."""
        for at, text in enumerate(texts):
            self.text(row, column + at, text, form)

    def value(self, row: int, column: int, value: Any, form: str = "number") -> None:
        """A number, a truth or a text; nothing where it is None."""
        if value is None:
            self.own.write_blank(row, column, None, self.formats[form])
        elif isinstance(value, str):
            self.text(row, column, value, form)
        elif isinstance(value, bool):
            self.own.write_boolean(row, column, value, self.formats[form])
        else:
            self.own.write_number(row, column, float(value), self.formats[form])

    def formula(self, row: int, column: int, formula: str, known: Any, form: str = "number") -> None:
        """A formula with its value, for programs that do not compute a workbook when they open it."""
        shown = (
            known if isinstance(known, bool) else printable(known) if isinstance(known, str) else float(known)
        )
        own = formula.replace(self._prefix, "")
        self.own.write_formula(row, column, f"={own}", self.formats[form], shown)

    def paragraphs(self, row: int, texts: Sequence[str]) -> None:
        """Texts below each other in the first column, which is wide enough for 100 characters."""
        self.own.set_column(0, 0, 100)
        for at, text in enumerate(texts):
            self.text(row + at, 0, text, "paragraph")
            self.own.set_row(row + at, 17 * math.ceil(max(len(text), 1) / 95))

    def shade(
        self, first_row: int, first_column: int, last_row: int, last_column: int, largest: float
    ) -> None:
        """Color numbers from ``-largest`` to ``largest`` by their sign and size."""
        scale = {
            "type": "3_color_scale", "min_type": "num", "mid_type": "num", "max_type": "num",
            "min_value": -largest, "mid_value": 0, "max_value": largest,
            "min_color": NEGATIVE, "mid_color": WHITE, "max_color": POSITIVE,
        }  # fmt: skip
        self.own.conditional_format(first_row, first_column, last_row, last_column, scale)


class Book:
    """A workbook that is being written."""

    def __init__(self) -> None:
        self._stream = io.BytesIO()
        self.workbook = xlsxwriter.Workbook(self._stream, {"in_memory": True})
        self.workbook.set_properties({"created": CREATED, "comments": "Written by glassnet"})
        self.formats = {name: self.workbook.add_format({**own}) for name, own in FORMATS.items()}
        self._lists: dict[tuple[Any, ...], str] = {}
        self._values: Sheet | None = None

    def sheet(self, name: str) -> Sheet:
        """A new sheet."""
        return Sheet(self, name)

    def keep_lists_on(self, sheet: Sheet) -> None:
        """The sheet on which :meth:`lists` puts values."""
        self._values = sheet

    def lists(self, values: Sequence[str | float], title: str) -> str:
        """The range in which ``values`` stand, below a title; the same values stand there once."""
        assert self._values is not None
        key = (type(values[0]), *values)
        if key not in self._lists:
            column = len(self._lists)
            for row, value in enumerate(values, 1):
                self._values.value(row, column, value, "text")
            self._values.text(0, column, title, "head")
            self._lists[key] = self._values.area(1, column, len(values), column)
        return self._lists[key]

    @property
    def list_count(self) -> int:
        """How many lists there are."""
        return len(self._lists)

    def content(self) -> bytes:
        """The finished file."""
        self.workbook.close()
        return self._stream.getvalue()
