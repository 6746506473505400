"""Docstrings of classes in numpydoc's form, from which scikit-learn's tools show what a parameter is.

What several classes share is written once, in the docstring of a module; the settings of :func:`glassnet.train` are
described by their own table.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from textwrap import fill, indent
from typing import TypeVar

from glassnet.training import SETTINGS
from glassnet.training.setting import Setting

Class = TypeVar("Class", bound=type)
Entries = dict[str, tuple[str, str]]  # by name, the type and the description

WIDTH = 100
# the page that a notebook's picture of an estimator links to: that of scikit-learn's class with the same parameters
PAGE = "https://scikit-learn.org/stable/modules/generated/sklearn.neural_network.{estimator_name}.html"
TYPES = {
    "integer": "int",
    "number": "float",
    "flag": "bool",
    "size": "int or str",
    "path": "path",
    "object": "object",
}


def documented(shared: str | None) -> Callable[[Class], Class]:
    """A class decorator that adds the sections "Parameters" and "Attributes" to the docstring, before "See Also".

    ``shared`` is a docstring with both sections; the class's own docstring may have more attributes.
    """

    def decorate(cls: Class) -> Class:
        if cls.__doc__ and shared:  # Python leaves docstrings out under -OO
            own = inspect.cleandoc(cls.__doc__)
            known = {name: _of_setting(setting) for name, setting in SETTINGS.items()}
            known |= entries(shared, "Parameters")
            parameters = {
                one.name: (f"{known[one.name][0]}, default={one.default!r}", known[one.name][1])
                for one in inspect.signature(cls).parameters.values()
            }
            attributes = entries(own, "Attributes") | entries(shared, "Attributes")
            before = re.split(r"^(?:Attributes|See Also)\n", own, flags=re.MULTILINE)[0]
            _, heading, after = own.partition("See Also\n")
            cls.__doc__ = before + _section("Parameters", parameters) + _section("Attributes", attributes)
            cls.__doc__ += heading + after
        return cls

    return decorate


def entries(docstring: str, title: str) -> Entries:
    """The entries of one section of a docstring."""
    _, _, section = inspect.cleandoc(docstring).partition(f"{title}\n{'-' * len(title)}\n")
    section = re.split(r"^\S.*\n-+$", section, maxsplit=1, flags=re.MULTILINE)[0]
    found = re.findall(r"^(\w+) : (.*)\n((?:    .*\n?)+)", section, re.MULTILINE)
    return {name: (kind, " ".join(text.split())) for name, kind, text in found}


def _of_setting(setting: Setting) -> tuple[str, str]:
    kind = "{" + ", ".join(map(repr, setting.choices)) + "}" if setting.choices else TYPES[setting.type]
    kind += " or object" * (setting.type in ("activation", "rule"))
    kind += " or sequence of them" * setting.many + " or None" * setting.optional
    bounds = f" {str(setting.bounds).capitalize()}." if str(setting.bounds) else ""
    none = f" None: {setting.none}." if setting.none else ""
    return kind, f"{setting.help}{bounds}{none}"


def _section(title: str, listed: Entries) -> str:
    texts = [f"{name} : {kind}\n{indent(fill(text, WIDTH), '    ')}" for name, (kind, text) in listed.items()]
    return f"{title}\n{'-' * len(title)}\n" + "\n\n".join(texts) + "\n\n"
