"""The space of a search: for each setting that is searched, a range of numbers or a list of values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import Field, dataclass, fields, replace
from numbers import Integral, Real
from typing import Any

import numpy as np
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import Trial

from glassnet.errors import Faults, InputError, SettingsError
from glassnet.keywords import advice
from glassnet.net import OPTIMIZERS
from glassnet.net.rules import Bounds
from glassnet.training.recipes import AUTO
from glassnet.training.rules import rule_of
from glassnet.training.setting import plain
from glassnet.training.settings import LENGTH, NETWORK, OBJECTIVE, OPTIMIZATION, SETTINGS

# What the score of a trial is compared by must be the same for all trials, and so must the rows and the objective.
NOT_SEARCHED = ("recipe", "members", "init", "loss", "metric", "max_time", "snapshots")
SEARCHED = {
    name
    for name, setting in SETTINGS.items()
    if setting.group in (NETWORK, OBJECTIVE, OPTIMIZATION, LENGTH) and name not in NOT_SEARCHED
} | {"scaling", "bins", "clamp"}
ANY_STEP = Bounds(minimum=0, above=True)
CONSTANT = "optimizer."  # begins the name of a constant of the optimizer

SPACE: dict[str, Any] = {
    "hidden": [(64,), (64, 64), (128, 64), (128, 128), (256, 128), (256, 256)],
    "activation": ["relu", "silu", "tanh"],
    "dropout": (0.0, 0.4),
    "learning_rate": (0.001, 0.02, "log"),
    "optimizer": ["adamw"],
    "optimizer.weight_decay": (1e-4, 0.1, "log"),
    "batch_size": [32, 64, 128, 256],
    "bins": [0, 8, 16, 24, 48],
    "scaling": ["standard", "robust"],
}
"""What is searched by default."""


@dataclass(frozen=True)
class Dimension:
    """One setting that is searched, or one constant of the optimizer.

    Attributes:
        name: of the setting; of a constant, with ``optimizer.`` before it.
        distribution: of Optuna.
        values: of a list, the values by the texts that Optuna stores for them.
    """

    name: str
    distribution: BaseDistribution
    values: Mapping[Any, Any] | None = None

    def suggest(self, trial: Trial) -> Any:
        """The value that the study's sampler chooses."""
        own = self.distribution
        if isinstance(own, CategoricalDistribution):
            return self.value(trial.suggest_categorical(self.name, own.choices))
        if isinstance(own, IntDistribution):
            return trial.suggest_int(self.name, own.low, own.high, step=own.step, log=own.log)
        assert isinstance(own, FloatDistribution)
        return trial.suggest_float(self.name, own.low, own.high, step=own.step, log=own.log)

    def value(self, stored: Any) -> Any:
        """The value of the setting for what Optuna stores."""
        return stored if self.values is None else self.values[stored]


@dataclass(frozen=True)
class Space:
    """All dimensions; :meth:`settings` draws from them."""

    dimensions: tuple[Dimension, ...]

    def settings(self, trial: Trial, given: Mapping[str, Any]) -> dict[str, Any]:
        """The searched settings of a trial; constants of optimizers are drawn for those that have them."""
        chosen = {
            own.name: own.suggest(trial) for own in self.dimensions if not own.name.startswith(CONSTANT)
        }
        rule = chosen.get("optimizer", given.get("optimizer", AUTO))
        names = set() if rule == AUTO else {own.name for own in fields(rule_of("optimizer", rule))}
        for own in self.dimensions:
            if own.name.removeprefix(CONSTANT) in names and own.name.startswith(CONSTANT):
                chosen[own.name] = own.suggest(trial)
        return chosen

    def text(self) -> dict[str, str]:
        """What is searched, as text."""
        return {own.name: str(own.distribution) for own in self.dimensions}


