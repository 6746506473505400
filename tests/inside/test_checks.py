"""Arguments that make no sense: the message says what was received and what is expected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import glassnet
from glassnet.errors import GlassnetError, InputError

FRAME = pd.DataFrame({"x": np.arange(40.0), "z": np.arange(40.0) % 7, "y": np.arange(40.0)})
MODEL = glassnet.train(FRAME, "y", hidden=(3,), epochs=2, seed=1, recipe="single")
ROW: Any = FRAME.iloc[0]

CALLS: dict[str, Callable[[Any], Any]] = {
    "repeats": lambda given: MODEL.importances(FRAME, repeats=given),
    "seed": lambda given: MODEL.importances(FRAME, seed=given),
    "method": lambda given: MODEL.importances(FRAME, given),
    "the ensemble has": lambda given: MODEL.importances(FRAME, ensemble=[given]),
    "points": lambda given: MODEL.profile("x", points=given),
    "curves": lambda given: MODEL.profile("x", FRAME, curves=given),
    "count": lambda given: MODEL.nearest(ROW, FRAME, count=given),
    "tolerance": lambda given: MODEL.attributions(ROW, tolerance=given),
    "layer": lambda given: MODEL.weight_history(given, 1, 1),
    "source": lambda given: MODEL.weight_history(1, given, 1),
    "neuron": lambda given: MODEL.weight_history(1, 1, given),
    "epoch": lambda given: MODEL.at(given),
    "terms": lambda given: MODEL.explain(ROW).to_text(digits="all", terms=given),
    "neurons": lambda given: MODEL.explain(ROW).to_text(digits="all", neurons=given),
}


@pytest.mark.parametrize("given", ["three", 2.5, -1, b"", True], ids=repr)
@pytest.mark.parametrize("what", CALLS)
def test_what_was_received_and_what_is_expected(what: str, given: Any) -> None:
    if what == "tolerance" and given == 2.5:
        return
    with pytest.raises(GlassnetError) as raised:
        CALLS[what](given)
    said = str(raised.value)
    assert said.startswith(what)
    assert repr(given) in said
    assert any(word in said for word in ("must be", "takes", "was not kept"))


@pytest.mark.parametrize("given", [0, np.nan, np.inf])
def test_a_tolerance_is_a_number_above_0(given: float) -> None:
    with pytest.raises(InputError, match=f"tolerance is {given!r}, but must be a number above 0"):
        MODEL.attributions(ROW, tolerance=given)


def test_numbers_of_numpy_are_numbers_too() -> None:
    assert MODEL.attributions(ROW, tolerance=np.float32(1e-3)).names == ("x", "z")  # type: ignore[arg-type]
    assert len(MODEL.nearest(ROW, FRAME, count=np.int64(3))) == 3  # type: ignore[arg-type]
    assert MODEL.weight_history(np.int32(1), np.int8(1), "neuron 1").source == "x"  # type: ignore[arg-type]
