"""Optimizers, schedules and losses from text such as ``adam(beta1=0.8)``."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from glassnet.errors import InputError, SettingsError, called, unknown
from glassnet.net import LOSSES, OPTIMIZERS, SCHEDULES, Loss, Optimizer, Schedule

EXAMPLES = {
    "loss": "huber(delta=0.5)",
    "optimizer": "adam(beta1=0.8)",
    "schedule": "warm_up(share=0.1, then=cosine)",
}
_TYPES: dict[str, type[Any]] = {"loss": Loss, "optimizer": Optimizer, "schedule": Schedule}


def rule_of(setting: str, value: Any) -> Any:
    """The rule that ``value`` is or names, for the ``setting`` loss, optimizer or schedule.

    Raises:
        SettingsError: no such rule, or a constant that it does not have or that is out of its bounds.
    """
    if isinstance(value, _TYPES[setting]):
        return value
    tree = None
    if isinstance(value, str):
        try:
            tree = ast.parse(value.strip(), mode="eval").body
        except (SyntaxError, ValueError):
            tree = None
    if not isinstance(tree, (ast.Name, ast.Call)):
        raise SettingsError(
            f"{called(setting)} is {value!r}, but must be a name, a name with constants such as "
            f"{EXAMPLES[setting]!r}, or an object of the class {_TYPES[setting].__name__}."
        )
    return _rule(setting, tree, value)


def _rule(setting: str, tree: ast.expr, text: str) -> Any:
    call = tree if isinstance(tree, ast.Call) else ast.Call(tree, [], [])
    name = ast.unparse(call.func)
    make, known = _maker(setting, name)
    given = {}
    for keyword in call.keywords:
        if keyword.arg not in known:
            listed = f"its constants are {', '.join(known)}" if known else "it has no constants"
            raise SettingsError(
                f"{called(setting)} is {text!r}, but {name} has no constant {keyword.arg!r}; {listed}."
            )
        given[keyword.arg] = _value(keyword.value, text)
    if call.args:
        raise SettingsError(
            f"{called(setting)} is {text!r}, but constants are given by name, such as {EXAMPLES[setting]!r}."
        )
    try:
        return make(**given)
    except InputError as error:
        raise SettingsError(
            [f"{called(setting)} is {text!r}, but {fault}" for fault in error.faults]
        ) from None


def _maker(setting: str, name: str) -> tuple[Callable[..., Any], list[str]]:
    """What makes the rule of that name, and the names of its constants."""
    if setting == "loss":
        if name not in LOSSES:
            raise SettingsError(unknown(called(setting), name, LOSSES))
        loss = LOSSES[name]
        constants = [loss.parameter_name] if loss.parameter_name else []
        return lambda **given: loss.with_parameter(*given.values()) if given else loss, constants
    table: dict[str, Any] = OPTIMIZERS if setting == "optimizer" else SCHEDULES
    if name not in table:
        raise SettingsError(unknown(called(setting), name, table))
    return table[name], [own.name for own in fields(table[name])]


def _value(tree: ast.expr, text: str) -> Any:
    """A number or None; or the schedule that comes after another."""
    try:
        return ast.literal_eval(tree)
    except ValueError:
        return _rule("schedule", tree, text)
