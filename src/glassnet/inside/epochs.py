"""A model as it stood after some epoch: at the start, at a snapshot, or when its parameters were kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from glassnet.errors import InputError
from glassnet.net import Parameters

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel

Held = TypeVar("Held", bound="TrainedModel")


def at(model: Held, epoch: int) -> Held:
    """See :meth:`glassnet.Model.at`."""
    if isinstance(epoch, bool) or epoch not in model.kept:
        kept = ", ".join(map(str, model.kept))
        more = "" if model.history.snapshots else " Train with snapshots=32 to keep more."
        raise InputError(f"epoch {epoch!r} was not kept; it must be one of {kept}.{more}")
    return model.with_parameters(Parameters(model.network, model.kept[epoch]))
