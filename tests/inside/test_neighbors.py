"""The labels around a row, as going through all rows one by one finds them."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.inside.neighbors import AT_ONCE, labels_around


@pytest.mark.parametrize("references", [300, AT_ONCE + 150], ids=["among some rows", "among all"])
def test_labels_around_a_row(references: int) -> None:
    rng = np.random.default_rng(0)
    places, codes = rng.normal(size=(AT_ONCE + 150, 3)), rng.integers(0, 4, AT_ONCE + 150)
    others = np.linspace(0, len(places) - 1, references).round().astype(int)
    found = labels_around(places, codes, 4, (12, 5), references)
    for row in range(0, len(places), 37):
        order = others[np.argsort(((places[others] - places[row]) ** 2).sum(axis=1))]
        order = order[order != row]
        for count, shares in zip((12, 5), found, strict=True):
            expected = np.bincount(codes[order[:count]], minlength=4) / count
            np.testing.assert_allclose(shares[row], expected)
