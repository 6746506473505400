"""The document in the header of a model file: everything but the numbers of the networks, as JSON.

The classes here are its schema. What they do not allow is refused when a file is read: other keys, other types, numbers
out of range or not finite, and nesting deeper than theirs.
"""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias

import msgspec
from msgspec import Meta, Struct

from glassnet.errors import ModelFileError
from glassnet.evaluation import Evaluation
from glassnet.gains import Gain
from glassnet.net import Network
from glassnet.tables import Column, Encoder, Note, Schema
from glassnet.tables.encode.column_encoder import ENCODERS, ColumnEncoder
from glassnet.targets import TargetEncoding, TargetGroup, Targets
from glassnet.trained import TrainedModel
from glassnet.training.settings import Settings

FORMAT = 1
_NOT_OURS = "its header is not as glassnet writes it."

Scalar: TypeAlias = bool | int | float | str | None
Value: TypeAlias = Scalar | list[Scalar | list[Scalar]] | dict[str, Scalar | list[Scalar]]
Count = Annotated[int, Meta(ge=0, lt=2**53)]
Width = Annotated[int, Meta(ge=1, lt=2**53)]
Share = Annotated[float, Meta(ge=0, lt=1)]
EvaluationName = Literal["holdout", "validation"]
Seconds = Annotated[float, Meta(ge=0)]


class LayerPart(Struct, forbid_unknown_fields=True):
    width: Width
    activation: str
    dropout: Share


class NetworkPart(Struct, forbid_unknown_fields=True):
    inputs: Width
    layers: Annotated[list[LayerPart], Meta(min_length=1)]


class HistoryPart(Struct, forbid_unknown_fields=True):
    """The history without its curves, which are tensors."""

    best_epoch: Count
    metric: str
    stop_reason: str
    ended_by: str
    seconds: Seconds


class MemberPart(Struct, forbid_unknown_fields=True):
    network: NetworkPart
    history: HistoryPart


class EncoderPart(Struct, forbid_unknown_fields=True):
    """The column encoders, each with its ``type`` and the fields of its class, and the columns that are not used."""

    encoders: Annotated[list[dict[str, Value]], Meta(min_length=1)]
    ignored: list[str]


class EvaluationPart(Struct, forbid_unknown_fields=True):
    """An evaluation without its rows, which are tensors; ``null`` in place of NaN."""

    metrics: dict[str, float | None]
    baseline: dict[str, float | None]
    gains: dict[str, Gain]
    weighted: bool


class TrainingRowsPart(Struct, forbid_unknown_fields=True):
    """The training rows without their numbers and hashes, which are tensors."""

    limit: Annotated[int, Meta(ge=1, le=2**63 - 1)]
    chance: Annotated[float, Meta(ge=0, le=1)]


class FreeSettings(Struct):
    """The settings that are checked only where they are used, as a model records them."""

    engine: str
    init: str | None
    metric: str | None
    groups: str | None
    time: str | None
    sample_weight: str | None
    column_types: dict[str, str] | None
    class_weight: str | dict[str, float] | None


class Document(Struct, forbid_unknown_fields=True):
    """All of it. ``schema`` and ``target`` have the fields of their classes."""

    format: int
    schema: Schema
    encoder: EncoderPart
    target: Annotated[list[TargetEncoding], Meta(min_length=1)]  # several for several targets of classes
    members: Annotated[list[MemberPart], Meta(min_length=1)]
    settings: dict[str, Value]
    engine_name: str
    baseline: list[float]
    provenance: dict[str, Scalar | dict[str, Scalar]]
    evaluations: dict[EvaluationName, EvaluationPart]
    training_rows: TrainingRowsPart | None


class Records(NamedTuple):
    """What a document describes, as the model has it; the networks without their parameters."""

    schema: Schema
    encoder: Encoder
    target: Targets
    networks: tuple[Network, ...]
    histories: tuple[dict[str, Any], ...]
    settings: Settings
    engine_name: str
    baseline: tuple[float, ...]
    provenance: dict[str, Any]
    evaluations: dict[EvaluationName, EvaluationPart]
    training_rows: TrainingRowsPart | None

    @classmethod
    def of(cls, model: TrainedModel) -> Records:
        names = HistoryPart.__struct_fields__
        known = model.training_rows
        histories = tuple({name: getattr(own.history, name) for name in names} for own in model.members)
        networks = tuple(member.network for member in model.members)
        return cls(
            model.schema, model.encoder, model.target, networks, histories, model.settings,
            model.engine_name, model.baseline, model.provenance, _evaluations(model),
            None if known is None else TrainingRowsPart(known.limit, known.chance),
        )  # fmt: skip


