"""Changes the signature of a function, from which Typer takes the options of a command."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any


def with_parameters(verb: Callable[..., None], added: Sequence[inspect.Parameter]) -> Callable[..., None]:
    """``verb``, whose last parameter is ``**rest``, with the parameters ``added`` in that one's place."""
    own = inspect.signature(verb, eval_str=True)
    named = [each for each in own.parameters.values() if each.kind is not inspect.Parameter.VAR_KEYWORD]
    parameters = [*named, *added]

    def command(*arguments: Any, **options: Any) -> None:
        verb(*arguments, **options)

    command.__name__, command.__doc__ = verb.__name__, verb.__doc__
    command.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    return command
