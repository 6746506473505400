"""``glassnet serve``"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from glassnet.cli.process import forgo_pandas
from glassnet.errors import Faults, InputError

TOKEN = "GLASSNET_TOKEN"


def serve(
    models: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL",
            help="Model files, each served under its name without the ending, or as NAME=FILE.",
            show_default=False,
        ),
    ],
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="The address that is listened at.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")] = 8000,
    max_body: Annotated[int, typer.Option("--max-body", help="Bytes of a request at most.")] = 16_000_000,
    max_rows: Annotated[int, typer.Option("--max-rows", help="Rows of a request at most.")] = 100_000,
    timeout: Annotated[
        float, typer.Option("--timeout", help="Seconds for a request to arrive, and to be answered.")
    ] = 10.0,
    concurrency: Annotated[
        int, typer.Option("--concurrency", help="Requests at a time; more are refused with status 503.")
    ] = 128,
    connections: Annotated[int, typer.Option("--connections", help="Open connections at most.")] = 1024,
) -> None:
    """Serve models over HTTP: predictions, explanations, the KServe V2 protocol, metrics.

    Requests must have the bearer token that the environment variable GLASSNET_TOKEN holds, if it is set.

    Examples:
      glassnet serve penguins.glassnet
      GLASSNET_TOKEN=secret glassnet serve prices=houses.glassnet churn.glassnet --host 0.0.0.0
    """
    forgo_pandas()
    try:
        from glassnet.serve.limits import Limits
        from glassnet.serve.server import run
    except ImportError as error:
        raise InputError(str(error)) from None
    limits = Limits(max_body, max_rows, timeout, concurrency, connections)
    run(_by_name(models), host=host, port=port, token=os.environ.get(TOKEN), limits=limits)


def _by_name(models: list[str]) -> dict[str, str]:
    faults = Faults(InputError)
    found: dict[str, str] = {}
    for given in models:
        name, separator, path = given.partition("=")
        if not separator or os.path.exists(given):
            name, path = Path(given).stem, given
        if name in found:
            faults.add(
                f"two models have the name {name!r}: {found[name]!r} and {path!r}; give names, as NAME=FILE."
            )
        found[name] = path
    faults.raise_if_any()
    return found