def written(records: Records) -> str:
    """The document of ``records``, in the form in which it is read.

    Raises:
        InputError: what cannot be saved, such as an activation of another package.
    """
    # once read, every number has the type that the schema gives it
    return _text(read(_text(records)))


def read(text: str) -> Records:
    """What the document ``text`` describes.

    Raises:
        ModelFileError: the text does not follow the schema; the message names the place.
        InputError: names of activations, rules or column encoders that are not known here.
    """
    try:
        own = msgspec.json.decode(text, type=Document)
        for note in _notes(own.schema):
            msgspec.convert(note.value, Value)
        msgspec.convert(own.settings, FreeSettings)
        encoders = tuple(map(_encoder, own.encoder.encoders))
        networks = [Network.from_dict(msgspec.to_builtins(member.network)) for member in own.members]
        return Records(
            schema=own.schema,
            encoder=Encoder(encoders, tuple(own.encoder.ignored)),
            target=own.target[0] if len(own.target) == 1 else TargetGroup(tuple(own.target)),
            networks=tuple(networks),
            histories=tuple(msgspec.to_builtins(member.history) for member in own.members),
            settings=Settings.from_dict(own.settings),
            engine_name=own.engine_name,
            baseline=tuple(own.baseline),
            provenance=own.provenance,
            evaluations=own.evaluations,
            training_rows=own.training_rows,
        )
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ModelFileError(f"its header does not have the form of a model: {error}.") from None


def checked(text: str) -> Records:
    """As :func:`read`, for a text that nobody but :func:`written` wrote."""
    _check_columns(text)
    records = read(text)
    if _text(records) != text:  # keys that are missing or given twice, numbers in another form
        raise ModelFileError(_NOT_OURS)
    return records


class _Columns(Struct):
    columns: list[msgspec.Raw]


class _Outline(Struct):
    schema: _Columns


def _check_columns(text: str) -> None:
    """Check each column by itself: without its keys it would be a few characters, and an object with all of them."""
    try:
        for column in msgspec.json.decode(text, type=_Outline).schema.columns:
            if msgspec.json.encode(_fields(msgspec.json.decode(column, type=Column))) != bytes(column):
                raise ModelFileError(_NOT_OURS)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ModelFileError(f"its header does not have the form of a model: {error}.") from None


def _text(records: Records) -> str:
    document = {
        **records._asdict(),
        "format": FORMAT,
        "schema": _fields(records.schema),
        "target": [_fields(own) for own in getattr(records.target, "each", (records.target,))],
        "encoder": records.encoder.to_dict(),
        "settings": {**records.settings.to_dict(), "threads": None},  # those of another machine
        "members": [
            {"network": network.to_dict(), "history": history}
            for network, history in zip(records.networks, records.histories, strict=True)
        ],
    }
    return msgspec.json.encode({name: document[name] for name in Document.__struct_fields__}).decode()


def _fields(value: Any) -> Any:
    """The fields of dataclasses by name; msgspec itself would leave out those that were left out when it read."""
    if isinstance(value, tuple) and value and is_dataclass(value[0]):
        return list(map(_fields, value))
    return (
        {own.name: _fields(getattr(value, own.name)) for own in fields(value)}
        if is_dataclass(value)
        else value
    )


def _notes(schema: Schema) -> list[Note]:
    reasons = [column.reason for column in (*schema.columns, *schema.target)]
    return [*schema.notes, *(reason for reason in reasons if reason is not None)]


def _encoder(data: dict[str, Value]) -> ColumnEncoder:
    own = ENCODERS.get(str(data.get("type")))
    if own is None:
        raise ModelFileError(
            f"its column encoder {data.get('type')!r:.80} is not known here; register it before the model is loaded."
        )
    return msgspec.convert(data, own)


def _evaluations(model: TrainedModel) -> dict[EvaluationName, EvaluationPart]:
    given: dict[EvaluationName, Evaluation | None] = {
        "holdout": model.holdout,
        "validation": model.validation,
    }
    return {name: _evaluation(own) for name, own in given.items() if own is not None}


def _evaluation(own: Evaluation) -> EvaluationPart:
    metrics, baseline = (
        {name: None if math.isnan(value) else value for name, value in figures.items()}
        for figures in (own.metrics, own.baseline)
    )
    return EvaluationPart(metrics, baseline, own.gains, own.weights is not None)
