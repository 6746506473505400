"""Streams: the children of a seed, made when they are drawn from."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.tables.seeds import Stream, generator


@pytest.mark.parametrize("seed", [0, 1, 2**32, 2**100])
def test_streams_are_the_children_of_a_seed(seed: int) -> None:
    for number, child in enumerate(np.random.SeedSequence(seed).spawn(4)):
        drawn = generator(Stream(seed, number)).random(5)
        assert drawn.tolist() == np.random.default_rng(child).random(5).tolist()


def test_a_generator_goes_on_where_it_is() -> None:
    rng = np.random.default_rng(0)
    assert generator(rng) is rng


def test_members_draw_from_the_stream_and_from_its_children() -> None:
    stream = np.random.SeedSequence(5).spawn(3)[2]
    children = [stream, *stream.spawn(3)[1:]]  # member 0 has the stream itself, and no child
    for member, child in enumerate(children):
        drawn = generator(Stream(5, 2, member)).random(5)
        assert drawn.tolist() == np.random.default_rng(child).random(5).tolist()
