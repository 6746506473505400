"""How several processes carry out a function that one of them decides on."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any
from zlib import crc32

import jax
import numpy as np
from jax.experimental.multihost_utils import process_allgather

from glassnet.distributed.peers import peers
from glassnet.engines import jax_group
from glassnet.engines.jax_learner import Learner
from glassnet.errors import SettingsError
from glassnet.training.stop import StopToken, stop_on_interrupt

PLAIN = (str, int, float, bool, type(None))


def carry_out(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """Call the function in process 0, and follow it in the others; see :func:`glassnet.distributed.together`."""
    if jax_group.leads():  # called by a function that is carried out
        return function(*args, **kwargs)
    own = peers()
    with nullcontext() if own is None else own.needed():
        _check_equal(function.__name__, kwargs)
        error, result = _lead(function, args, kwargs) if jax.process_index() == 0 else _follow()
    if error is not None:
        raise error
    return result


def _lead(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[Any, Any]:
    with jax_group.leading() as end:
        try:
            ended = None, function(*args, **kwargs)
        except jax.errors.JaxRuntimeError:  # the others can no longer be told
            raise
        except BaseException as error:
            end((_sendable(error), None))
            raise
        end(ended)
        return ended


def _follow() -> tuple[Any, Any]:
    with stop_on_interrupt(StopToken()):  # process 0 decides whether Ctrl-C ends the training
        error, result = jax_group.follow(Learner)
    return error, result


def _check_equal(name: str, kwargs: Mapping[str, Any]) -> None:
    """Refuse calls with different plain arguments.

    Raises:
        SettingsError: in every process.
    """
    plain = [(key, value) for key, value in sorted(kwargs.items()) if isinstance(value, PLAIN)]
    digests = np.ravel(process_allgather(np.uint32(crc32(repr((name, plain)).encode())))).tolist()
    others = [rank for rank, digest in enumerate(digests) if digest != digests[0]]
    if others:
        raise SettingsError(
            f"process {', '.join(map(str, others))} calls {name} with other arguments than process 0, or calls another "
            "function: all processes must make the same calls, with the same settings."
        )


def _sendable(error: BaseException) -> BaseException:
    """The error, or one with its message if it cannot be sent to another process."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
