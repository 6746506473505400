"""Sparse inputs: every engine gives the same results as for dense inputs."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any

import numpy as np
import pytest

from agreement import ENGINES, Case, close, open_run, record
from glassnet import engines
from glassnet.engines import Rows
from glassnet.errors import InputError
from glassnet.net import OPTIMIZERS

sparse = pytest.importorskip("scipy.sparse")

CASES = [
    Case(),
    Case(widths=(), hidden=(), outputs=1),
    Case("categorical_log_loss", "softmax", widths=(70, 9), inputs=150, weights=True, dropout=0.2),
    Case("binary_log_loss", "sigmoid", ("relu",), (33,), OPTIMIZERS["adamw"](), outputs=1, l1=0.01, l2=0.1),
    Case(optimizer=OPTIMIZERS["nesterov"](max_norm=0.05), shuffle=True, inputs=70, per_row=True, l2=0.1),
    Case(hidden=("tanh",), widths=(12,), rows=2500, batch=2300, inputs=40, gaps=True),
    Case(hidden=("sigmoid",), widths=(5,), rows=3, batch=3, inputs=4, outputs=1),
]


def thinned(rows: Rows) -> Rows:
    """The rows with most inputs 0, including all inputs of some rows and of some columns."""
    keep = np.random.default_rng(1).random(rows.inputs.shape) < 0.2
    keep[1], keep[:, 2] = False, False
    return Rows(rows.inputs * keep, rows.targets, rows.weights)


def entries_of(rows: Rows) -> Rows:
    return Rows(sparse.csr_array(rows.inputs), rows.targets, rows.weights)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_results_are_those_of_dense_inputs(case: Case, dtype: type[np.floating[Any]], engine: str) -> None:
    in_full, rows = open_run(engine, case, dtype)
    by_entries, _ = open_run(engine, case, dtype)
    rows = thinned(rows)
    wanted, got = record(in_full, rows, case), record(by_entries, entries_of(rows), case)
    for ours, theirs in zip(got, wanted, strict=True):
        close(ours, theirs, 1e-12 if dtype is np.float64 else 1e-4)


@pytest.mark.parametrize("engine", ENGINES)
def test_entries_come_in_any_order_and_number(engine: str) -> None:
    run, _ = open_run(engine, Case(rows=3), np.float64)
    wanted = run.predict(np.array([[0, 3.0, 0, 0, 1], [0] * 5, [0, 0, 0, 0, 7]]))
    numbers, columns, starts = np.array([1.0, 2, 1, 0, 7]), [4, 1, 1, 2, 4], [0, 3, 3, 5]
    for make in (sparse.csr_array, sparse.csr_matrix):
        for integer in (np.int32, np.int64):
            given = make((numbers, np.array(columns, integer), np.array(starts, integer)), shape=(3, 5))
            close(run.predict(given), wanted, 1e-14)
    assert run.predict(sparse.csr_array((0, 5))).shape == (0, 3)


@pytest.mark.skipif(not engines.available("native"), reason="there is no native engine here")
def test_the_bits_do_not_depend_on_the_number_of_threads_nor_on_what_was_trained_on_before() -> None:
    case = Case(widths=(200, 30), rows=600, batch=200, inputs=500, shuffle=True)
    ends = set()
    for threads in (1, 2, 3, 8):
        run, rows = open_run("native", case, np.float32, threads)
        start = run.snapshot()
        if threads > 1:
            record(run, rows, case)
            run.restore(start)
        record(run, entries_of(thinned(rows)), case)
        ends.add(run.snapshot().parameters.tobytes())
    assert len(ends) == 1


@pytest.mark.parametrize("engine", ENGINES)
def test_inconsistent_inputs_are_refused(engine: str) -> None:
    run, rows = open_run(engine, Case(), np.float64)
    good = sparse.csr_array(rows.inputs)
    columns, pointers = "must be from 0 to 4", "must rise from 0 to at most 115"
    decreasing = spoilt(good, "indptr", 3, 40)
    for inputs, message in [
        (good.tocsc(), "in the format 'csc', but must be float64 of shape (23, 5) in the format 'csr'"),
        (good.tocoo(), "in the format 'coo'"),
        (good.astype(np.float32), "sparse inputs are float32"),
        (good[:, :4], "of shape (23, 4)"),
        (spoilt(good, "indices", 7, 5), columns),
        (spoilt(good, "indices", 7, -1), columns),
        (changed(good, indices=good.indices.astype(np.int64) + 2**32), columns),
        (changed(good, indices=good.indices.astype(np.uint64) + 2**63), columns),
        (changed(good, indices=good.indices * 1.0), "must be whole numbers"),
        (changed(good, indices=good.indices[:-1]), "114 indices for 115 stored values"),
        (changed(good, indptr=good.indptr[:-1]), "23 row pointers, but 24 are needed"),
        (changed(good, indptr=good.indptr[None]), "of one dimension"),
        (changed(good, indptr=good.indptr.astype(np.uint64) * 2**61), pointers),
        (spoilt(decreasing, "indptr", 23, 0), pointers),  # no stored value, by the last pointer
        (spoilt(good, "indptr", 3, 99), pointers),
        (spoilt(good, "indptr", 23, 999), pointers),
        (spoilt(good, "indptr", 0, -1), pointers),
        (spoilt(good, "indptr", 0, 2), pointers),
    ]:
        with pytest.raises(InputError) as refused:
            run.gradients(Rows(inputs, rows.targets[:, :2]))
        assert message in str(refused.value)
        assert "targets of the rows" in str(refused.value)
        with pytest.raises(InputError, match="sparse inputs"):
            run.predict(inputs)


@pytest.mark.parametrize("engine", ENGINES)
def test_indices_that_another_thread_changes_are_read_once(engine: str) -> None:
    """Every call gives a result or refuses the matrix; none reads outside of it."""
    run, rows = open_run(
        engine, Case(rows=60, inputs=70, hidden=("tanh",), widths=(20,), batch=7), np.float64
    )
    given = sparse.csr_array(rows.inputs)
    good, end = given.indices.copy(), threading.Event()

    def change() -> None:
        while not end.is_set():
            given.indices[...] = 2**31 - 1
            given.indices[...] = good

    thread = threading.Thread(target=change)
    thread.start()
    refused = 0
    for _ in range(300):
        try:
            run.epochs(Rows(given, rows.targets), 7, np.full((1, 9), 0.01))
            assert np.isfinite(run.predict(given)).all()
        except InputError:
            refused += 1
    end.set()
    thread.join()
    assert refused


def changed(good: Any, **parts: Any) -> Any:
    bad = good.copy()
    for name, part in parts.items():
        setattr(bad, name, part)
    return bad


def spoilt(good: Any, part: str, at: int, value: int) -> Any:
    bad = good.copy()
    getattr(bad, part)[at] = value
    return bad


@pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")
@pytest.mark.skipif(not engines.available("native"), reason="the native core is not built")
def test_a_run_without_memory_raises_memory_error() -> None:
    program = """
import resource
import numpy as np
from scipy import sparse
from glassnet import engines
from glassnet.net import Network, Parameters

network = Network.of(2000, (64,), 1)
inputs = sparse.random_array((3000, 2000), density=0.2, format="csr", dtype=np.float32, rng=0)
rows = engines.Rows(inputs, np.zeros((3000, 1), np.float32))
start = Parameters.zeros(network, np.float32)

def train():
    engines.get("native").open_run(network, start, threads=3).epochs(rows, 1500, np.full((1, 2), 0.01))

engines.get("native").open_run(network, start)
ends = []
for room in range(0, 40 << 20, 1 << 20):
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + room, resource.RLIM_INFINITY))
    try:
        train()
        ends.append("done")
    except MemoryError:
        ends.append("MemoryError")
print(*sorted(set(ends)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("MemoryError done\n", "")
