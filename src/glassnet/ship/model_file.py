"""The model file: safetensors, one file, nothing in it that could run.

The tensors are the initial and the learnt weights and biases of every layer of every network, the curves of its
history, its snapshots, and statistics of the training rows. Everything else is JSON in the file's header, under the
key ``glassnet``; beside it stands a digest of the whole content, by which damage is found. The same model always
gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError, InputTypeError, TableError
from glassnet.evaluation import Evaluation
from glassnet.files import replacing
from glassnet.net import Network, Parameters
from glassnet.tables import Encoder, Schema
from glassnet.targets import TargetEncoding
from glassnet.trained import TrainedModel
from glassnet.training.history import History
from glassnet.training.settings import Settings
from glassnet.training.snapshots import Snapshots
from glassnet.training.trained_network import TrainedNetwork
from glassnet.training.training_stats import NetworkStats, RowStats, TrainingStats, stored

FORMAT = 1
CURVES = ("loss", "validation_loss", "penalty", "rate", "validation_score")

Tensors = Mapping[str, npt.NDArray[Any]]
Loaded = TypeVar("Loaded", bound=TrainedModel)


def save(model: TrainedModel, path: str | os.PathLike[str]) -> None:
    """Write a model file; an existing file is replaced only by a whole one.

    Raises:
        OSError: the folder is missing, may not be written to, or the disk is full.
    """
    from safetensors.numpy import save as serialize

    document = {
        "format": FORMAT,
        "schema": model.schema.to_dict(),
        "encoder": model.encoder.to_dict(),
        "target": model.target.to_dict(),
        "members": [_member_document(member) for member in model.members],
        "settings": model.settings.to_dict(),
        "engine_name": model.engine_name,
        "baseline": model.baseline,
        "provenance": model.provenance,
        "holdout": model.holdout and model.holdout.to_dict(),
    }
    tensors: dict[str, npt.NDArray[Any]] = {}
    if model.stats is not None:
        own = model.stats.rows
        tensors |= _named(
            "stats", {each.name: np.atleast_1d(getattr(own, each.name)) for each in fields(own)}
        )
    for number, member in enumerate(model.members):
        networks = {} if model.stats is None else model.stats.networks[number]
        tensors |= _named(f"members.{number}", _member_tensors(member, networks))
    tensors = {name: np.ascontiguousarray(values) for name, values in tensors.items()}
    text = json.dumps(document)
    content = _sorted_header(serialize(tensors, {"glassnet": text, "digest": _digest(text, tensors)}))
    with replacing(path) as stream:
        stream.write(content)


def load(path: str | os.PathLike[str], model_class: type[Loaded]) -> Loaded:
    """The model that :func:`save` wrote, the same to the bit, as an object of ``model_class``.

    Raises:
        InputError: no such file, no model file, a damaged one, or one of a later format or with names that this
            version does not have.
        InputTypeError: ``path`` is no path.
    """
    try:
        name = os.fsdecode(path)
    except TypeError:
        raise InputTypeError(f"path is {path!r:.80}, but must be that of a model file.") from None
    document, tensors = _read(name)
    try:
        return _model(document, tensors, model_class)
    except TableError:  # a column encoder that is not registered
        raise
    except InputError as error:  # an activation or a rule of another version
        raise InputError([f"{name!r} cannot be loaded here: {fault}" for fault in error.faults]) from None
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{name!r} is a damaged model file ({type(error).__name__}: {error}).") from error


def _model(document: dict[str, Any], tensors: Tensors, model_class: type[Loaded]) -> Loaded:
    parts = [_part(f"members.{number}", tensors) for number in range(len(document["members"]))]
    return model_class(
        schema=Schema.from_dict(document["schema"]),
        encoder=Encoder.from_dict(document["encoder"]),
        target=TargetEncoding.from_dict(document["target"]),
        members=tuple(map(_member, document["members"], parts)),
        settings=Settings.from_dict(document["settings"]),
        engine_name=document["engine_name"],
        baseline=tuple(document["baseline"]),
        provenance=document["provenance"],
        holdout=document["holdout"] and Evaluation.from_dict(document["holdout"]),
        stats=_stats(_part("stats", tensors), parts),
    )


# -- one network


def _member_document(member: TrainedNetwork) -> dict[str, Any]:
    history = member.history
    return {
        "network": member.network.to_dict(),
        "history": {
            "best_epoch": history.best_epoch,
            "metric": history.metric,
            "stop_reason": history.stop_reason,
            "ended_by": history.ended_by,
            "seconds": history.seconds,
        },
    }


def _member_tensors(member: TrainedNetwork, stats: Mapping[int, NetworkStats]) -> Tensors:
    """``initial.layer.weights`` and so on for every layer, from 1; the curves, the snapshots and the statistics."""
    tensors = {f"history.{curve}": getattr(member.history, curve) for curve in CURVES}
    for what, parameters in (("initial", member.initial), ("learnt", member.learnt)):
        for number, layer in enumerate(parameters, start=1):
            tensors |= {f"{what}.{number}.weights": layer.weights, f"{what}.{number}.biases": layer.biases}
    if member.history.snapshots is not None:
        tensors |= _named("snapshots", member.history.snapshots.to_tensors())
    if stats:
        tensors["stats.epochs"] = np.array(list(stats), np.int64)
        for own in fields(NetworkStats):
            tensors[f"stats.{own.name}"] = np.array([getattr(each, own.name) for each in stats.values()])
    return tensors


def _member(document: Mapping[str, Any], tensors: Tensors) -> TrainedNetwork:
    network = Network.from_dict(document["network"])
    curves: dict[str, Any] = {curve: tensors[f"history.{curve}"] for curve in CURVES}
    snapshots = _part("snapshots", tensors)
    return TrainedNetwork(
        network=network,
        initial=_parameters("initial", network, tensors),
        learnt=_parameters("learnt", network, tensors),
        history=History(
            **curves,
            **document["history"],
            snapshots=Snapshots.from_tensors(snapshots) if snapshots else None,
        ),
    )


def _parameters(prefix: str, network: Network, tensors: Tensors) -> Parameters:
    numbers = range(1, len(network.layers) + 1)
    pairs = [(tensors[f"{prefix}.{n}.weights"], tensors[f"{prefix}.{n}.biases"]) for n in numbers]
    return Parameters.of(network, pairs, pairs[0][0].dtype)


def _stats(rows: Tensors, members: list[dict[str, npt.NDArray[Any]]]) -> TrainingStats | None:
    if not rows:
        return None
    own: dict[str, Any] = {**rows, "count": int(rows["count"][0])}
    networks = []
    for part in (_part("stats", tensors) for tensors in members):
        each = zip(*(part[field.name] for field in fields(NetworkStats)), strict=True)
        networks.append(
            dict(zip(part["epochs"].tolist(), (NetworkStats(*values) for values in each), strict=True))
        )
    return stored(RowStats(**own), tuple(networks))


def _named(prefix: str, tensors: Tensors) -> dict[str, npt.NDArray[Any]]:
    return {f"{prefix}.{name}": values for name, values in tensors.items()}


def _part(prefix: str, tensors: Tensors) -> dict[str, npt.NDArray[Any]]:
    """What :func:`_named` named ``prefix.…``, by the rest of the names."""
    start = f"{prefix}."
    return {key.removeprefix(start): values for key, values in tensors.items() if key.startswith(start)}


# -- the file


def _sorted_header(content: bytes) -> bytes:
    """``content`` of a safetensors file with the keys of its header sorted: 8 bytes of length, JSON, the tensors."""
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.dumps(json.loads(content[8:end]), sort_keys=True, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + content[end:]


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
    if metadata.get("digest") != _digest(metadata["glassnet"], tensors):
        raise InputError(
            f"{name!r} is damaged: its content is not what was saved; take another copy of it, or train again."
        )
    return document, tensors


def _digest(text: str, tensors: Tensors) -> str:
    """32 hexadecimal digits that follow from the whole content of a file."""
    found = hashlib.blake2b(text.encode(), digest_size=16)
    for name in sorted(tensors):
        own = np.ascontiguousarray(tensors[name])
        found.update(f"{name} {own.dtype.str} {own.shape}".encode())
        found.update(own.data)
    return found.hexdigest()
