"""Optimizers, schedules and losses from text such as ``adam(beta1=0.8)``."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

from glassnet.errors import InputError, SettingsError, called, unknown
from glassnet.net import (
    LOSSES,
    OPTIMIZERS,
    SCHEDULES,
    BinaryLogLoss,
    CategoricalLogLoss,
    Huber,
    Loss,
    Optimizer,
    Quantile,
    Schedule,
)
from glassnet.net.losses import loss_named

LOSS_RULES = {name: partial(loss_named, name) for name in LOSSES} | {
    "huber": Huber,
    "quantile": Quantile,
    "binary_log_loss": BinaryLogLoss,
    "categorical_log_loss": CategoricalLogLoss,
}
RULES: dict[str, tuple[type[Any], Mapping[str, Callable[..., Any]], str]] = {  # class, table, example
    "loss": (Loss, LOSS_RULES, "huber(delta=0.5)"),
    "optimizer": (Optimizer, OPTIMIZERS, "adam(beta1=0.8)"),
    "schedule": (Schedule, SCHEDULES, "warm_up(share=0.1, then=cosine)"),
}


def rule_of(setting: str, value: Any) -> Any:
    """The rule that ``value`` is or names, for the ``setting`` loss, optimizer or schedule.

    Raises:
        SettingsError: no such rule, or a constant that it does not have or that is out of its bounds.
    """
    if isinstance(value, RULES[setting][0]):
        return value
    return _from_text(setting, value if isinstance(value, str) else repr(value))


@lru_cache
def _from_text(setting: str, value: str) -> Any:
    try:
        tree = ast.parse(value.strip(), mode="eval").body
        if isinstance(tree, (ast.Name, ast.Call)):
            return _rule(setting, tree, f"{called(setting)} is {value!r:.80}, but")
    except SettingsError:
        raise
    except (ArithmeticError, MemoryError, RecursionError, SyntaxError, TypeError, ValueError):
        pass  # of Python's parser, for texts that are no rule
    of_type, _, example = RULES[setting]
    raise SettingsError(
        f"{called(setting)} is {value!r:.80}, but must be a name, a name with constants such as {example!r}, "
        f"or an object of the class {of_type.__name__}."
    )


def _rule(setting: str, tree: ast.expr, context: str) -> Any:
    """The rule of a name or a call; ``context`` begins the messages."""
    call = tree if isinstance(tree, ast.Call) else ast.Call(tree, [], [])
    _, table, example = RULES[setting]
    name = ast.unparse(call.func)
    if name not in table:
        raise SettingsError(unknown(called(setting), name[:80], table))
    known = list(inspect.signature(table[name]).parameters)
    for keyword in call.keywords:
        if keyword.arg not in known:
            listed = f"its constants are {', '.join(known)}" if known else "it has no constants"
            raise SettingsError(f"{context} {name} has no constant {keyword.arg!r}; {listed}.")
    if call.args:
        raise SettingsError(f"{context} constants are given by name, such as {example!r}.")
    try:
        return table[name](**{str(own.arg): _value(own.value, context) for own in call.keywords})
    except SettingsError:
        raise
    except InputError as error:
        raise SettingsError([f"{context} {fault}" for fault in error.faults]) from None


def _value(tree: ast.expr, context: str) -> Any:
    """A number or None; or the schedule that comes after another."""
    try:
        return ast.literal_eval(tree)
    except ValueError:
        return _rule("schedule", tree, context)
