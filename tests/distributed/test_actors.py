"""Actors of Ray: what is refused before any is started."""

from __future__ import annotations

from typing import Any

import pytest

from glassnet.distributed import on_ray
from glassnet.errors import InputError


@pytest.mark.parametrize("processes", [0, -1, 1.5, "two"])
def test_a_number_of_actors_is_needed(processes: Any) -> None:
    with pytest.raises(InputError, match="must be a number above 0"):
        on_ray(print, processes=processes)
