"""The reference: what autodoc shows of the package, and a check that no public name is missing."""

from __future__ import annotations

import importlib
import re
from dataclasses import fields, is_dataclass
from types import ModuleType
from typing import Any

import numpy.typing as npt
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.typing import ExtensionMetadata, stringify_annotation

from glassnet.training import SETTINGS

logger = logging.getLogger(__name__)

_ARRAY = re.compile(
    r"~numpy\.ndarray\[tuple\[~typing\.Any, \.\.\.\], ~numpy\.dtype\[(?:[^][]|\[[^][]*\])*\]\]"
)
_WRITTEN_OUT = {  # NumPy's unions; Python leaves a type out of a union that already has it
    name: re.compile(re.escape(stringify_annotation(union, "smart")).replace(r"\ \|\ str", r"(?:\ \|\ str)?"))
    for name, union in (("ArrayLike", npt.ArrayLike), ("DTypeLike", npt.DTypeLike))
}


def shorten(
    app: Sphinx, what: str, name: str, value: Any, options: Any, signature: str, returned: str
) -> Any:
    """Write NumPy's types as in the code: a union of them takes a dozen lines otherwise."""

    def short(text: str | None) -> str | None:
        if text is None:
            return None
        for own, union in _WRITTEN_OUT.items():
            text = union.sub(f"~numpy.typing.{own}", text)
        return _ARRAY.sub("~numpy.ndarray", text)

    return short(signature), short(returned)


def skip_metadata_routing(
    app: Sphinx, what: str, name: str, value: Any, skip: bool, options: Any
) -> bool | None:
    """Leave out what scikit-learn adds to every estimator for its own metadata routing."""
    return True if "_metadata_requests" in (getattr(value, "__module__", None) or "") else None


def add_fields(app: Sphinx, what: str, name: str, value: Any, options: Any, lines: list[str]) -> None:
    """Add what the code describes as data: the settings, also as arguments of ``train``, and constants of rules."""
    if name == "glassnet.train":
        text = "\n".join(lines)
        lines += [
            f":param {row.name}: {row.help}" for row in SETTINGS.values() if f":param {row.name}:" not in text
        ]
    if name.startswith("glassnet.pictures.") and "style" in getattr(value, "__annotations__", ()):
        lines += [":param style: title, axes and theme; see :class:`~glassnet.pictures.Style`.", ""]
    if what == "class" and is_dataclass(value):
        helps = {
            field.name: field.metadata["help"] if "help" in field.metadata else field.metadata["setting"].help
            for field in fields(value)
            if {"help", "setting"} & field.metadata.keys()
        }
        lines += ["", *(f":ivar {name}: {text}" for name, text in helps.items()), ""]


def check_names(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of each public name of a package, and each public method, that is on no page."""
    described = env.domains.python_domain.objects
    own = [name for name in described if name.startswith("glassnet.")]
    for package in [name for name in own if described[name].objtype == "module"]:
        module = importlib.import_module(package)
        for name in getattr(module, "__all__", ()):
            value = getattr(module, name)
            names = {f"{package}.{name}", f"glassnet.{name}", f"{getattr(value, '__module__', '')}.{name}"}
            if not isinstance(value, ModuleType) and not names & described.keys():
                logger.warning("%s.%s is on no page of the reference", package, name)


def setup(app: Sphinx) -> ExtensionMetadata:
    app.connect("autodoc-skip-member", skip_metadata_routing)
    app.connect("autodoc-process-docstring", add_fields)
    app.connect("autodoc-process-signature", shorten)
    app.connect("env-check-consistency", check_names)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
