"""Which engine is taken, and what happens where JAX does not start."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

import glassnet
from glassnet import engines
from glassnet.engines.jax import LEAST_PRODUCTS
from glassnet.errors import SettingsError
from glassnet.net import Network

SMALL, LARGE = Network.of(8, (32, 32), 2), Network.of(54, (256, 128), 7)
rng = np.random.default_rng(0)
X, Y = rng.normal(size=(60, 3)), np.arange(60) % 2

needs_jax = pytest.mark.skipif(
    not engines.available("jax"), reason="JAX is not installed: the extra jax of glassnet installs it"
)


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which JAX sees a GPU, as far as the choice goes."""
    monkeypatch.setattr("glassnet.engines.jax.has_gpu", lambda: True)


@needs_jax
def test_auto_takes_jax_for_training_large_dense_networks_on_a_gpu(gpu: None) -> None:
    rows = -(-LEAST_PRODUCTS // sum(LARGE.connections))
    assert engines.get("auto", LARGE, batch_size=rows).name == "jax"
    first = engines.available()[0]
    assert first != "jax"
    for other in (
        engines.get(),
        engines.get("auto", LARGE),  # to predict
        engines.get("auto", LARGE, batch_size=rows - 1),
        engines.get("auto", SMALL, batch_size=rows),
        engines.get("auto", LARGE, batch_size=rows, sparse=True),
    ):
        assert other.name == first


@needs_jax
def test_auto_takes_no_jax_without_a_gpu() -> None:
    assert engines.get("auto", LARGE, batch_size=10**6).name != "jax"


@needs_jax
def test_jax_refuses_sparse_rows_by_name() -> None:
    with pytest.raises(SettingsError, match="does not have sparse inputs; engine='auto' takes one that can"):
        engines.get("jax", LARGE, sparse=True)


@needs_jax
def test_training_takes_jax_on_a_gpu_unless_threads_are_limited(
    gpu: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glassnet.engines.jax.LEAST_PRODUCTS", 1)
    own: dict[str, Any] = {"epochs": 1, "recipe": "single", "seed": 1}
    assert glassnet.train((X, Y), **own).engine_name == "jax"
    assert glassnet.train((X, Y), **own, threads=2).engine_name != "jax"
    with pytest.raises(SettingsError, match="threads=2 has no effect with engine='jax'"):
        glassnet.train((X, Y), **own, threads=2, engine="jax")


def test_estimators_take_sparse_rows_on_a_gpu(gpu: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassnet.engines.jax.LEAST_PRODUCTS", 1)
    rows = sparse.random(80, 30, 0.05, format="csr", random_state=0)
    model = glassnet.MLPClassifier((4,), max_iter=2, early_stopping=True, random_state=0)
    with pytest.warns(UserWarning, match="hasn't converged"):
        model.fit(rows, np.arange(80) % 2)
    assert model.predict(rows).shape == (80,)


BROKEN = """
import sys
import glassnet, numpy as np
from glassnet import engines
table = np.arange(40.0).reshape(20, 2), np.arange(20) % 2
large = engines.get("native", glassnet.net.Network.of(999, (999,), 9), batch_size=999)
glassnet.train(table, epochs=1, recipe="single", engine="native", seed=1)
print("jax" in sys.modules)
model = glassnet.load(sys.argv[1])
print(model.engine_name, model.engine.name, len(model.predict(table[0])))
engines.get("auto", glassnet.net.Network.of(999, (999,), 9), batch_size=999)
print(engines.available("jax"), engines.unavailable("jax")["jax"])
try:
    glassnet.train(table, engine="jax")
except glassnet.errors.SettingsError as error:
    print(error)
"""


@needs_jax
@pytest.mark.skipif(not engines.available("native"), reason="the native core is not built")
def test_a_jax_that_does_not_start_is_an_engine_that_is_not_available(tmp_path: Path) -> None:
    """Although there is a plugin for some accelerator, and a model was trained by JAX elsewhere."""
    model = glassnet.train((X[:, :2], Y), epochs=1, recipe="single", seed=1)
    path = tmp_path / "elsewhere"
    replace(model, engine_name="jax").save(path)
    (tmp_path / "jax_plugins").mkdir()
    places = os.pathsep.join([str(tmp_path), *sys.path])
    environment = os.environ | {"JAX_PLATFORMS": "cuda", "PYTHONPATH": places}
    run = [sys.executable, "-W", "ignore", "-c", BROKEN, str(path)]
    ended = subprocess.run(run, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    imported, predicted, listed, refused = ended.stdout.splitlines()
    assert imported == "False"
    assert predicted == "jax native 20"
    reason = "JAX does not start (AssertionError); JAX_PLATFORMS is 'cuda'; unset it."
    assert listed == f"[] {reason}"
    assert refused == f"the engine 'jax' cannot be used here: {reason}"
