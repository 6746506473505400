"""What only the native engine has: the same bits on any number of threads, and beside other runs."""

from __future__ import annotations

import ast
import multiprocessing
import os
import re
import subprocess
import sys
import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agreement import Case, agree, open_run, train
from effort import HANG
from glassnet import engines
from glassnet.engines import Rows, Unavailable, native
from glassnet.errors import InputError, SettingsError
from glassnet.net import Network, Objective, Parameters, initialize
from glassnet.net.optimizers import Adam, GradientDescent, Momentum

_native = pytest.importorskip("glassnet.engines._native", reason="the native core is not built")
SETS = _native.instruction_sets()


def trained(
    case: Case, dtype: type[np.floating[Any]], threads: int | None, epochs: int = 3
) -> tuple[np.ndarray, np.ndarray]:
    run, rows = open_run("native", case, dtype, threads)
    losses = train(run, rows, case, epochs).losses
    return losses, run.snapshot().parameters


BIG = Case(widths=(150, 130), inputs=70, outputs=9, rows=150, batch=61, hidden=("relu", "silu"), shuffle=True)
PLENTY = [
    BIG,
    BIG._replace(optimizer=Adam(max_norm=0.1), l1=0.01, l2=0.01, weights=True),
    BIG._replace(dropout=0.4, optimizer=Momentum(), l2=0.1),
    BIG._replace(loss="categorical_log_loss", output="softmax", batch=150),
    BIG._replace(
        widths=(600,), hidden=("tanh",), rows=300, batch=300, optimizer=GradientDescent(), shuffle=False
    ),
    BIG._replace(rows=5000, batch=5000, widths=(40,), hidden=("tanh",), inputs=30),
    BIG._replace(
        rows=500, batch=400, widths=(40, 20), inputs=30, dropout=0.3, optimizer=Adam(max_norm=0.1), l2=0.1
    ),
    BIG._replace(rows=500, batch=499, widths=(40, 20), inputs=30, outputs=1, weights=True),
]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("case", PLENTY, ids=range(len(PLENTY)))
def test_the_bits_do_not_depend_on_the_number_of_threads(case: Case, dtype: type[np.floating[Any]]) -> None:
    losses, parameters = trained(case, dtype, 1)
    for threads in (2, 3, 8):
        again, same = trained(case, dtype, threads)
        assert np.array_equal(again, losses)
        assert np.array_equal(same, parameters)


def test_measuring_and_gradients_do_not_depend_on_the_number_of_threads() -> None:
    case = BIG._replace(rows=3000, widths=(64, 64), weights=True)
    answers = []
    for threads in (1, 2, 3, 8):
        run, rows = open_run("native", case, np.float32, threads)
        loss, gradient = run.gradients(rows)
        answers.append((run.evaluate(rows), loss, gradient.tobytes(), run.predict(rows.inputs).tobytes()))
    assert len(set(answers)) == 1


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_instruction_set_agrees_with_the_reference(name: str, dtype: type[np.floating[Any]]) -> None:
    engine = native.NativeEngine(name)
    agree(BIG._replace(optimizer=GradientDescent()), engine, dtype)
    for activation in ("gelu", "softplus", "elu"):
        agree(Case(hidden=(activation, "sigmoid"), dropout=0.2, l1=0.01, weights=True), engine, dtype)
    agree(
        Case("categorical_log_loss", "softmax", outputs=19, optimizer=Momentum(max_norm=0.2)), engine, dtype
    )
    agree(Case("poisson", "softplus", shuffle=True), engine, dtype)


