"""``Printable``: the base of records that are shown as blocks of text."""

from __future__ import annotations

from typing import Any

from glassnet.text.blocks import Block
from glassnet.text.markdown import to_markdown
from glassnet.text.markup import to_html, to_latex
from glassnet.text.plain import fields_of, to_json
from glassnet.text.text_form import WIDTH, to_text

SCREEN = 30  # lines


class Printable:
    """A record that is shown as blocks, and so can be printed as text, Markdown, LaTeX and HTML, also by notebooks."""

    def blocks(self, *args: Any, **options: Any) -> list[Block]:
        """What is shown."""
        raise NotImplementedError

    def to_text(self, *, width: int = WIDTH, **options: Any) -> str:
        """Plain text; tables and paragraphs fit into ``width`` characters. For the options see :meth:`blocks`."""
        return to_text(self.blocks(**options), width)

    def to_latex(self, **options: Any) -> str:
        """LaTeX, to be put into a document. For the options see :meth:`blocks`."""
        return to_latex(self.blocks(**options))

    def to_html(self, **options: Any) -> str:
        """A fragment of HTML. For the options see :meth:`blocks`."""
        return to_html(self.blocks(**options))

    def to_markdown(self, **options: Any) -> str:
        """Markdown, with tables as GitHub has them. For the options see :meth:`blocks`."""
        return to_markdown(self.blocks(**options))

    def to_dict(self) -> dict[str, Any]:
        """All figures, as JSON can hold them: arrays as lists, numbers that are not finite as ``None``."""
        return fields_of(self)

    def to_json(self) -> str:
        """One line of JSON with what :meth:`to_dict` returns."""
        return to_json(self)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        """The text, or where it is longer than a screen the first lines of it."""
        lines = self.to_text().split("\n")
        if len(lines) <= SCREEN:
            return "\n".join(lines)
        left = len(lines) - SCREEN + 2
        return "\n".join([*lines[:-left], "", f"… and {left} more lines, which print() shows"])

    def _repr_html_(self) -> str:
        return self.to_html()
