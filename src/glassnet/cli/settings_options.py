"""From the table of settings to the options of ``glassnet train``, and from their text to values."""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Annotated, Any

import typer

from glassnet.errors import Faults, SettingsError, called
from glassnet.evaluation import METRICS
from glassnet.net import INITIALIZERS
from glassnet.training.setting import Setting
from glassnet.training.settings import SETTINGS, validate

PANELS = {
    "network": "Network",
    "objective": "Loss and penalties",
    "descent": "Optimizer",
    "length": "Length of training",
    "data": "Rows and columns",
    "run": "Execution",
}
DEFAULTS = {"holdout": 0.2}  # where the command line differs from Python
HELP = {
    "initial": "Initial weights: the name of an initializer.",
    "kinds": "Type of a column: NAME=number, boolean, category, datetime or ignore; may be given several times.",
    "weights": "The column with the weight of each row.",
    "metric": "What early stopping is decided by.",
    "class_weight": "Weight of a class: balanced (all classes the same), or LABEL=NUMBER, once for each class.",
}
CHOICES = {
    "initial": tuple(INITIALIZERS),
    "metric": tuple(dict.fromkeys(name for names in METRICS.values() for name in names)),
}
PAIRS = {"kinds": "NAME=KIND", "class_weight": "LABEL=NUMBER"}  # may be given several times
FLAG = "flag"


def parameters() -> list[inspect.Parameter]:
    """One parameter, which Typer makes an option of, for each setting."""
    return [_parameter(setting) for setting in SETTINGS.values()]


def _parameter(setting: Setting) -> inspect.Parameter:
    option = _option(setting.name)
    kind: Any = str | None
    if setting.kind == FLAG:
        kind, option = bool | None, f"{option}/--no-{option[2:]}"
    elif setting.name in PAIRS:
        kind = list[str] | None
    described = typer.Option(
        option,
        help=_help(setting),
        metavar="" if setting.kind == FLAG else _metavar(setting),
        show_default=False,
        rich_help_panel=PANELS.get(setting.group, "More settings"),
        autocompletion=_completion(setting),
    )
    return inspect.Parameter(
        setting.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind, described]
    )


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _help(setting: Setting) -> str:
    """What the setting means, its choices or bounds, and its default in words."""
    parts = [HELP.get(setting.name, setting.help)]
    choices = _choices(setting)
    if choices:
        parts.append(f"One of {', '.join(choices)}.")
    default = DEFAULTS.get(setting.name, setting.default)
    if default is None:
        said = setting.none
    elif setting.kind == FLAG:
        said = "on" if default else "off"
    else:
        said = ",".join(map(str, default)) if isinstance(default, tuple) else f"{default}"
    return " ".join([*parts, f"Default: {said}."])


def _choices(setting: Setting) -> tuple[str, ...]:
    return CHOICES.get(setting.name, setting.choices)


def _metavar(setting: Setting) -> str:
    word = {"whole": "WHOLE", "number": "NUMBER"}.get(setting.kind, "NAME")
    if setting.name in PAIRS:
        return PAIRS[setting.name]
    return f"{word},…" if setting.many else word


def _completion(setting: Setting) -> Callable[[str], list[str]] | None:
    choices = _choices(setting)
    if not choices:
        return None

    def complete(incomplete: str) -> list[str]:
        return [choice for choice in choices if choice.startswith(incomplete)]

    return complete


def settings_given(options: Mapping[str, Any], faults: Faults) -> dict[str, Any]:
    """The settings that were given, checked; what is wrong with them is added to ``faults``."""
    given = {name: value for name, value in DEFAULTS.items() if options.get(name) is None}
    for name, value in options.items():
        if value is None or value == []:
            continue
        try:
            given[name] = _value(SETTINGS[name], value)
        except SettingsError as error:
            faults.messages += error.faults
    try:
        validate(given)
    except SettingsError as error:
        faults.messages += error.faults
    return given


def as_options(name: str, *value: Any) -> str:
    """How the command line calls a setting (see :func:`glassnet.errors.called`): ``--max-norm 1``, as to be typed."""
    if not value:
        return _option(name)
    [given] = value
    if isinstance(given, bool):
        return _option(name if given else f"no-{name}")
    texts = [f"{key}={own}" for key, own in given.items()] if isinstance(given, Mapping) else [str(given)]
    return " ".join(f"{_option(name)} {shlex.quote(text)}" for text in texts)


def _value(setting: Setting, given: Any) -> Any:
    """The value that the text of an option stands for; what cannot be read is left for the check to refuse."""
    if setting.name in PAIRS:
        return _pairs(setting, given)
    if not isinstance(given, str):
        return given
    if setting.many:
        entries = [entry.strip() for entry in given.split(",")]
        if setting.name == "hidden" and entries in ([""], ["none"]):
            return ()
        values = tuple(_one(setting, entry) for entry in entries if entry)
        return values[0] if len(values) == 1 else values
    if setting.optional and given.strip().lower() == "none":
        return None
    return _one(setting, given.strip())


def _one(setting: Setting, text: str) -> Any:
    if setting.kind == "whole":
        with suppress(ValueError):
            return int(text)
    if setting.kind in ("whole", "number"):
        with suppress(ValueError):
            return float(text)
    return text


def _pairs(setting: Setting, entries: list[str]) -> Any:
    """``["year=category", "id=ignore"]`` as a dictionary; a name may hold ``=`` itself, what it is cannot."""
    if setting.name == "class_weight" and entries == ["balanced"]:
        return "balanced"
    pairs: dict[str, Any] = {}
    for entry in entries:
        name, mark, value = entry.rpartition("=")
        if not mark or not name:
            raise SettingsError(f"{called(setting.name)} is {entry!r}, but must be {PAIRS[setting.name]}.")
        pairs[name] = value.strip() if setting.name == "kinds" else _weight(entry, value)
    return pairs


def _weight(entry: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise SettingsError(f"{called('class_weight')} is {entry!r}, but {text!r} is not a number.") from None
