"""How many threads compute in a process: what its environment says of it."""

import os

import pytest
from joblib import Parallel, delayed, parallel_config

from glassnet import engines
from glassnet.engines.threads import most_threads, processors


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GLASSNET_THREADS", raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)


@pytest.mark.parametrize("wish", ["1", " 1 ", "1,4"])
def test_a_worker_takes_the_threads_that_are_its_own(monkeypatch: pytest.MonkeyPatch, wish: str) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", wish)
    assert most_threads() == 1
    if "native" in engines.available():
        assert engines.get("native").describe()["threads"] == "up to 1"


@pytest.mark.parametrize("wish", ["", "0", "-1", "many", ",1", "1000000"])
def test_there_are_never_more_than_processors(monkeypatch: pytest.MonkeyPatch, wish: str) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", wish)
    assert most_threads() == processors()


def test_the_own_variable_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("GLASSNET_THREADS", "3")
    assert most_threads() == 3


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="processes have no affinity here")
def test_the_affinity_of_the_process_counts() -> None:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert most_threads() == 1
    finally:
        os.sched_setaffinity(0, before)


def test_a_worker_of_loky_takes_the_threads_that_it_is_given() -> None:
    with parallel_config("loky", inner_max_num_threads=1):
        assert Parallel(n_jobs=2)(delayed(most_threads)() for _ in range(2)) == [1, 1]
