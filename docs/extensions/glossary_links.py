"""The first mention of a term on a page leads to its entry in the glossary."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util.typing import ExtensionMetadata

GLOSSARY = Path(__file__).parents[1] / "glossary.md"
# These pages link terms themselves, or are about other things.
LEFT_OUT = ("changes", "contributing", "glossary", "index", "notebooks/", "reference/")
# Words that also have their everyday meaning.
EVERYDAY = {
    "class",
    "input",
    "level",
    "member",
    "output",
    "prediction",
    "row",
    "setting",
    "slope",
    "step",
    "task",
}


def terms() -> list[str]:
    """The terms of the glossary, the longest first."""
    found = re.findall(r"^(\S.*)\n  \S", GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE)
    return sorted(set(found) - EVERYDAY, key=len, reverse=True)


class GlossaryLinks(SphinxTransform):
    """Links words of running text; not those of headings, tables, code and other links."""

    default_priority = 650

    def apply(self, **kwargs: Any) -> None:
        if self.env.docname.startswith(LEFT_OUT):
            return
        new = terms()
        for text in list(self.document.findall(nodes.Text)):
            if isinstance(text.parent, nodes.paragraph) and not isinstance(text.parent.parent, nodes.entry):
                parts = list(self._linked(str(text), new))
                if len(parts) > 1:
                    text.parent.replace(text, parts)

    def _linked(self, text: str, new: list[str]) -> list[nodes.Node]:
        """``text`` as nodes, with a link for each term in it that is ``new`` on the page."""
        parts: list[nodes.Node] = []
        while match := re.search(rf"\b({'|'.join(map(re.escape, new))})s?\b", text) if new else None:
            new.remove(match[1])
            link = addnodes.pending_xref(
                "",
                nodes.inline("", match[0]),
                refdomain="std",
                reftype="term",
                reftarget=match[1],
                refexplicit=True,
            )
            link["refdoc"] = self.env.docname
            parts += [nodes.Text(text[: match.start()]), link]
            text = text[match.end() :]
        return [*parts, nodes.Text(text)]


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_transform(GlossaryLinks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