def applied(chosen: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The keyword arguments of :func:`glassnet.train` for the ``chosen`` settings and those that were ``given``."""
    arguments = {**given, **{name: own for name, own in chosen.items() if not name.startswith(CONSTANT)}}
    constants = {
        name.removeprefix(CONSTANT): own for name, own in chosen.items() if name.startswith(CONSTANT)
    }
    if constants:
        arguments["optimizer"] = replace(rule_of("optimizer", arguments["optimizer"]), **constants)
    return arguments


def space_of(space: Mapping[str, Any] | None, given: Mapping[str, Any], faults: Faults) -> Space:
    """The space of a search; what is wrong with it is added to ``faults``.

    Args:
        space: differences from :data:`SPACE`; ``None`` leaves a setting to the recipe.
        given: the settings of all trials, which are not searched.
    """
    if space is not None and not isinstance(space, Mapping):
        faults.add(
            f"space is {space!r:.80}, but must be a mapping from names of settings to what is searched."
        )
        return Space(())
    own = dict(space or {})
    for name in [*own]:
        if fault := _fault_of_name(name, given if own[name] is not None else {}):
            faults.add(fault)
            del own[name]
    whole = {name: value for name, value in SPACE.items() if name.split(".")[0] not in given} | own
    possible = _optimizers(whole.get("optimizer"), given)
    for name in own:
        constant = name.removeprefix(CONSTANT)
        if (
            own[name] is not None
            and constant != name
            and not any(constant in _constants(one) for one in possible)
        ):
            faults.add(
                f"{name!r} is in the space, but has no effect: no optimizer of this search is known to have it; add "
                "'optimizer' to the space, or set it."
            )
    found = [_dimension(name, value, faults) for name, value in whole.items() if value is not None]
    dimensions = tuple(one for one in found if one is not None)
    if not dimensions and not faults.messages:
        faults.add("the space is empty: nothing would be searched.")
    return Space(dimensions)


def _optimizers(searched: Any, given: Mapping[str, Any]) -> set[str]:
    """The names of the optimizers that trials can have; none if the recipe chooses."""
    values = getattr(searched, "choices", searched)
    listed = values if isinstance(values, (list, tuple)) else [values]
    rules = [given.get("optimizer", AUTO)] if searched is None else listed
    names = set()
    for rule in rules:
        with suppress(SettingsError):  # which is reported where the value is checked
            names |= set() if rule == AUTO else {rule_of("optimizer", rule).name}
    return names


def _fault_of_name(name: Any, given: Mapping[str, Any]) -> str:
    """Why a setting or a constant of this name is not searched; empty if it can be."""
    if not isinstance(name, str):
        return f"the space has the name {name!r:.80}, but names of settings are text."
    if name in given:
        return f"{name!r} is in the space and a setting of all trials; leave it out of one of them."
    if name in SEARCHED:
        return ""
    if name in SETTINGS:
        return f"{name!r} cannot be searched: trials that differ in it cannot be compared."
    constants = sorted({CONSTANT + own for rule in OPTIMIZERS for own in _constants(rule)})
    if name in constants:
        return ""
    if name.startswith(CONSTANT):
        return f"the space has {name!r}, but no optimizer has that constant.{advice(name, constants)}"
    return f"the space has {name!r}, but there is no setting of that name.{advice(name, SEARCHED)}"


def _constants(rule: str) -> dict[str, Field[Any]]:
    """The constants of an optimizer."""
    return {own.name: own for own in fields(OPTIMIZERS[rule])}


def _dimension(name: str, value: Any, faults: Faults) -> Dimension | None:
    if isinstance(value, BaseDistribution):
        if isinstance(value, CategoricalDistribution):
            return _choices(name, value.choices, faults)
        assert isinstance(value, (FloatDistribution, IntDistribution))
        return Dimension(name, value) if _in_bounds(name, (value.low, value.high), faults) else None
    if isinstance(value, list):
        return _choices(name, value, faults)
    if isinstance(value, tuple):
        return _range(name, value, faults)
    if isinstance(value, Iterable) and not isinstance(value, str):
        faults.add(
            f"the space has {value!r:.80} for {name!r}, but choices are a list, and a range is (low, high)."
        )
        return None
    return _choices(name, [value], faults)


def _choices(name: str, values: Sequence[Any], faults: Faults) -> Dimension | None:
    if not values:
        faults.add(
            f"the space has no value for {name!r}; give a list of values, or None to leave it to the recipe."
        )
        return None
    if not _in_bounds(name, values, faults):
        return None
    different: dict[str, Any] = {}  # 8 and (8,) are the same value
    for one in [own.item() if isinstance(own, np.generic) else own for own in values]:
        own = one if name not in SETTINGS or one == AUTO else SETTINGS[name].check(one)
        different.setdefault(repr(plain(own)), one)
    stored = {_stored(one): one for one in different.values()}
    return Dimension(name, CategoricalDistribution([*stored]), stored)


def _range(name: str, value: tuple[Any, ...], faults: Faults) -> Dimension | None:
    """``(low, high)``, ``(low, high, "log")`` or ``(low, high, step)``."""
    setting = SETTINGS.get(name)
    numbers = setting is None or (setting.type in ("integer", "number") and name != "hidden")
    ends, more = value[:2], value[2:]
    shape = (
        len(ends) == 2
        and all(isinstance(end, Real) and not isinstance(end, bool) for end in ends)
        and (not more or more == ("log",) or (len(more) == 1 and ANY_STEP.allow(more[0])))
    )
    if not numbers or not shape:
        wanted = (
            "a range is (low, high), (low, high, 'log') or (low, high, step), and choices are a list"
            if numbers
            else "it is no number, so give a list of values"
        )
        faults.add(f"the space has {value!r:.80} for {name!r}, but {wanted}.")
        return None
    if not _in_bounds(name, ends, faults):
        return None
    low, high = map(float, ends)
    log = more == ("log",)
    if low >= high or (log and low <= 0):
        needed = "begin above 0, because it is logarithmic" if low < high else "begin below its end"
        faults.add(f"the range of {name!r} is {value!r}, but must {needed}.")
        return None
    step = None if log or not more else more[0]
    integer = setting is not None and setting.type == "integer"
    if step is not None and (fault := _fault_of_step(step, high - low, integer)):
        faults.add(f"the range of {name!r} is {value!r}, but its step must {fault}.")
        return None
    if integer:
        return Dimension(name, IntDistribution(int(low), int(high), log=log, step=int(step or 1)))
    return Dimension(name, FloatDistribution(float(low), float(high), log=log, step=step))


def _fault_of_step(step: Any, width: float, integer: bool) -> str:
    if integer and not isinstance(step, Integral):
        return "be an integer"
    steps = width / step
    divides = round(steps) >= 1 and abs(steps - round(steps)) <= 1e-9 * steps
    return "" if divides else "divide the range, so that its end can be reached"


def _in_bounds(name: str, values: Sequence[Any], faults: Faults) -> bool:
    """Whether the setting takes all these values."""
    before = len(faults.messages)
    for value in values:
        if name.startswith(CONSTANT):
            constant = name.removeprefix(CONSTANT)
            known = [own[constant] for own in map(_constants, OPTIMIZERS) if constant in own]
            optional = any(one.default is None for one in known)
            found = [one.metadata["bounds"].fault(repr(name), value, optional=optional) for one in known]
            if all(found):
                faults.add(f"in the space, {found[0]}")
        else:
            try:
                SETTINGS[name].check(value)
            except (SettingsError, InputError) as error:
                faults.messages += [f"in the space, {fault}" for fault in error.faults]
    return len(faults.messages) == before


def _stored(value: Any) -> Any:
    """A value as Optuna stores it."""
    known = plain(value)
    if isinstance(known, list):
        return ",".join(map(str, known)) or "none"
    return known if known is None or isinstance(known, (bool, int, float, str)) else str(known)
