"""The description of one setting: its type, default and bounds, and what it does."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from glassnet.caching import cached_property
from glassnet.errors import SettingsError, called, unknown
from glassnet.net import ACTIVATIONS, Activation, Loss, Optimizer, Schedule
from glassnet.net.rules import ANY_NUMBER, Bounds
from glassnet.tables.read.options import bytes_of
from glassnet.training.recipes import AUTO, DECIDED
from glassnet.training.rules import rule_of

Type = Literal["integer", "number", "choice", "flag", "activation", "rule", "size", "path", "object"]


@dataclass(frozen=True)
class Setting:
    """What a field of :class:`glassnet.training.Settings` can hold.

    Args:
        group: the heading under which documentation and help list it.
        type: ``integer`` and ``number`` are checked against ``bounds``, ``choice`` against ``choices``;
            ``activation`` takes a name or an :class:`~glassnet.net.Activation`; ``rule`` a loss, optimizer or
            schedule as a name, as text with constants, or as an object; ``size`` a number of bytes; ``path`` a path;
            ``object`` is checked where it is used.
        default: the default; of a setting that recipes choose, that of the recipe ``single``.
        help: what it does.
        reason: why this default.
        choices: the names that it takes.
        bounds: the numbers that it takes.
        many: whether a sequence with one entry for each hidden layer is allowed.
        optional: whether ``None`` is allowed.
        none: what ``None`` means.
        auto: what ``"auto"`` means, for a number that takes it.
    """

    group: str
    type: Type
    default: Any
    help: str
    reason: str = ""
    choices: tuple[str, ...] = ()
    bounds: Bounds = ANY_NUMBER
    many: bool = False
    optional: bool = False
    none: str = ""
    auto: str = ""
    name: str = ""

    @property
    def is_open(self) -> bool:
        """Whether a recipe may choose the value."""
        return self.name in DECIDED

    @property
    def signature_default(self) -> Any:
        """The default of the argument: ``"auto"`` where a recipe may choose the value."""
        return AUTO if self.is_open else self.default

    def check(self, value: Any) -> Any:
        """``value`` in the form that :class:`glassnet.training.Settings` holds.

        Raises:
            SettingsError: a value that the setting does not take.
        """
        if value is self.default:
            return self._default
        return self._checked(value)

    @cached_property
    def _default(self) -> Any:
        return self._checked(self.default)

    def _checked(self, value: Any) -> Any:
        if self.type == "object" or (value is None and self.optional):
            return value
        if self.auto and isinstance(value, str) and value == "auto":
            return value
        if self.many and isinstance(value, Iterable) and not isinstance(value, str):
            return tuple(self._one(entry) for entry in value)
        return (self._one(value),) if self.name == "hidden" else self._one(value)

    def _one(self, value: Any) -> Any:
        if self.type == "rule":
            return rule_of(self.name, value)
        if self.type == "size":
            if isinstance(value, bool) or not bytes_of(value):
                raise SettingsError(
                    f"{called(self.name)} is {value!r:.80}, but must be a number of bytes, such as 2_000_000_000 or "
                    "'2 GB'."
                )
            return value
        if self.type == "path":
            if not isinstance(value, (str, os.PathLike)) or not os.fspath(value):
                raise SettingsError(f"{called(self.name)} is {value!r:.80}, but must be a path.")
            return os.fsdecode(value)
        if self.type == "flag":
            if not isinstance(value, bool):
                raise SettingsError(f"{called(self.name)} is {value!r}, but must be True or False.")
            return value
        if self.type == "activation" and isinstance(value, Activation):
            return value
        if self.type in ("activation", "choice"):
            if value not in self.choices:
                raise SettingsError(unknown(called(self.name), value, self.choices))
            return ACTIVATIONS[value] if self.type == "activation" else value
        integer = self.type == "integer"
        if not self.bounds.allow(value, integer=integer):
            raise SettingsError(
                self.bounds.fault(called(self.name), value, integer=integer, optional=self.optional)[:-1]
                + (" or 'auto'." if self.auto else ".")
            )
        return int(value) if integer else float(value)


def setting(group: str, type: Type, default: Any, help: str, reason: str = "", **more: Any) -> Any:
    """A field of :class:`glassnet.training.Settings`; bounds are given by the names of :class:`Bounds`."""
    bounds = Bounds(**{key: more.pop(key) for key in ("minimum", "maximum", "above", "below") if key in more})
    described = Setting(group, type, default, help, reason, bounds=bounds, **more)
    return field(default=default, metadata={"setting": described})


def is_own(setting: Setting, value: Any) -> bool:
    """Whether an activation or a rule is the same when it is read from its text."""
    try:
        return setting.type not in ("activation", "rule") or setting.check(plain(value)) == value
    except SettingsError:
        return False


def plain(value: Any) -> Any:
    """A value as JSON can hold it, rules as text with all their constants."""
    if isinstance(value, tuple):
        return [plain(own) for own in value]
    if isinstance(value, Activation):
        return value.name
    if isinstance(value, Mapping):
        return {str(key): own if isinstance(own, str) else float(own) for key, own in value.items()}
    return value.text() if isinstance(value, (Loss, Optimizer, Schedule)) else value
