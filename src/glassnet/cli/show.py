"""``glassnet show``"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from glassnet import engines
from glassnet.cli import model_text
from glassnet.cli.arguments import MODEL, AsJson, Member
from glassnet.cli.outputs import write_json
from glassnet.cli.terminal import render
from glassnet.errors import InputError
from glassnet.inside.calibration import calibrations
from glassnet.inside.overview import overview
from glassnet.model import Model, load
from glassnet.text import Block, Heading, Paragraph, Table


def show(
    model: Annotated[str | None, MODEL] = None,
    member: Member = None,
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
    loaded = None if model is None else load(model).of_member(member)
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
    count = len(model.members)
    several = (
        [Paragraph(f"Curves, weights: means over {count} networks; --member shows one.")] if count > 1 else []
    )
    held_out = [] if model.held_out is None else model_text.held_out(model, model.held_out)
    return [
        *model_text.columns(model.schema, model.schema.notes),
        *model.settings.blocks(),
        *several,
        *model.history.blocks(),
        *held_out,
        *(block for own in calibrations(model) for block in own.blocks()),
        Heading("Layers", 3),
        model.summary().layers_table,
        *model_text.parameters(model),
        *model_text.provenance(model.provenance),
    ]
