"""What a training depends on, written down so that two trainings can be compared."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.engines import Engine, Rows
from glassnet.errors import called
from glassnet.net import Parameters
from glassnet.training.prepare import Prepared
from glassnet.training.setting import plain
from glassnet.training.settings import SETTINGS
from glassnet.version import VERSION

WITHOUT_INFLUENCE = ("threads", "strict", "cache")
Scalar = bool | int | float | str | None
Value = Scalar | list[Scalar] | dict[str, Scalar]


@dataclass(frozen=True)
class TrainingIdentity:
    """The settings of a training, digests of its data, and where it runs.

    Attributes:
        settings: as JSON can hold them, complete ones, with the engine that was chosen.
        data: digests of the table and of what training makes of it, by what they are of.
        environment: versions, and the machine; they may differ, and then the last digits of results may.
    """

    settings: dict[str, Value]
    data: dict[str, str]
    environment: dict[str, str]

    @classmethod
    def of(cls, prepared: Prepared, first: Sequence[Parameters], engine: Engine) -> TrainingIdentity:
        """That of the training of networks with the parameters ``first`` on ``prepared`` rows."""
        recorded, metric, described = (
            prepared.settings.recorded(),
            prepared.settings.metric,
            engine.describe(),
        )
        train, judged = prepared.train, prepared.validation
        data = {
            "table": prepared.fingerprint,
            "weights": _digest(train.weights),
            "targets": _digest(train.targets),
            "inputs": _digest(train.inputs),
            "validation rows": _digest(None if judged is None else judged.rows),
            "initial parameters": _digest(*(own.vector for own in first)),
        }
        settings = {
            name: plain(getattr(recorded, name)) for name in SETTINGS if name not in WITHOUT_INFLUENCE
        }
        settings["engine"] = engine.name
        if callable(metric):
            settings["metric"] = str(getattr(metric, "__qualname__", type(metric).__qualname__))
        return cls(
            settings,
            data,
            {
                "glassnet": VERSION,
                "numpy": np.__version__,
                "machine": platform.machine(),
                "instruction set": described.get("instruction set", ""),
            },
        )

    def differences(self, other: TrainingIdentity) -> Iterator[str]:
        """What makes the ``other`` training another one than this; what follows from that is left out."""
        same = True
        for name in self.settings:
            own, its = self.settings[name], other.settings.get(name)
            if own != its:
                same = False
                yield f"it has {called(name, its)}, but this training has {called(name, own)}."
        for name, own in self.data.items():
            its = other.data.get(name, "")
            if own != its and (same or name == "table"):
                same = False
                yield f"the digest of its {name} is {its!r:.80}, but that of this training is {own!r}."

    def changes(self, other: TrainingIdentity) -> list[str]:
        """What is different where the ``other`` training ran."""
        return [
            f"{name} {its} there, {own} here"
            for name, own in self.environment.items()
            if own != (its := other.environment.get(name, ""))
        ]


def _digest(*parts: Any) -> str:
    """16 hexadecimal digits that follow from arrays, rows or sparse matrices."""
    found = hashlib.blake2b(digest_size=8)
    for array in _arrays(parts):
        own = np.ascontiguousarray(array)
        found.update(f"{own.dtype.str} {own.shape}".encode())
        found.update(own.data)
    return found.hexdigest()


def _arrays(parts: Sequence[Any]) -> Iterator[Any]:
    for part in parts:
        if isinstance(part, Rows):
            yield from _arrays((part.inputs, part.targets, part.weights))
        elif hasattr(part, "indptr"):  # a sparse matrix
            yield from (part.data, part.indices, part.indptr)
        elif part is not None:
            yield part
