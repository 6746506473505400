"""When to say that several devices do not pay."""

from __future__ import annotations

import pytest

pytest.importorskip("jax", reason="JAX is not installed: the extra jax of glassnet installs it")

from glassnet.engines.jax_exchange import advice


def test_the_exchange_is_told_of_only_where_it_takes_more_than_half() -> None:
    assert advice(2.0e-3, 1.1e-3, 256, 2) == ""
    told = advice(5.0e-3, 1.0e-3, 256, 2)
    assert (
        "Of 5 ms for a step with 256 rows, 4 ms go into the exchange of gradients between 2 devices" in told
    )
    assert "batch_size=1100" in told  # 4 times as many rows take 4 ms to compute
