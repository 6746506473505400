"""The documentation site has every page, and every public name has a docstring that names its fields."""

import dataclasses
import importlib
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from documents import ROOT

DOCS = ROOT / "docs"
REFERENCE = sorted(path.stem for path in (DOCS / "reference").glob("*.rst") if path.stem != "index")


def toctree(page: Path) -> list[Path]:
    """The pages in the tables of contents of a page of the site."""
    text = page.read_text(encoding="utf-8")
    trees = re.findall(r"^:::\{toctree\}\n(.*?)^:::", text, re.MULTILINE | re.DOTALL)  # Markdown
    trees += re.findall(r"^\.\. toctree::\n((?:   .*\n|\n)*)", text, re.MULTILINE)  # reStructuredText
    entries = [line.strip() for tree in trees for line in tree.splitlines() if line.strip()]
    names = [re.sub(r".*<(.*)>", r"\1", entry) for entry in entries]
    return [
        path
        for name in names
        if not name.startswith(":")
        for path in (page.parent / f"{name}{suffix}" for suffix in (".md", ".rst"))
        if path.exists()
    ]


def test_every_page_is_in_the_contents_of_the_site() -> None:
    start = DOCS / "index.md"
    found, waiting = {start}, [start]
    while waiting:
        pages = toctree(waiting.pop())
        waiting += [page for page in pages if page not in found]
        found.update(pages)
    assert found == {*DOCS.rglob("*.md"), *DOCS.rglob("*.rst")}


def public(module: Any) -> dict[str, Any]:
    """The public classes and functions of a module."""
    own = [
        name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__
    ]
    names = getattr(module, "__all__", [name for name in own if not name.startswith("_")])
    values = {name: getattr(module, name) for name in names}
    return {
        name: value for name, value in values.items() if inspect.isclass(value) or inspect.isroutine(value)
    }


def without_docstring(kind: type) -> list[str]:
    """The public methods and properties of a class, as far as they are defined in glassnet, without a docstring."""
    missing = []
    for name, value in inspect.getmembers(kind):
        definitions = [vars(base)[name] for base in kind.__mro__ if name in vars(base)]
        functions = [each.fget if isinstance(each, property) else value for each in definitions]
        ours = any((getattr(each, "__module__", None) or "").startswith("glassnet") for each in functions)
        if (
            not name.startswith("_")
            and ours
            and callable(functions[0])
            and not any(map(inspect.getdoc, functions))
        ):
            missing.append(name)
    return missing


def without_description(kind: Any) -> list[str]:
    """The fields of a dataclass that neither a docstring nor a help text of their own describes."""
    text = " ".join(base.__doc__ or "" for base in kind.__mro__)
    return [
        field.name
        for field in dataclasses.fields(kind)
        if not field.name.startswith("_")
        and not {"help", "setting"} & field.metadata.keys()
        and not re.search(rf"\b{field.name}\b", text)
    ]


@pytest.mark.parametrize("package", REFERENCE)
def test_every_public_name_has_a_docstring(package: str) -> None:
    values = public(importlib.import_module("glassnet" if package == "glassnet" else f"glassnet.{package}"))
    classes = {name: value for name, value in values.items() if inspect.isclass(value)}
    missing = [name for name, value in values.items() if not (value.__doc__ or "").strip()]
    missing += [f"{name}.{own}" for name, kind in classes.items() for own in without_docstring(kind)]
    assert missing == []


@pytest.mark.parametrize("package", REFERENCE)
def test_every_field_of_a_public_dataclass_is_described(package: str) -> None:
    values = public(importlib.import_module("glassnet" if package == "glassnet" else f"glassnet.{package}"))
    kinds = {name: value for name, value in values.items() if dataclasses.is_dataclass(value)}
    assert {
        name: without_description(kind) for name, kind in kinds.items() if without_description(kind)
    } == {}


def test_the_gallery_shows_every_picture() -> None:
    from glassnet.pictures import CATALOG

    text = (DOCS / "gallery.md").read_text(encoding="utf-8")
    missing = {name for name in CATALOG if f'.draw("{name}"' not in text}
    assert missing == {"reliability"}  # which is drawn from plain data
    assert "glassnet.pictures.reliability(" in text


def test_the_glossary_is_in_order_and_its_terms_are_explained() -> None:
    text = (DOCS / "glossary.md").read_text(encoding="utf-8")
    terms = re.findall(r"^(\S.*)\n  \S", text.partition(":::{glossary}")[2], re.MULTILINE)
    assert len(terms) > 60
    assert terms == sorted(terms, key=lambda term: term.lower().replace("-", " "))


def test_the_notebooks_leave_no_files_beside_them() -> None:
    assert {path.suffix for path in (DOCS / "notebooks").iterdir()} == {".md"}
