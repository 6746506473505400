"""Functions that several processes call together, and process 0 carries out."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar

from glassnet.distributed.connection import check_count, started
from glassnet.distributed.places import find_place

P = ParamSpec("P")
Returned = TypeVar("Returned")

ENGINES = ("auto", "jax")  # with others, each process trains by itself


def together(function: Callable[P, Returned]) -> Callable[P, Returned]:
    """A decorator: where JAX connects several processes, process 0 alone carries out ``function``.

    The others compute what process 0 trains with the engine ``jax``, and each returns, or raises, what process 0 does.
    Their own arguments do not count, except that plain ones must be equal in all.
    """

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> Returned:
        engine = kwargs.get("engine", "auto")
        if engine not in ENGINES:
            return function(*args, **kwargs)
        if engine == "jax" and (place := started() or find_place()) is not None:
            check_count(place)
        jax = sys.modules.get("jax")
        if jax is None or not jax.distributed.is_initialized() or jax.process_count() == 1:
            return function(*args, **kwargs)
        from glassnet.distributed.processes import carry_out

        given: Mapping[str, Any] = {**kwargs, "engine": "jax"}
        return carry_out(function, args, given)

    return call
