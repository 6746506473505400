"""Properties that are computed once."""

from __future__ import annotations

import functools
from typing import Any, TypeVar

T = TypeVar("T")


class cached_property(functools.cached_property[T]):
    """``functools.cached_property`` without the lock that it has before Python 3.12.

    All objects of a class share that lock. A process that is forked while another thread computes such a property has
    a copy of it that is locked for ever.
    """

    def __get__(self, instance: Any, owner: type[Any] | None = None) -> Any:
        if instance is None:
            return self
        value = instance.__dict__[self.attrname] = self.func(instance)
        return value
