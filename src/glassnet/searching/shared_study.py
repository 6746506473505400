"""The study of a search in its storage: opened, and refused if it is of another search."""

from __future__ import annotations

import hashlib
import json
import time
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import optuna
from optuna.storages import BaseStorage, RDBStorage

from glassnet.errors import Faults, InputError, SettingsError
from glassnet.tables.fingerprint import fingerprint
from glassnet.tables.read.read_table import as_table
from glassnet.training.recipes import AUTO
from glassnet.training.setting import plain
from glassnet.training.settings import SETTINGS
from glassnet.training.training_inputs import pair_table

RETRIES = (0.2, 0.5, 1.0, 2.0)  # seconds
BUSY = ("already exists", "locked", "unique", "duplicate")  # in messages when others make the same tables
LONGEST = 200  # characters of a value that is recorded as it is; of a longer one, a digest
HEARTBEAT, GRACE = (
    10,
    60,
)  # seconds between signs of life of a trial, and after which one without them has failed


def check_storage(storage: Any, study: Any, faults: Faults) -> None:
    """Add what is wrong with these arguments of a search to ``faults``."""
    example = "a URL such as 'sqlite:///trials.db'"
    if isinstance(storage, str):
        if "://" not in storage:
            faults.add(f"storage is {storage!r:.200}, but must be {example}.")
    elif storage is not None and not isinstance(storage, BaseStorage):
        faults.add(f"storage is {storage!r:.200}, but must be {example}, or a storage of Optuna.")
    if study is not None and not (isinstance(study, str) and study):
        faults.add(f"study is {study!r:.80}, but must be the name of a study.")
    elif study is not None and storage is None:
        faults.add(f"study is {study!r:.80}, but without a storage no study is kept; give a storage too.")


def opened(storage: Any, **arguments: Any) -> optuna.Study:
    """The study, made or loaded. Processes that make the tables of one database at the same time disturb each other.

    Raises:
        InputError: the storage cannot be used.
    """
    for seconds in (*RETRIES, None):
        try:
            return optuna.create_study(storage=_storage(storage), **arguments)
        except Exception as error:
            text = str(error).strip().split("\n")[0]
            if seconds is None or not any(word in text.lower() for word in BUSY):
                raise InputError(
                    f"the storage {storage!r:.200} cannot be used: {type(error).__name__}: {text:.300}"
                ) from error
            time.sleep(seconds)
    raise AssertionError


def _storage(storage: Any) -> Any:
    """Of a database, a storage that notices when the process of a trial has ended."""
    if not isinstance(storage, str) or storage == "sqlite://" or ":memory:" in storage:
        return storage
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return RDBStorage(storage, heartbeat_interval=HEARTBEAT, grace_period=GRACE)


def described(settings: Mapping[str, Any], target: str | Sequence[str] | None) -> dict[str, Any]:
    """The settings of a search as the study records them: the same for all ways to write a value."""
    return {name: _described(name, value, target) for name, value in settings.items()}


def _described(name: str, value: Any, target: Any) -> Any:
    if name == "validation" and not isinstance(value, (int, float)) and not hasattr(value, "item"):
        pair = isinstance(value, tuple) and len(value) == 2
        return f"table {fingerprint(pair_table(value[0], value[1], target)[0] if pair else as_table(value))}"
    if name in SETTINGS and not (isinstance(value, str) and value == AUTO):
        value = SETTINGS[name].check(value)
    text = json.dumps(plain(value), sort_keys=True, default=_plain)
    if len(text) <= LONGEST:
        return json.loads(text)
    return f"digest {hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"


def _plain(value: Any) -> Any:
    """What JSON has no form for: arrays and columns as lists, parameters by their vector, functions by their name."""
    for method in ("tolist", "to_pylist", "to_list"):
        if hasattr(value, method):
            return getattr(value, method)()
    if hasattr(value, "vector"):
        return value.vector.tolist()
    if not callable(value):
        return str(value)
    own = value if hasattr(value, "__qualname__") else type(value)
    return f"{own.__module__}.{own.__qualname__}"


def check_study(study: optuna.Study, said: Mapping[str, Any]) -> None:
    """Refuse to add trials to a study of another search.

    Raises:
        SettingsError: what differs.
    """
    known = study.user_attrs.get("glassnet")
    if known is None:
        if study.trials:
            raise SettingsError(f"the study {study.study_name!r} has other trials; name another study.")
        study.set_user_attr("glassnet", dict(said))
        return
    said = json.loads(json.dumps(said))
    different = [name for name in said if known.get(name) != said[name]]
    if different:
        raise SettingsError(
            [
                f"the study {study.study_name!r} is of another search: {name} was {known.get(name)!r:.200} and is "
                f"{said[name]!r:.200}."
                for name in different
            ]
            + ["Name another study, or give the same arguments."]
        )
