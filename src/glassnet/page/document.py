"""A model as one plain JSON document: all that the page draws and computes with.

The document is the contract between Python and the front end (``app/types.js`` says the same in JSDoc types):

``format``       1
``title``        one line about the model
``schema``       the columns as they were understood, the target, the task, the notes
``encoders``     one record a column: what its encoder says of itself, the names of its inputs, and its ``program``
``target``       how outputs become the target's own values; labels as text
``network``      the number of inputs, and the width, activation and dropout of each layer
``functions``    formula, slope and source of the activations in the network, and of the loss
``objective``    the loss with its constant, and the penalties
``optimizer``    its name and constants; ``rate`` is the learning rate of the last epoch
``members``      of each network: initial and learnt parameters, snapshots, curves
``settings``     every setting as it was used
``statistics``   means of the inputs over the training rows, from which contributions start
``baseline``     class shares, or means, of the training rows
``rows``         sample rows: for each column its values as the encoder takes them; numbers are packed
``evaluation``   metrics on rows that were held out, with their baseline
``validation``   the same on the validation rows; of several networks, each row predicted by those not trained on it
``importances``  of each column, by several methods
``findings``     the doctor's, with evidence and remedy
``card``         the blocks of the model card: headings, paragraphs, tables, code
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from glassnet.net import ACTIVATIONS
from glassnet.page.packing import pack
from glassnet.page.rows import label_text, sample_rows
from glassnet.tables.encode.column_encoder import ColumnEncoder
from glassnet.tables.schema import Column
from glassnet.targets import single
from glassnet.text import Block, plain

if TYPE_CHECKING:
    from glassnet.inside import Card as ModelCard
    from glassnet.inside import Diagnosis, Importances
    from glassnet.trained import TrainedModel
    from glassnet.training.trained_network import TrainedNetwork

FORMAT = 1
ROWS = 2000
MOST_VALUES = 200_000  # of all rows together
FEWEST_ROWS = 100
MOST_NUMBERS = 600_000  # of all snapshots together: 3.2 MB of base64 as float32


def describe(
    model: TrainedModel,
    table: Any = None,
    *,
    rows: int = ROWS,
    importances: Importances | None = None,
    diagnosis: Diagnosis | None = None,
    card: ModelCard | None = None,
    snapshots: bool = True,
    parts: Mapping[str, npt.NDArray[np.int64]] | None = None,
    most_numbers: int = MOST_NUMBERS,
) -> dict[str, Any]:
    """The document of ``model``.

    Args:
        table: rows to show, of which at most ``rows`` are taken, evenly spaced; fewer where there are so many columns
            that they would have more than 200,000 values.
        importances: measured before, if they are to be shown.
        diagnosis: the doctor's, if it is to be shown.
        card: the model card, if it is to be shown.
        snapshots: whether the parameters of earlier epochs are included.
        parts: the numbers of the table's rows in each of its parts: training, validation and held out; if known.
        most_numbers: the most numbers of all snapshots together; if there are more, some epochs are left out.
    """
    schema, target, settings = model.schema, single(model.target), model.settings
    objective, optimizer = model.objective, settings.optimizer
    first = model.members[0]
    history = first.history
    rows = min(rows, max(MOST_VALUES // len(model.encoder.encoders), FEWEST_ROWS))
    return {
        "format": FORMAT,
        "title": f"{', '.join(target.columns)} ({schema.task}) from {len(schema.inputs)} columns",
        "schema": {
            **plain(schema),
            "descriptions": {each.name: each.describe() for each in (*schema.columns, *schema.target)},
            "notes": [str(note) for note in schema.notes],
        },
        "encoders": [_encoder(each, schema[each.column]) for each in model.encoder.encoders],
        "target": {
            "columns": list(target.columns),
            "task": schema.task,
            "classes": None if target.classes is None else [label_text(label) for label in target.classes],
            "mean": list(target.mean),
            "scale": list(target.scale),
            "temperature": target.temperature,
            "lowest": list(target.lowest),
            "highest": list(target.highest),
        },
        "network": first.network.to_dict(),
        "functions": {
            name: {"formula": own.formula, "slope": own.slope, "source": own.source}
            for name, own in ACTIVATIONS.items()
            if name in {layer.activation.name for layer in first.network.layers}
        },
        "objective": {
            "loss": {
                name: plain(getattr(objective.loss, name))
                for name in ("name", "formula", "slope", "source", "parameter", "link")
            },
            "l1": objective.l1,
            "l2": objective.l2,
        },
        "optimizer": {
            "name": optimizer.name,
            **{own.name: plain(getattr(optimizer, own.name)) for own in fields(optimizer)},
            "rule": (type(optimizer).__doc__ or "").split("\n")[0].strip(),
        },
        "rate": float(history.rate[max(history.best_epoch, 1) - 1]) if history.epochs else settings.rate,
        "members": [_member(each, snapshots, most_numbers // len(model.members)) for each in model.members],
        "engine": {"name": model.engine_name, "dtype": str(model.dtype)},
        "settings": settings.to_dict(),
        "statistics": None if model.stats is None else {"means": pack(model.stats.rows.means)},
        "baseline": list(model.baseline),
        "provenance": plain(model.provenance),
        "rows": None if table is None else sample_rows(model, table, rows, parts),
        "evaluation": None if model.holdout is None else evaluation_of(model.holdout),
        "validation": None if model.validation is None else evaluation_of(model.validation),
        "importances": None if importances is None else _importances(importances),
        "findings": None if diagnosis is None else _findings(diagnosis),
        "card": None if card is None else [_block(each) for each in card.blocks()],
    }


def _block(block: Block) -> dict[str, Any]:
    """A block of the card, as the page shows it."""
    return {"kind": type(block).__name__.lower(), **plain(vars(block))}


def _encoder(encoder: ColumnEncoder, column: Column) -> dict[str, Any]:
    own = {"input_names": list(encoder.input_names), "program": encoder.program(column).to_dict()}
    return {**plain(encoder.to_dict()), **plain(own)}


def _member(member: TrainedNetwork, snapshots: bool, most_numbers: int) -> dict[str, Any]:
    history = member.history
    kept = history.snapshots if snapshots else None
    moments = None
    if kept is not None and len(kept):
        most = max(most_numbers // member.learnt.vector.size, 2)
        stride = -(-len(kept) // most)
        epochs, parameters = kept.epochs, kept.parameters
        moments = {"epochs": epochs[::stride].tolist(), "parameters": pack(parameters[::stride])}
    return {
        "initial": pack(member.initial.vector),
        "learnt": pack(member.learnt.vector),
        "snapshots": moments,
        "history": {
            "loss": pack(history.loss),
            "validation_loss": pack(history.validation_loss),
            "validation_score": pack(history.validation_score),
            "rate": pack(history.rate),
            "metric": history.metric,
            "best_epoch": history.best_epoch,
            "stop_reason": history.stop_reason,
            "seconds": history.seconds,
        },
    }


def evaluation_of(evaluation: Any) -> dict[str, Any]:
    """Metrics and baseline of an evaluation, and how many rows it was made on."""
    return {
        "rows": len(evaluation),
        "metrics": plain(evaluation.metrics),
        "baseline": plain(evaluation.baseline),
    }


def _importances(found: Importances) -> dict[str, Any]:
    return {
        "columns": list(found.names),
        "values": {kind: plain(own) for kind, own in found.values.items()},
        "errors": {kind: plain(own) for kind, own in found.errors.items()},
    }


def _findings(diagnosis: Diagnosis) -> dict[str, Any]:
    return {
        "findings": [plain(asdict(finding)) for finding in diagnosis],
        "checked": list(diagnosis.checked),
        "skipped": dict(diagnosis.skipped),
    }
