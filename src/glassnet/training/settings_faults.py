"""What is wrong between settings each of which could be used."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from glassnet.errors import called


def faults_between(settings: Any, wrong: Set[str]) -> list[str]:
    """The faults; those of ``wrong`` settings are known already."""
    found: list[str] = []
    for name in ("activation", "dropout"):
        value = getattr(settings, name)
        if (
            wrong.isdisjoint({name, "hidden"})
            and isinstance(value, tuple)
            and len(value) != len(settings.hidden)
        ):
            found.append(
                f"{called(name)} has {len(value)} entries, but {called('hidden')} has {len(settings.hidden)}; "
                "give one for all, or one for each."
            )
    if wrong.isdisjoint({"validation", "holdout"}) and settings.validation + settings.holdout >= 1:
        found.append(
            f"{called('validation', settings.validation)} and {called('holdout', settings.holdout)} leave no training "
            "rows; together they must be below 1."
        )
    if settings.groups is not None and settings.time is not None:
        found.append(
            f"{called('groups')} and {called('time')} are both given, but rows are divided by one of them; leave "
            "one out, or divide the table yourself and pass the later rows as "
            f"{called('validation')}."
        )
    if settings.engine == "jax" and settings.threads is not None:
        found.append(
            f"{called('threads', settings.threads)} has no effect with {called('engine', 'jax')}, whose compiler "
            f"XLA uses as many threads as it likes; leave {called('threads')} out, or take another engine."
        )
    return found
