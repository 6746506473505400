"""``glassnet show``"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from glassnet import engines
from glassnet.cli import model_text
from glassnet.cli.arguments import MODEL, AsJson
from glassnet.cli.outputs import write_json
from glassnet.cli.terminal import render
from glassnet.errors import InputError
from glassnet.inside.overview import overview
from glassnet.model import Model, load
from glassnet.text import Block, Heading, Table


def show(
    model: Annotated[str | None, MODEL] = None,
    engine: Annotated[bool, typer.Option("--engine", help="Show the engines on this machine.")] = False,
    json: AsJson = False,
) -> None:
    """Show a saved model: columns, settings, history, layers, weights, provenance.

    Examples:
      glassnet show model.glassnet
      glassnet show --engine
    """
    if model is None and not engine:
        raise InputError("nothing to show: name a model, or give --engine.")
    loaded = None if model is None else load(model)
    if json:
        given = {} if loaded is None else {"model": loaded}
        write_json("show", **given, **(_engines_record() if engine else {}))
        return
    if engine:
        print(render(_engines()))
    if loaded is not None:
        print(render([*overview(loaded), *_model(loaded)]))


def _engines_record() -> dict[str, Any]:
    found = {name: engines.get(name).describe() for name in engines.available()}
    return {"engines": found, "unavailable": engines.unavailable()}


def _engines() -> list[Block]:
    blocks: list[Block] = []
    for place, name in enumerate(engines.available()):
        facts = [(fact, text) for fact, text in engines.get(name).describe().items() if fact != "engine"]
        blocks += [Heading(name + (" (the default)" if not place else ""), 3), Table((), facts, "<<")]
    for name, reason in engines.unavailable().items():
        blocks.append(Heading(f"{name} (not available: {reason})", 3))
    return blocks


def _model(model: Model) -> list[Block]:
    networks = model.each_member
    blocks = [
        *model_text.columns(model.schema, model.schema.notes),
        *model.settings.blocks(),
    ]
    for number, one in enumerate(networks):
        if len(networks) > 1:
            blocks.append(Heading(f"Network {number} of {len(networks)}", 2))
        blocks += one.history.blocks()
        if one.held_out is not None:  # that of several networks evaluates their mean
            blocks += model_text.held_out(model, one.held_out)
        blocks += [Heading("Layers", 3), one.summary().layers_table, *model_text.parameters(one)]
    if len(networks) > 1 and model.held_out is not None:
        blocks += model_text.held_out(model, model.held_out)
    return [*blocks, *model_text.provenance(model.provenance)]
