"""Links to files of the package lead to the pages of their source code in the site.

Every module has such a page, also those without a public name. ``[…](../src/glassnet/net/losses.py)`` on a page and
``:mod:`~glassnet.net.losses``` in a docstring lead to it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.pycode import ModuleAnalyzer
from sphinx.transforms import SphinxTransform
from sphinx.util.typing import ExtensionMetadata

import glassnet

PACKAGE = Path(glassnet.__file__).parent
INCLUDED = {"CHANGELOG.md": "changes", "CONTRIBUTING.md": "contributing"}  # pages that include these files


def register_modules(app: Sphinx, env: BuildEnvironment) -> None:
    """Make ``sphinx.ext.viewcode`` write a page for every module, not only for those with a documented name."""
    modules = {} if not hasattr(env, "_viewcode_modules") else env._viewcode_modules
    for file in PACKAGE.rglob("*.py"):
        name = module_of(file)
        if name not in modules and file.stem != "__main__":  # which only starts the command
            analyzer = ModuleAnalyzer.for_file(file, name)
            analyzer.find_tags()
            modules[name] = (analyzer.code, analyzer.tags, {}, name)
    env._viewcode_modules = modules


def module_of(file: Path) -> str:
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


class FilesToPages(SphinxTransform):
    """Turns links to files of the repository into links to pages."""

    default_priority = 700

    def apply(self, **kwargs: Any) -> None:
        for node in self.document.findall(addnodes.pending_xref):
            page = INCLUDED.get(Path(node["reftarget"]).name)
            if page is not None:
                node.attributes |= {"refdomain": "std", "reftype": "doc", "reftarget": f"/{page}"}
        for node in list(self.document.findall(addnodes.download_reference)):
            file = (Path(self.env.doc2path(self.env.docname)).parent / node["reftarget"]).resolve()
            if file.suffix == ".py" and file.is_relative_to(PACKAGE):
                link = addnodes.pending_xref(
                    "",
                    *node.children,
                    refdomain="py",
                    reftype="mod",
                    reftarget=module_of(file),
                    refexplicit=True,
                )
                link["refdoc"] = self.env.docname
                node.replace_self(link)


def to_source(
    app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, content: nodes.Element
) -> nodes.reference | None:
    """The page of the source code of a module, or of a class or function that the reference does not describe."""
    if node.get("refdomain") != "py":
        return None
    modules: dict[str, Any] = env._viewcode_modules
    name = node["reftarget"]
    module, _, member = name.rpartition(".")
    if name not in modules:
        if module not in modules or member not in modules[module][1]:
            return None
        name = module
    uri = app.builder.get_relative_uri(node["refdoc"], "_modules/" + name.replace(".", "/"))
    return nodes.reference("", "", content, internal=True, refuri=uri)


def setup(app: Sphinx) -> ExtensionMetadata:
    app.connect("env-updated", register_modules)
    app.connect("missing-reference", to_source)
    app.add_transform(FilesToPages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
