"""The options of ``glassnet train``, made from the table of settings, and the conversion of their text to values."""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Annotated, Any

import typer

from glassnet import engines
from glassnet.cli.completion import column, column_and, one_of, several_of
from glassnet.errors import Faults, SettingsError, called
from glassnet.evaluation import CLASS_METRICS, NUMBER_METRICS
from glassnet.net import INITIALIZERS
from glassnet.training.rules import RULES
from glassnet.training.setting import Setting
from glassnet.training.settings import SETTINGS, Settings

DEFAULTS = {"holdout": 0.2}  # where the command line differs from Python
HELP = {
    "init": "Initial weights: the name of an initializer, or a saved model whose training is continued.",
    "column_types": "Type of a column: NAME=number, boolean, category, datetime or ignore; may be given several times.",
    "sample_weight": "The column with the weights of the rows.",
    "groups": "The column with the groups of the rows: all rows of a group are in the same part.",
    "time": "The column with the times of the rows: the latest are held out, those before them are for validation.",
    "metric": "The metric of early stopping.",
    "class_weight": "Weight of a class: balanced (equal total weight), or LABEL=NUMBER, once for each class.",
}
CHOICES = {
    "init": tuple(INITIALIZERS),
    "metric": (*NUMBER_METRICS, *CLASS_METRICS),
}
COMPLETIONS: dict[str, Callable[..., list[str]]] = {
    "column_types": column_and(("number", "boolean", "category", "datetime", "ignore")),
    "class_weight": one_of(("balanced",)),
    "sample_weight": column,
    "engine": one_of(("auto", *engines.NAMES)),
}
PAIRS = {"column_types": "NAME=TYPE", "class_weight": "LABEL=NUMBER"}  # may be given several times
FLAG = "flag"


def parameters() -> list[inspect.Parameter]:
    """One parameter, which Typer makes an option of, for each setting."""
    return [_parameter(setting) for setting in SETTINGS.values()]


def _parameter(setting: Setting) -> inspect.Parameter:
    option = _option(setting.name)
    annotation: Any = str | None
    if setting.type == FLAG:
        annotation, option = bool | None, f"{option}/--no-{option[2:]}"
    elif setting.name in PAIRS:
        annotation = list[str] | None
    described = typer.Option(
        option,
        help=_help(setting),
        metavar="" if setting.type == FLAG else _metavar(setting),
        show_default=False,
        rich_help_panel=setting.group,
        autocompletion=_completion(setting),
    )
    return inspect.Parameter(
        setting.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[annotation, described],
    )


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _help(setting: Setting) -> str:
    """What the setting does, its choices, and its default."""
    parts = [HELP.get(setting.name, setting.help)]
    choices = _choices(setting)
    if choices:
        parts.append(f"One of {', '.join(choices)}.")
    if setting.type == "rule":
        parts.append(f"With constants: {shlex.quote(RULES[setting.name][2])}.")
    default = DEFAULTS.get(setting.name, setting.default)
    if default is None:
        text = setting.none
    elif setting.type == FLAG:
        text = "on" if default else "off"
    else:
        text = ",".join(map(str, default)) if isinstance(default, tuple) else f"{default}"
        text += f": {setting.auto}" if setting.auto else ""
    if setting.is_open and setting.name not in DEFAULTS:
        text = f"by the recipe; with single {text}"
    return " ".join([*parts, f"Default: {text}."])


def _choices(setting: Setting) -> tuple[str, ...]:
    return CHOICES.get(setting.name, setting.choices)


def _metavar(setting: Setting) -> str:
    word = {"integer": "INTEGER", "number": "NUMBER", "size": "SIZE", "path": "FOLDER"}.get(
        setting.type, "NAME"
    )
    if setting.name in PAIRS:
        return "PAIR"
    return f"{word},…" if setting.many else word


def _completion(setting: Setting) -> Callable[..., list[str]] | None:
    if setting.name in COMPLETIONS:
        return COMPLETIONS[setting.name]
    choices = _choices(setting)
    if not choices:
        return None
    return several_of(choices) if setting.many else one_of(choices)


def settings_given(options: Mapping[str, Any], faults: Faults) -> dict[str, Any]:
    """The settings that were given, checked; what is wrong with them is added to ``faults``."""
    given = {name: value for name, value in DEFAULTS.items() if options.get(name) is None}
    for name, value in options.items():
        if value is None or value == []:
            continue
        try:
            given[name] = value_of(SETTINGS[name], value)
        except SettingsError as error:
            faults.messages += error.faults
    try:
        Settings.of(**given)
    except SettingsError as error:
        faults.messages += error.faults
    return given


def as_options(name: str, *value: Any) -> str:
    """A setting as the command line spells it (see :func:`glassnet.errors.called`), quoted for a shell."""
    if not value:
        return _option(name)
    [given] = value
    if isinstance(given, bool):
        return _option(name if given else f"no-{name}")
    return " ".join(f"{_option(name)} {shlex.quote(text)}" for text in texts_of(given))


def texts_of(value: Any) -> list[str]:
    """The texts from which an option, given once for each of them, makes ``value``."""
    if isinstance(value, Mapping):
        return [f"{key}={','.join(own) if isinstance(own, list) else own}" for key, own in value.items()]
    if isinstance(value, (tuple, list)):
        return [",".join(map(str, value)) or "none"]
    return ["none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)]


def value_of(setting: Setting, given: Any) -> Any:
    """The value of the text of an option. Text that cannot be converted is returned, and the check refuses it."""
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
    if setting.type == "integer":
        with suppress(ValueError):
            return int(text)
    if setting.type in ("integer", "number"):
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
        pairs[name] = value.strip() if setting.name == "column_types" else _weight(entry, value)
    return pairs


def _weight(entry: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise SettingsError(f"{called('class_weight')} is {entry!r}, but {text!r} is not a number.") from None
