"""The reference: what autodoc shows of the package, and a check that no public name is missing."""

from __future__ import annotations

import importlib
from dataclasses import fields, is_dataclass
from types import ModuleType
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.typing import ExtensionMetadata

logger = logging.getLogger(__name__)


def skip_metadata_routing(
    app: Sphinx, what: str, name: str, value: Any, skip: bool, options: Any
) -> bool | None:
    """Leave out what scikit-learn adds to every estimator for its own metadata routing."""
    return True if "_metadata_requests" in (getattr(value, "__module__", None) or "") else None


def add_fields(app: Sphinx, what: str, name: str, value: Any, options: Any, lines: list[str]) -> None:
    """Describe the fields of dataclasses that have a help text of their own: settings, and constants of rules."""
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
    app.connect("env-check-consistency", check_names)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
