"""Integrated gradients: complete, right where the answer is known, and honest about the gap."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import glassnet
from glassnet.errors import InputError
from glassnet.inside.attributions import integrate
from glassnet.net import ACTIVATIONS, Network, Parameters, initialize
from glassnet.tables import penguins_path

FRAME = pd.read_csv(penguins_path())
HIDDEN = [name for name, row in ACTIVATIONS.items() if not row.output_only and name != "step"]


@pytest.mark.parametrize("activation", HIDDEN)
@pytest.mark.parametrize("output", ["identity", "sigmoid", "softmax"])
def test_contributions_are_complete(activation: str, output: str) -> None:
    rng = np.random.default_rng(1)
    network = Network.of(6, (12, 9), 3, activation=activation, output=output)
    parameters = initialize(network, rng, None, np.float64)
    parameters.vector[:] *= 2
    for _ in range(3):
        start, end = rng.normal(size=(2, 6)) * 2
        parts, (first, last) = integrate(network, parameters, start, end, 1, 1e-7)
        assert parts.sum() == pytest.approx(last - first, abs=1e-6)


def test_a_linear_network_is_split_by_its_weights() -> None:
    network = Network.of(3, (), 1)
    parameters = Parameters.of(network, [([[2.0], [-1.0], [0.5]], [7.0])])
    parts, ends = integrate(network, parameters, np.zeros(3), np.array([1.0, 2.0, 4.0]), 0, 1e-7)
    np.testing.assert_allclose(parts, [2, -2, 2])
    assert ends == (7, 9)


@pytest.mark.parametrize(
    "settings", [{"target": "species"}, {"target": "body_mass_g"}, {"target": "sex"}], ids=str
)
def test_rows_of_a_model_are_complete_in_the_targets_units(settings: dict[str, Any]) -> None:
    model = glassnet.train(FRAME, hidden=(16, 8), epochs=20, seed=1, **settings, recipe="single")
    found = model.attributions(FRAME.iloc[:12])
    assert np.abs(found.gaps).max() < 1e-6
    np.testing.assert_allclose(found.values.sum(axis=1) + found.gaps, found.predictions - found.start)
    np.testing.assert_allclose(found.inputs.sum(axis=1), found.values.sum(axis=1))
    if model.target.classes is None:
        np.testing.assert_allclose(found.predictions, model.predict(FRAME.iloc[:12]), rtol=1e-4)
    elif len(model.target.classes) > 2:
        own = model.predict_proba(FRAME.iloc[:12]).max(axis=1)
        np.testing.assert_allclose(found.predictions, own, atol=1e-5)
    assert len(found) == 12
    assert len(found.to_frame()) == 12


def test_the_baseline_and_the_output_can_be_chosen() -> None:
    model = glassnet.train(FRAME, "species", hidden=(8,), epochs=20, seed=1, recipe="single")
    assert model.stats is not None
    default = model.attributions(FRAME.iloc[5])
    np.testing.assert_allclose(default.baseline, model.stats.rows.means)
    same = model.attributions(FRAME.iloc[5], baseline=FRAME.iloc[5])
    np.testing.assert_allclose(same.values, 0)
    gentoo = model.attributions(FRAME.iloc[5], output="Gentoo")
    assert gentoo.outputs == ("Gentoo",)
    assert gentoo.predictions[0] < 0.1
    with pytest.raises(InputError, match="output is 'gentoo'"):
        model.attributions(FRAME.iloc[5], output="gentoo")


def test_the_text_names_what_is_missing() -> None:
    model = glassnet.train(FRAME, "body_mass_g", hidden=(8,), epochs=20, seed=1, recipe="single")
    said = repr(model.attributions(FRAME.iloc[5]))
    assert "Error of the sum" in said
    assert "prediction of body_mass_g" in said
    assert "largest gap" in repr(model.attributions(FRAME.iloc[:3]))
    assert "+ 5 smaller contributions" in model.attributions(FRAME.iloc[:3]).to_text(row=1, most=2)
