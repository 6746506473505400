"""What is said of a training whose loss is no longer finite."""

from __future__ import annotations

from dataclasses import replace

from glassnet.errors import called
from glassnet.training.settings import Settings


def divergence_message(settings: Settings, member: int, step: int, epoch: int) -> str:
    """What happened at that step, and which settings may prevent it; ``member`` is the number of the network."""
    rate, name = settings.rate, f"of network {member} " if settings.members > 1 else ""
    clipped = called("optimizer", str(replace(settings.optimizer, max_norm=1.0)))
    return (
        f"training {name}diverged: the loss was no longer finite at step {step} (epoch {epoch}). "
        f"Try a smaller learning rate (it was {rate:g}; try {rate / 10:g}), {clipped} to clip gradients, or "
        f"{called('scaling', 'standard')} if numbers are not scaled."
    )
