"""What cannot fit into the memory is refused before it is allocated, with the setting and the size."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet import memory
from glassnet.errors import InputError, SettingsError, TableError
from glassnet.net import Network, Parameters, initialize

X = np.random.default_rng(0).random((60, 3))
LABELS = [f"c{i // 2}" for i in range(60)]


def trained(y: Any = X[:, 0], **settings: Any) -> glassnet.Model:
    return glassnet.train((X, y), progress=False, **{"epochs": 2, "seed": 1, **settings}, recipe="single")


@pytest.mark.parametrize("hidden", [10**18, 10**30, (10**9, 10**9), 10**12])
def test_layers_of_any_size_are_trained_or_refused(hidden: Any) -> None:
    sizes = [hidden] if isinstance(hidden, int) else list(hidden)
    said = rf"parameters of 3 inputs and hidden={re.escape(str(sizes))}, .* need .*iB of memory, .*: use fewer neurons"
    with pytest.raises(SettingsError, match=said):
        trained(hidden=hidden)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Parameters.zeros(Network.of(3, (10**18,), 1)),
        lambda: initialize(Network.of(3, (10**9, 10**9), 1), np.random.default_rng(0)),
        lambda: glassnet.MLPRegressor(hidden_layer_sizes=10**18).fit(X, X[:, 0]),
        lambda: glassnet.MLPClassifier(hidden_layer_sizes=(10**6, 10**7)).fit(X, LABELS),
    ],
)
def test_parameters_that_cannot_fit_are_refused(make: Callable[[], object]) -> None:
    with pytest.raises(InputError, match=r"need .*iB of memory, but there are .*iB"):
        make()


def test_classes_and_snapshots_that_cannot_fit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "ENOUGH", 0)
    monkeypatch.setattr(memory, "memory", lambda: 14_000)
    with pytest.raises(
        TableError, match=r"the 30 classes of the target 'y' in 60 rows need 14.06 KiB of memory"
    ):
        trained(LABELS, task="classification")
    with pytest.raises(InputError, match=r"the 30 classes of 60 rows need .*: if they are numbers"):
        glassnet.MLPClassifier(hidden_layer_sizes=1).fit(X, LABELS)
    with pytest.raises(
        SettingsError, match=r"900 snapshots of 44 bytes need 38.67 KiB of memory, .*: keep fewer"
    ):
        trained(hidden=2, snapshots=900, epochs=10**6, dtype="float32", batch_size=None)


@pytest.mark.parametrize(
    "settings", [{"epochs": 10**30, "max_time": 0.1}, {"batch_size": 10**30}, {"snapshots": 10**30}]
)
def test_other_sizes_have_no_limit(settings: dict[str, Any], tmp_path: Any) -> None:
    trained(**settings).save(tmp_path / "m")
    assert glassnet.load(tmp_path / "m").settings.to_dict() == trained(**settings).settings.to_dict()


def test_the_limit_of_the_process_counts() -> None:
    resource = pytest.importorskip("resource")
    assert memory.memory() > 2**26
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (2**40 + 5, before[1]))
    try:
        assert memory.memory() <= 2**40 + 5
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1536, "1.5 KiB"), (5 * 2**60, "5 EiB"), (2**80, "1.049e+06 EiB")],
)
def test_sizes_as_text(size: int, text: str) -> None:
    assert memory.as_text(size) == text
