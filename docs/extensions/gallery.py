"""The pictures of the page ``gallery``: below each block of code is the picture that its last line draws."""

from __future__ import annotations

import ast
import hashlib
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util.typing import ExtensionMetadata

PAGE = "gallery"
DPI = 120


class Pictures(SphinxTransform):
    """Runs the blocks of Python one after the other in one namespace, and draws each picture in both themes."""

    default_priority = 10  # before images are collected

    def apply(self, **kwargs: Any) -> None:
        if self.env.docname != PAGE:
            return
        self.folder = Path(self.app.doctreedir).parent / "pictures"
        self.folder.mkdir(parents=True, exist_ok=True)
        namespace: dict[str, Any] = {}
        for block in list(self.document.findall(nodes.literal_block)):
            if block.get("language") == "python":
                place = block.parent.index(block) + 1
                block.parent[place:place] = list(self._run(block.astext(), namespace))

    def _run(self, code: str, namespace: dict[str, Any]) -> list[nodes.image]:
        *statements, last = ast.parse(code).body
        draws = isinstance(last, ast.Expr) and isinstance(last.value, ast.Call)
        before = statements if draws else [*statements, last]
        exec(compile(ast.Module(before, []), PAGE, "exec"), namespace)
        return [self._draw(last.value, theme, namespace) for theme in ("light", "dark")] if draws else []

    def _draw(self, call: ast.Call, theme: str, namespace: dict[str, Any]) -> nodes.image:
        """The picture of ``call``, made with the argument ``theme``, as a file."""
        from glassnet.pictures import save

        keywords = [*call.keywords, ast.keyword("theme", ast.Constant(theme))]
        themed = ast.fix_missing_locations(ast.Expression(ast.Call(call.func, call.args, keywords)))
        ax = eval(compile(themed, PAGE, "eval"), namespace)
        name = hashlib.sha256(ast.unparse(call).encode()).hexdigest()[:12]
        path = self.folder / f"{name}-{theme}.png"
        save(ax, path, dpi=DPI)
        uri = Path("..", path.relative_to(Path(self.env.srcdir).parent)).as_posix()
        return nodes.image(uri=uri, alt=ax.get_title("left"), classes=[f"only-{theme}"])


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_transform(Pictures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
