"""The model file: safetensors, one file, nothing in it that could run.

The tensors (:mod:`glassnet.ship.tensors`) are the initial and the learnt weights and biases of every layer of every
network, the curves of its history, its snapshots, and statistics of the training rows. Everything else is JSON
(:mod:`glassnet.ship.document`) in the file's header, under the key ``glassnet``; beside it stands a digest of the whole
content, by which damage is found. The same model always gives the same bytes.

A file may come from a stranger, with a digest that is right: whatever it holds is checked while it is read, and
:mod:`glassnet.ship.checks` checks that its parts fit together.
"""

from __future__ import annotations

import os
from typing import Any, TypeVar

import numpy.typing as npt

from glassnet.errors import InputError, InputTypeError, ModelFileError
from glassnet.ship.checks import check
from glassnet.ship.document import FORMAT, Records, checked, written
from glassnet.ship.evaluations import evaluation_tensors, evaluations_of
from glassnet.ship.tensors import members_of, stats_of, tensors_of
from glassnet.ship.training_rows import training_rows_of, training_rows_tensors
from glassnet.tensor_file import FileKind, TensorReader
from glassnet.trained import TrainedModel

MODEL_FILE = FileKind(
    "glassnet", "model file", ModelFileError, FORMAT, "take another copy of it, or train again"
)
FAULTS = 20  # that a message tells of
# In memory, a value of JSON may take many times its length. So the number of values is bounded: for a column, glassnet
# writes one in 13 characters. So is the number of layers, which have tensors each.
VALUES, VALUE_LENGTH = 2**16, 10

Loaded = TypeVar("Loaded", bound=TrainedModel)


def save(model: TrainedModel, path: str | os.PathLike[str]) -> None:
    """Write ``model`` to the file ``path``; an existing file is replaced only by a complete one.

    Raises:
        InputError: activations or rules of another package, which a file cannot hold.
        OSError: the folder is missing, may not be written to, or the disk is full.
    """
    text, tensors = written(Records.of(model)), _tensors_of(model)
    _model(text, dict(tensors), type(model))  # nothing is saved that could not be loaded
    MODEL_FILE.write(path, text, tensors)


def load(path: str | os.PathLike[str], model_class: type[Loaded]) -> Loaded:
    """The model that :func:`save` wrote, the same to the bit, as an object of ``model_class``.

    The setting ``threads`` is not in the file: it is for the machine that trained.

    Raises:
        ModelFileError: no such file, no model file, a damaged one, one of a later format or with names that this
            version does not have, or one whose parts do not fit together; the message names the part.
        InputTypeError: ``path`` is no path.
    """
    try:
        name = os.fsdecode(path)
    except TypeError:
        raise InputTypeError(f"path is {path!r:.80}, but must be that of a model file.") from None
    text, tensors = MODEL_FILE.read(name)
    try:
        return _model(text, tensors, model_class)
    except InputError as error:
        faults = [f"{name!r} cannot be loaded: {fault:.600}" for fault in error.faults[:FAULTS]]
        if len(error.faults) > FAULTS:
            faults.append(f"There are {len(error.faults) - FAULTS:,} more faults.")
        raise ModelFileError(faults) from None


def _tensors_of(model: TrainedModel) -> dict[str, npt.NDArray[Any]]:
    return tensors_of(model) | evaluation_tensors(model) | training_rows_tensors(model)


def _model(text: str, tensors: dict[str, Any], model_class: type[Loaded]) -> Loaded:
    MODEL_FILE.check_header(text, tensors)
    count, most = sum(map(text.count, ",[{")), VALUES + len(text) // VALUE_LENGTH
    if count > most:
        raise ModelFileError(f"its header has {count:,} values, but may have {most:,} for its length.")
    layers = text.count('{"width":')
    if layers > len(tensors):
        raise ModelFileError(f"its header has {layers:,} layers, but there are only {len(tensors)} tensors.")
    records = checked(text)
    check(records)
    reader = TensorReader(tensors, MODEL_FILE)
    members = members_of(records, reader)
    stats = stats_of(records, members, reader)
    evaluations = evaluations_of(records, reader)
    training_rows = training_rows_of(records, reader)
    reader.end()
    return model_class(
        schema=records.schema,
        encoder=records.encoder,
        target=records.target,
        members=members,
        settings=records.settings,
        engine_name=records.engine_name,
        baseline=records.baseline,
        provenance=records.provenance,
        holdout=evaluations.get("holdout"),
        validation=evaluations.get("validation"),
        training_rows=training_rows,
        stats=stats,
    )
