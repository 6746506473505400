"""The front end as one script and one style sheet, linked from its ES modules when it is first needed.

The page must be one file where it is a report and one module where it is a widget, and nobody who installs the package
should need a build step. So the modules in ``app/`` keep to the simplest form of imports and exports (a test says
which), and linking is: each module becomes a function that returns its exports, in the order of the imports.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

APP = Path(__file__).resolve().parent / "app"
STYLES = ("vendor/uplot.css", "style.css")

_IMPORT = re.compile(r'^import\s+(?:\* as (\w+)|(\w+)|\{([^}]*)\})\s*from\s*"([^"]+)";?', re.MULTILINE)
_MINIFIED_IMPORT = re.compile(r'(?<![\w.])import\{([^}]*)\}from"([^"]+)";?')
_REEXPORT = re.compile(r'(?<![\w.])export\s*\{([^}]*)\}\s*from\s*"([^"]+)";?')
_EXPORT_LIST = re.compile(r"(?<![\w.])export\s*\{([^}]*)\};?")
_EXPORT_DEFAULT = re.compile(r"(?<![\w.])export\s+default\s+")
_EXPORT = re.compile(r"^export\s+((?:async\s+)?(?:function\*?|class|const|let)\s+(\w+))", re.MULTILINE)


@cache
def script(entry: str = "main.js") -> str:
    """All modules that ``entry`` needs as one ES module, which exports what ``entry`` does."""
    exported = sorted(_exports((APP / entry).read_text(encoding="utf-8")))
    again = f"export const {{ {', '.join(exported)} }} = {_name(APP / entry)};" if exported else ""
    return f"{_linked(entry)}\n{again}\n"


@cache
def widget() -> str:
    """The ES module of the notebook's widget. Every view has modules, and so a state, of its own: a notebook may load
    the same text once for several models.
    """
    entry = "widget.js"
    body = f"{_linked(entry)}\nreturn {_name(APP / entry)}.mountWidget;"
    return f"function instance() {{\n{body}\n}}\nexport default {{ render: (view) => instance()(view) }};\n"


def _linked(entry: str) -> str:
    """All modules that ``entry`` needs, each as a constant."""
    order: list[Path] = []
    _visit(APP / entry, order, [])
    return "\n".join(f"const {_name(path)} = {_function(path)};" for path in order)


@cache
def style() -> str:
    """The style sheets, one after the other."""
    return "\n".join((APP / name).read_text(encoding="utf-8") for name in STYLES)


def csp_hash(text: str) -> str:
    """``text`` as a Content-Security-Policy allows it: ``'sha256-…'``."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _visit(path: Path, order: list[Path], above: list[Path]) -> None:
    """Append ``path`` to ``order`` after all that it imports."""
    assert path not in above, f"{path} imports itself in a circle"
    if path in order:
        return
    for target in _imported(path.read_text(encoding="utf-8")):
        _visit((path.parent / target).resolve(), order, [*above, path])
    order.append(path)


def _imported(text: str) -> list[str]:
    found = [match[4] for match in _IMPORT.finditer(text)]
    found += [match[2] for match in _MINIFIED_IMPORT.finditer(text)]
    return list(dict.fromkeys(found + [match[2] for match in _REEXPORT.finditer(text)]))


def _exports(text: str) -> set[str]:
    return {match[2] for match in _EXPORT.finditer(text)}


def _function(path: Path) -> str:
    """A call that runs a module and returns its exports as an object."""
    text = path.read_text(encoding="utf-8")
    exports: list[str] = []

    def bound(names: str, target: str) -> str:
        pairs = ", ".join(f"{outer}: {inner}" for outer, inner in _pairs(names))
        return f"const {{ {pairs} }} = {_name((path.parent / target).resolve())};"

    def imported(match: re.Match[str]) -> str:
        whole, default, names, target = match.groups()
        if whole:
            return f"const {whole} = {_name((path.parent / target).resolve())};"
        return bound(f"default as {default}" if default else names, target)

    def reexported(match: re.Match[str]) -> str:
        home = _name((path.parent / match[2]).resolve())
        exports.extend(f"{outer}: {home}.{inner}" for inner, outer in _pairs(match[1]))
        return ""

    def listed(match: re.Match[str]) -> str:
        exports.extend(f"{outer}: {inner}" for inner, outer in _pairs(match[1]))
        return ""

    def declared(match: re.Match[str]) -> str:
        exports.append(match[2])
        return match[1]

    text = _REEXPORT.sub(reexported, text)
    text = _IMPORT.sub(imported, text)
    text = _MINIFIED_IMPORT.sub(lambda match: bound(match[1], match[2]), text)
    text, defaults = _EXPORT_DEFAULT.subn("const default_ = ", text)
    if defaults:
        exports.append("default: default_")
    text = _EXPORT_LIST.sub(listed, text)
    text = _EXPORT.sub(declared, text)
    return f"(() => {{\n{text}\nreturn {{ {', '.join(exports)} }};\n}})()"


def _pairs(names: str) -> list[tuple[str, str]]:
    """``a as b, c`` as [(a, b), (c, c)]."""
    parts = [part.split(" as ") for part in names.split(",") if part.strip()]
    return [(part[0].strip(), part[-1].strip()) for part in parts]


def _name(path: Path) -> str:
    return "module_" + re.sub(r"\W", "_", path.relative_to(APP).with_suffix("").as_posix())
