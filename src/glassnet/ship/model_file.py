"""The model file: safetensors, one file, nothing in it that could run.

The tensors are the initial and the learnt weights and biases of every layer, and the curves of the
history. Everything else is JSON in the file's header, under the key ``glassnet``; beside it stands a digest
of all, by which damage is found.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError, InputTypeError
from glassnet.evaluation import Evaluation
from glassnet.files import replacing
from glassnet.net import Network, Parameters
from glassnet.tables import Encoder, Schema, TargetEncoding
from glassnet.trained import TrainedModel
from glassnet.training.history import History
from glassnet.training.snapshots import Snapshots
from glassnet.training.training_stats import Survey

FORMAT = 2
WITHOUT_DIGEST = 1  # the format of files that have none
CURVES = ("loss", "validation_loss", "rate", "validation_score")

Tensors = Mapping[str, npt.NDArray[Any]]
Part = TypeVar("Part", Survey, Snapshots)
Loaded = TypeVar("Loaded", bound=TrainedModel)


def save(model: TrainedModel, path: str | os.PathLike[str]) -> None:
    """Write a model file; an existing file is replaced only by a whole one.

    Raises:
        OSError: the folder is missing, may not be written to, or the disk is full.
    """
    from safetensors.numpy import save as serialize

    history = model.history
    document = {
        "format": FORMAT,
        "schema": model.schema.to_dict(),
        "encoder": model.encoder.to_dict(),
        "target": model.target.to_dict(),
        "network": model.network.to_dict(),
        "history": {
            "best_epoch": history.best_epoch,
            "metric": history.metric,
            "stop_reason": history.stop_reason,
            "seconds": history.seconds,
        },
        "settings": model.settings,
        "engine": model.engine,
        "baseline": model.baseline,
        "provenance": model.provenance,
        "holdout": model.holdout and model.holdout.to_dict(),
    }
    tensors = {f"history.{curve}": getattr(history, curve) for curve in CURVES}
    tensors |= _layer_tensors("initial", model.initial) | _layer_tensors("learnt", model.learnt)
    if model.survey is not None:
        tensors |= {f"survey.{name}": values for name, values in model.survey.to_tensors().items()}
    if history.snapshots is not None:
        tensors |= {f"snapshots.{name}": values for name, values in history.snapshots.to_tensors().items()}
    text = json.dumps(document)
    content = serialize(tensors, {"glassnet": text, "digest": _digest(text, tensors)})
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def load(path: str | os.PathLike[str], model_class: type[Loaded]) -> Loaded:
    """The model that :func:`save` wrote, the same to the bit, as an object of ``model_class``.

    Raises:
        InputError: no such file, no model file, a damaged one, or one of a later format.
        InputTypeError: ``path`` is no path.
    """
    try:
        name = os.fsdecode(path)
    except TypeError:
        raise InputTypeError(f"path is {path!r:.80}, but must be that of a model file.") from None
    document, tensors = _read(name)
    try:
        return _model(document, tensors, model_class)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{name!r} is a damaged model file ({type(error).__name__}: {error}).") from error


def _model(document: dict[str, Any], tensors: Tensors, model_class: type[Loaded]) -> Loaded:
    network = Network.from_dict(document["network"])
    curves: dict[str, Any] = {curve: tensors[f"history.{curve}"] for curve in CURVES}
    settings = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in document["settings"].items()
    }
    return model_class(
        schema=Schema.from_dict(document["schema"]),
        encoder=Encoder.from_dict(document["encoder"]),
        target=TargetEncoding.from_dict(document["target"]),
        network=network,
        initial=_parameters("initial", network, tensors),
        learnt=_parameters("learnt", network, tensors),
        history=History(**curves, **document["history"], snapshots=_part(Snapshots, "snapshots", tensors)),
        settings=settings,
        engine=document["engine"],
        baseline=tuple(document["baseline"]),
        provenance=document["provenance"],
        holdout=document["holdout"] and Evaluation.from_dict(document["holdout"]),
        sample=_part(Survey, "survey", tensors),
    )


def _part(kind: type[Part], name: str, tensors: Tensors) -> Part | None:
    """What was written under ``name.…``, if anything was."""
    own = {key.partition(".")[2]: values for key, values in tensors.items() if key.startswith(f"{name}.")}
    return kind.from_tensors(own) if own else None


def _read(name: str) -> tuple[dict[str, Any], Tensors]:
    from safetensors import SafetensorError, safe_open

    try:
        with open(name, "rb"), safe_open(name, framework="numpy") as file:
            metadata = file.metadata() or {}
            own = file.keys() if "glassnet" in metadata else ()  # others may be huge, or of types NumPy lacks
            tensors = {key: file.get_tensor(key) for key in own}
    except (FileNotFoundError, ValueError):  # ValueError: no file can have such a name
        raise InputError(f"There is no file {name!r}.") from None
    except IsADirectoryError:
        raise InputError(f"{name!r} is a directory, but a model file was expected.") from None
    except OSError as error:
        raise InputError(f"{name!r} cannot be read: {error.strerror or error}.") from None
    except SafetensorError as error:
        raise InputError(f"{name!r} is not a whole model file ({error}).") from None
    try:
        document = json.loads(metadata["glassnet"])
        written = int(document["format"])
    except (KeyError, TypeError, ValueError):
        raise InputError(f"{name!r} is a safetensors file, but not one that glassnet saved.") from None
    if written > FORMAT:
        raise InputError(
            f"{name!r} has format {written}, but this glassnet reads up to {FORMAT}; install a newer glassnet."
        )
    if written != WITHOUT_DIGEST and metadata.get("digest") != _digest(metadata["glassnet"], tensors):
        raise InputError(
            f"{name!r} is damaged: it holds other than what was saved; take a copy of it, or train again."
        )
    return document, tensors


def _digest(text: str, tensors: Tensors) -> str:
    """32 hexadecimal digits that follow from all that a file holds."""
    found = hashlib.blake2b(text.encode(), digest_size=16)
    for name in sorted(tensors):
        own = np.ascontiguousarray(tensors[name])
        found.update(f"{name} {own.dtype.str} {own.shape}".encode())
        found.update(own.data)
    return found.hexdigest()


def _layer_tensors(prefix: str, parameters: Parameters) -> dict[str, npt.NDArray[Any]]:
    """``prefix.layer.weights`` and ``prefix.layer.biases`` for every layer, from 1."""
    return {
        f"{prefix}.{number}.{name}": np.ascontiguousarray(values)
        for number, layer in enumerate(parameters, start=1)
        for name, values in zip(("weights", "biases"), layer, strict=True)
    }


def _parameters(prefix: str, network: Network, tensors: Tensors) -> Parameters:
    numbers = range(1, len(network.layers) + 1)
    pairs = [(tensors[f"{prefix}.{n}.weights"], tensors[f"{prefix}.{n}.biases"]) for n in numbers]
    return Parameters.of(network, pairs, pairs[0][0].dtype)
