"""Where random numbers come from: a generator, or one of the streams that a seed is split into."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np


class Stream(NamedTuple):
    """Child ``number`` of those that ``SeedSequence(seed).spawn`` makes, not made until something is drawn.

    Member 0 of a model draws from that stream itself, and each other member from a child of it.
    """

    seed: int
    number: int
    member: int = 0

    def sequence(self) -> np.random.SeedSequence:
        key = (self.number, self.member) if self.member else (self.number,)
        return np.random.SeedSequence(self.seed, spawn_key=key)


Randomness: TypeAlias = "np.random.Generator | Stream"


def generator(rng: Randomness) -> np.random.Generator:
    """What to draw from: the generator itself, or a new one at the start of the stream."""
    return np.random.default_rng(rng.sequence()) if isinstance(rng, Stream) else rng


def drawn_seed() -> int:
    """A seed from the randomness of the system."""
    return int(np.random.SeedSequence().generate_state(1, np.uint32)[0])
