"""The model file: safetensors, one file, nothing in it that could run.

The tensors (:mod:`glassnet.ship.tensors`) are the initial and the learnt weights and biases of every layer of every
network, the curves of its history, its snapshots, and statistics of the training rows. Everything else is JSON
(:mod:`glassnet.ship.document`) in the file's header, under the key ``glassnet``; beside it stands a digest of the whole
content, by which damage is found. The same model always gives the same bytes.

A file may come from a stranger, with a digest that is right: whatever it holds is checked while it is read, and
:mod:`glassnet.ship.checks` checks that its parts fit together.
"""

from __future__ import annotations

import hashlib
import os
import stat
from typing import Any, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError, InputTypeError, ModelFileError
from glassnet.files import replacing
from glassnet.ship.checks import check
from glassnet.ship.document import FORMAT, Records, checked, written
from glassnet.ship.evaluations import evaluation_tensors, evaluations_of
from glassnet.ship.tensors import TensorReader, Tensors, members_of, stats_of, tensors_of
from glassnet.ship.training_rows import training_rows_of, training_rows_tensors
from glassnet.trained import TrainedModel

DTYPES = ("F32", "F64", "I64")  # of tensors, as safetensors names them
# In memory, a value of JSON may take many times its length. So the length is bounded, also by that of the tensors,
# which are long as well for a table with many columns. So are the numbers of layers, which have tensors each, and of
# values: for a column, glassnet writes one in 13 characters.
HEADER, HEADER_TIMES = 2**22, 4
FAULTS = 20  # that a message tells of
VALUES, VALUE_LENGTH = 2**16, 10

Loaded = TypeVar("Loaded", bound=TrainedModel)


def save(model: TrainedModel, path: str | os.PathLike[str]) -> None:
    """Write ``model`` to the file ``path``; an existing file is replaced only by a complete one.

    Raises:
        InputError: activations or rules of another package, which a file cannot hold.
        OSError: the folder is missing, may not be written to, or the disk is full.
    """
    from safetensors.numpy import save as serialize

    text, tensors = written(Records.of(model)), _tensors_of(model)
    _model(text, dict(tensors), type(model))  # nothing is saved that could not be loaded
    content = _sorted_header(serialize(tensors, {"glassnet": text, "digest": _digest(text, tensors)}))
    with replacing(path) as stream:
        stream.write(content)


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
    text, tensors = _read(name)
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
    allowed = HEADER + HEADER_TIMES * sum(values.nbytes for values in tensors.values())
    if len(text) > allowed:
        raise ModelFileError(
            f"its header has {len(text):,} characters, but may have {allowed:,} for its tensors."
        )
    count, most = sum(map(text.count, ",[{")), VALUES + len(text) // VALUE_LENGTH
    if count > most:
        raise ModelFileError(f"its header has {count:,} values, but may have {most:,} for its length.")
    layers = text.count('{"width":')
    if layers > len(tensors):
        raise ModelFileError(f"its header has {layers:,} layers, but there are only {len(tensors)} tensors.")
    records = checked(text)
    check(records)
    reader = TensorReader(tensors)
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


def _sorted_header(content: bytes) -> bytes:
    """``content`` of a safetensors file with the keys of its header sorted: 8 bytes of length, JSON, the tensors."""
    end = 8 + int.from_bytes(content[:8], "little")
    header = msgspec.json.encode(msgspec.json.decode(content[8:end]), order="sorted")
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + content[end:]


def _read(name: str) -> tuple[str, dict[str, Any]]:
    """The document and the tensors of a file that is not damaged."""
    from safetensors import SafetensorError, safe_open

    metadata: dict[str, str] = {}
    tensors: dict[str, Any] = {}
    try:
        if not stat.S_ISREG(os.stat(name).st_mode):  # a pipe would wait, a device never end
            kind = "a directory" if os.path.isdir(name) else "no regular file"
            raise ModelFileError(f"{name!r} is {kind}, but a model file was expected.")
        with open(name, "rb"), safe_open(name, framework="numpy") as file:
            metadata = file.metadata() or {}
            if "glassnet" in metadata:
                for key in file.keys():  # noqa: SIM118  # it is no dict
                    own = file.get_slice(key).get_dtype()
                    if own not in DTYPES:
                        raise ModelFileError(
                            f"{name!r} cannot be loaded: its tensor {key[:80]!r} is of the type {own}, "
                            f"but must be of {', '.join(DTYPES)}."
                        )
                    tensors[key] = file.get_tensor(key)
    except (FileNotFoundError, ValueError) as error:  # ValueError: no file can have such a name
        if isinstance(error, ModelFileError):
            raise
        raise ModelFileError(f"There is no file {name!r}.") from None
    except OSError as error:
        raise ModelFileError(f"{name!r} cannot be read: {error.strerror or error}.") from None
    except SafetensorError as error:
        raise ModelFileError(f"{name!r} is not a whole model file ({error}).") from None
    text = metadata.get("glassnet", "")
    _check_format(name, text)
    if metadata.get("digest") != _digest(text, tensors):
        raise ModelFileError(
            f"{name!r} is damaged: its content is not what was saved; take another copy of it, or train again."
        )
    return text, tensors


class _Format(msgspec.Struct):
    """What the documents of all formats have."""

    format: int


def _check_format(name: str, text: str) -> None:
    try:
        found = msgspec.json.decode(text, type=_Format).format
    except (msgspec.MsgspecError, RecursionError):
        raise ModelFileError(f"{name!r} is a safetensors file, but not one that glassnet saved.") from None
    if found != FORMAT:
        raise ModelFileError(
            f"{name!r} has format {found}, but this glassnet reads format {FORMAT}; install a newer glassnet."
        )


def _digest(text: str, tensors: Tensors) -> str:
    """32 hexadecimal digits that follow from the whole content of a file."""
    found = hashlib.blake2b(text.encode(), digest_size=16)
    for name in sorted(tensors):
        own = np.ascontiguousarray(tensors[name])
        found.update(f"{name} {own.dtype.str} {own.shape}".encode())
        found.update(own.data)
    return found.hexdigest()