def test_a_batch_of_thousands_of_rows_agrees() -> None:
    case = Case(rows=4500, batch=4500, weights=True, l2=0.01, dropout=0.2)
    (ours, rows), (theirs, _) = open_run("native", case, np.float64), open_run("reference", case, np.float64)
    got, wanted = train(ours, rows, case, 3), train(theirs, rows, case, 3)
    np.testing.assert_allclose(got.losses, wanted.losses, rtol=1e-9)
    np.testing.assert_allclose(
        ours.snapshot().parameters, theirs.snapshot().parameters, rtol=1e-9, atol=1e-12
    )
    np.testing.assert_allclose(ours.gradients(rows)[1], theirs.gradients(rows)[1], rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(ours.evaluate(rows), theirs.evaluate(rows), rtol=1e-12)


@settings(max_examples=60, deadline=None)
@given(
    inputs=st.integers(1, 140),
    widths=st.lists(st.integers(1, 140), max_size=3),
    outputs=st.integers(1, 70),
    rows=st.integers(1, 90),
    batch=st.integers(1, 100),
    name=st.sampled_from(SETS),
    threads=st.integers(1, 3),
    double=st.booleans(),
)
@example(inputs=54, widths=[1], outputs=34, rows=27, batch=1, name=SETS[0], threads=1, double=False)
def test_any_shape_agrees(
    inputs: int, widths: list[int], outputs: int, rows: int, batch: int, name: str, threads: int, double: bool
) -> None:
    dtype = np.float64 if double else np.float32
    rng = np.random.default_rng(inputs)
    network = Network.of(inputs, widths, outputs, activation="tanh")
    parameters = initialize(network, rng, dtype=dtype)
    data = [rng.standard_normal((rows, columns)).astype(dtype) for columns in (inputs, outputs)]
    orders = np.array([rng.permutation(rows) for _ in range(2)])
    rates = np.full((2, -(-rows // batch)), 0.01)

    def trained_by(engine: engines.Engine, dtype: type[np.floating[Any]]) -> tuple[np.ndarray, np.ndarray]:
        start = Parameters(network, parameters.vector.astype(dtype))
        run = engine.open_run(network, start, Objective(), GradientDescent(), threads=threads)
        losses = run.epochs(Rows(*(part.astype(dtype) for part in data)), batch, rates, orders).losses
        return losses, run.snapshot().parameters

    ours, theirs = trained_by(native.NativeEngine(name), dtype), trained_by(engines.get("reference"), dtype)
    # Some networks amplify a rounding error with every step: then float32 is as far from float64 in either engine.
    exact = theirs if double else trained_by(engines.get("reference"), np.float64)
    tolerance = 1e-10 if double else 2e-4
    for got, wanted, true in zip(ours, theirs, exact, strict=True):
        spread = 10 * float(np.abs(wanted - true).max())
        np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance + spread)


def _child(queue: multiprocessing.Queue[Any]) -> None:
    queue.put([array.tobytes() for array in trained(BIG, np.float32, 2)])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_trains_to_the_same_bits() -> None:
    wanted = [array.tobytes() for array in trained(BIG, np.float32, 2)]  # the pool exists before the fork
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_child, args=(queue,))
    child.start()
    try:
        assert queue.get(timeout=HANG) == wanted
    finally:
        child.join(HANG)
        child.kill()
    assert child.exitcode == 0


def test_several_python_threads_train_at_once() -> None:
    wanted = trained(BIG, np.float32, 2)[1]
    got: list[np.ndarray] = []
    workers = [threading.Thread(target=lambda: got.append(trained(BIG, np.float32, 2)[1])) for _ in range(5)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(got) == 5
    assert all(np.array_equal(parameters, wanted) for parameters in got)


def test_several_python_threads_share_a_predictor() -> None:
    run, rows = open_run("native", BIG, np.float32)
    network = Network.of(70, (150, 130), 9, activation=["relu", "silu"])
    predict = engines.get("native").predictor(network, Parameters(network, run.snapshot().parameters))
    many = np.tile(rows.inputs, (20, 1))
    wanted = predict(many)
    wrong: list[int] = []

    def work(number: int) -> None:
        for repeat in range(20):
            at = (37 * number + repeat) % len(many)
            if not np.array_equal(predict(many[at]), wanted[at]) or not np.array_equal(predict(many), wanted):
                wrong.append(number)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not wrong


def test_a_stop_flag_set_by_another_thread_ends_a_long_training() -> None:
    case = BIG._replace(shuffle=False)
    run, rows = open_run("native", case, np.float32, 2)
    stop = np.zeros(1, np.uint8)
    timer = threading.Timer(0.1, lambda: stop.__setitem__(0, 1))
    timer.start()
    done = run.epochs(rows, case.batch, np.full((100_000, 3), 1e-4), stop=stop)
    timer.join()
    assert len(done.losses) < 100_000
    assert run.snapshot().state.step >= 3 * len(done.losses)


def test_wrong_rows_are_refused_with_all_their_faults() -> None:
    run, rows = open_run("native", Case(), np.float32)
    with pytest.raises(InputError, match=r"inputs of the rows are float64.*\n.*targets of the rows"):
        run.evaluate(Rows(rows.inputs.astype(np.float64), rows.targets[:, :2], None))
    with pytest.raises(InputError, match="orders name rows outside 0 to 22"):
        run.epochs(rows, 8, np.ones((1, 3)), np.arange(1, 24).reshape(1, 23))
    with pytest.raises(InputError, match=r"orders have the shape \(2, 23\)"):
        run.epochs(rows, 8, np.ones((1, 3)), np.zeros((2, 23), np.intp))
    with pytest.raises(InputError, match="batch_size is 0"):
        run.epochs(rows, 0, np.ones((1, 3)))
    with pytest.raises(InputError, match="threads is 0"):
        open_run("native", Case(), np.float32, threads=0)


def test_a_loss_that_the_output_cannot_have_is_refused() -> None:
    network = Network.of(2, (), 1)
    with pytest.raises(InputError, match="needs sigmoid as output activation"):
        engines.get("native").open_run(network, Parameters.zeros(network), Objective("binary_log_loss"))


def test_an_unavailable_instruction_set_is_refused_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GLASSNET_ISA", "mmx")
    assert isinstance(native.engine(), Unavailable)
    assert not engines.available("native")
    with pytest.raises(
        SettingsError, match=r"cannot be used here: GLASSNET_ISA is 'mmx', but must be one of"
    ):
        engines.get("native")
    assert engines.get().name == "reference"


@pytest.mark.parametrize("wish", ["abc", "0", "-3", "2.5", "1e9"])
def test_an_invalid_number_of_threads_in_the_environment_is_refused(
    monkeypatch: pytest.MonkeyPatch, wish: str
) -> None:
    monkeypatch.setenv("GLASSNET_THREADS", wish)
    engine = engines.get("native")
    message = f"GLASSNET_THREADS is '{wish}', but must be an integer, at least 1."
    for use in (engine.describe, lambda: open_run("native", Case(), np.float32)):
        with pytest.raises(SettingsError, match=re.escape(message)):
            use()


@pytest.mark.parametrize(("wish", "threads"), [("3", 3), (" 2 ", 2), ("9" * 20, native.MOST_THREADS)])
def test_threads_in_the_environment(monkeypatch: pytest.MonkeyPatch, wish: str, threads: int) -> None:
    monkeypatch.setenv("GLASSNET_THREADS", wish)
    assert engines.get("native").describe()["threads"] == f"up to {threads}"


def test_any_number_of_threads_may_be_allowed() -> None:
    open_run("native", Case(), np.float32, threads=2**40)


def test_a_core_that_was_not_built_is_reported_as_missing() -> None:
    program = """
import sys
class Missing:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "glassnet.engines._native":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing)
from glassnet import engines
print(engines.unavailable("native")["native"])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    reason = "its C++ core is not part of this installation (No module named 'glassnet.engines._native'); "
    assert done.stdout.startswith(reason)


def test_the_environment_forces_instruction_set_and_threads() -> None:
    program = "from glassnet import engines; print(engines.get('native').describe())"
    environment = {**os.environ, "GLASSNET_ISA": "baseline", "GLASSNET_THREADS": "3"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert "baseline (of" in done.stdout
    assert "up to 3" in done.stdout


def test_the_type_stub_is_that_of_the_compiled_module() -> None:
    pytest.importorskip("nanobind", minversion="3", reason="stubs are generated by nanobind 3")
    import native_stub

    wanted, got = (
        ast.dump(ast.parse(text)) for text in (native_stub.generated(), native_stub.STUB.read_text("utf-8"))
    )
    assert got == wanted, "to update the stub: python tests/native_stub.py --update"


def test_the_names_of_the_core_are_those_of_the_tables() -> None:
    from glassnet.net import ACTIVATIONS, LOSSES, OPTIMIZERS

    assert set(_native.ACTIVATIONS) == set(ACTIVATIONS)
    assert set(_native.LOSSES) == set(LOSSES)
    assert set(_native.OPTIMIZERS) == set(OPTIMIZERS)
