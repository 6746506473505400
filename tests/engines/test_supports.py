"""A researcher's own activation, loss or optimizer runs on the reference engine, which ``auto`` then chooses."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet import engines
from glassnet.errors import SettingsError
from glassnet.net import (
    ACTIVATIONS,
    LOSSES,
    OPTIMIZERS,
    Activation,
    Loss,
    Network,
    Objective,
    Optimizer,
    Parameters,
    initialize,
)
from glassnet.net.arrays import Array
from glassnet.net.optimizers import Moments

NATIVE = bool(engines.available("native"))
needs_native = pytest.mark.skipif(not NATIVE, reason="the native core is not built")

SINE = Activation(
    "sine",
    np.sin,
    lambda z, a: np.cos(z),
    "sin(z)",
    "cos(z)",
    (-1.0, 1.0),
    "lecun_uniform",
    "Sitzmann et al. (2020)",
)
LOG_COSH = Loss(
    "log_cosh",
    "log cosh(a - y)",
    "tanh(a - y)",
    "own",
    lambda a, y, parameter: np.logaddexp(a - y, y - a) - a.dtype.type(np.log(2)),
    lambda a, y, parameter: np.tanh(a - y),
)


@dataclass(frozen=True)
class Lion(Optimizer):
    """θ ← θ - η sign(β₁ m + (1 - β₁) g); m ← β₂ m + (1 - β₂) g. Chen et al. (2023)."""

    name = "lion"
    moment_count = 1

    def change(
        self, parameters: Array, gradient: Array, moments: Moments, rate: float, step: int
    ) -> tuple[Array, Moments]:
        (m,) = moments
        return -rate * np.sign(0.9 * m + 0.1 * gradient), (0.99 * m + 0.01 * gradient,)


OWN: dict[str, Any] = {"activation": SINE, "loss": LOG_COSH, "optimizer": Lion()}
IN_TABLES = Network.of(3, (4,), 1)


def network_with(activation: Activation) -> Network:
    return replace(
        IN_TABLES, layers=(replace(IN_TABLES.layers[0], activation=activation), IN_TABLES.layers[1])
    )


@needs_native
def test_the_native_engine_supports_every_entry_of_the_tables() -> None:
    engine = engines.get("native")
    for activation in ACTIVATIONS:
        if not ACTIVATIONS[activation].output_only:
            assert engine.supports(network_with(ACTIVATIONS[activation])) is None
        assert engine.supports(Network.of(3, (4,), 2, output=activation)) is None
    for loss in LOSSES.values():
        assert engine.supports(IN_TABLES, Objective(loss)) is None
    for optimizer in OPTIMIZERS.values():
        assert engine.supports(IN_TABLES, optimizer=optimizer(max_norm=1.0)) is None
    assert engine.supports(IN_TABLES, Objective(glassnet.net.Huber(delta=0.3))) is None


@needs_native
def test_the_native_engine_names_everything_that_it_does_not_support() -> None:
    engine = engines.get("native")
    reason = engine.supports(network_with(SINE), Objective(LOG_COSH), Lion(), np.float16)
    assert reason == (
        "the native engine does not have the activation sine, the loss log_cosh, the optimizer lion, the dtype float16"
    )


@needs_native
def test_an_own_activation_with_the_name_of_another_is_not_supported() -> None:
    other = replace(SINE, name="relu")
    assert engines.get("native").supports(network_with(other)) == (
        "the native engine does not have the activation relu"
    )


@needs_native
def test_a_run_and_a_predictor_of_an_own_activation_are_refused() -> None:
    engine, network = engines.get("native"), network_with(SINE)
    parameters = Parameters.zeros(network, np.dtype(np.float32))
    for use in (lambda: engine.open_run(network, parameters), lambda: engine.predictor(network, parameters)):
        with pytest.raises(SettingsError, match="does not have the activation sine; the reference engine"):
            use()


def test_auto_takes_the_first_engine_that_supports_everything() -> None:
    first = engines.available()[0]
    assert engines.get("auto", IN_TABLES).name == first
    assert engines.get("auto", network_with(SINE)).name == "reference"
    assert engines.get("auto", IN_TABLES, Objective(LOG_COSH)).name == "reference"
    assert engines.get("auto", IN_TABLES, None, Lion()).name == "reference"
    assert engines.get("auto", IN_TABLES, dtype=np.float16).name == "reference"
    assert engines.get("reference", network_with(SINE)).name == "reference"


@pytest.mark.parametrize("what", OWN)
def test_training_with_an_own_rule(what: str) -> None:
    rng = np.random.default_rng(1)
    x = rng.uniform(-2, 2, (200, 1))
    settings: dict[str, Any] = {"hidden": (16,), "epochs": 80, "seed": 3, what: OWN[what]}
    model = glassnet.train((x, np.sin(2 * x[:, 0])), "y", **settings, recipe="single")
    assert model.engine_name == "reference"
    assert model.evaluate((x, np.sin(2 * x[:, 0])))["r2"] > 0.5
    if not NATIVE:
        return
    reason = f"the native engine does not have the {what} {OWN[what].name}"
    with pytest.raises(SettingsError, match=re.escape(reason) + "; engine='auto'"):
        glassnet.train((x, x[:, 0]), "y", engine="native", **settings, recipe="single")


def test_an_own_activation_trains_as_its_entry_in_the_table_does() -> None:
    """A copy of tanh under another name gives the steps of tanh."""
    own = replace(ACTIVATIONS["tanh"], name="my_tanh")
    rng = np.random.default_rng(2)
    rows = engines.Rows(rng.standard_normal((20, 3)), rng.standard_normal((20, 1)))
    learnt = []
    for activation in (own, ACTIVATIONS["tanh"]):
        network = network_with(activation)
        start = initialize(network_with(ACTIVATIONS["tanh"]), np.random.default_rng(3), dtype=np.float64)
        run = engines.get("auto", network).open_run(network, Parameters(network, start.vector))
        run.epochs(rows, 5, np.full((3, 4), 0.01))
        learnt.append(run.snapshot().parameters)
    np.testing.assert_allclose(learnt[0], learnt[1], rtol=1e-9)
