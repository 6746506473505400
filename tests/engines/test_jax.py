"""The JAX engine gives the results of the reference engine. JAX compiles for every case, so there are few of them."""

from __future__ import annotations

import sys
import threading
from dataclasses import fields
from functools import partial
from typing import Any

import numpy as np
import pytest

from agreement import Case, close, open_run, problem, train
from glassnet import engines
from glassnet.engines import Rows
from glassnet.engines.protocol import EachRow
from glassnet.engines.tracing import Tracer
from glassnet.errors import SettingsError
from glassnet.net import ACTIVATIONS, LOSSES, OPTIMIZERS, Network, dropout_masks, initialize
from glassnet.net.optimizers import Adam

jax = pytest.importorskip("jax", reason="JAX is not installed: the extra jax of glassnet installs it")

import jax.numpy as jnp  # noqa: E402

from glassnet.engines import jax_arrays, jax_formulas, jax_learner, jax_run  # noqa: E402

HIDDEN = [name for name, record in ACTIVATIONS.items() if not record.output_only]
PAIRS = [(loss, name) for loss in LOSSES for name in ACTIVATIONS if LOSSES[loss].accepts(ACTIVATIONS[name])]
FAR = [-1e4, -500, -90, -30, -1, -1e-3, 0, 1e-3, 0.3, 1, 30, 90, 500, 1e4]
PRECISION = {np.float64: 1e-12, np.float32: 1e-6}

# Every activation, loss and optimizer in deep networks.
CASES = [
    Case("squared_error", "identity", ("gelu", "silu"), optimizer=OPTIMIZERS["gradient_descent"]()),
    Case("huber", "tanh", ("elu", "sigmoid"), optimizer=OPTIMIZERS["momentum"](), weights=True, gaps=True),
    Case("quantile", "softplus", ("mish", "tanh"), optimizer=OPTIMIZERS["rmsprop"](), l1=0.01, per_row=True),
    Case("categorical_log_loss", "softmax", ("softplus", "identity"), dropout=0.3, shuffle=True, l2=0.1),
    Case(
        "binary_log_loss",
        "sigmoid",
        ("relu", "selu"),
        optimizer=OPTIMIZERS["adamw"](max_norm=0.05),
        weights=True,
    ),
    Case("poisson", "exponential", ("leaky_relu", "step"), optimizer=OPTIMIZERS["nesterov"](), weights=True),
    Case("absolute_error", "softmax", (), (), batch=100, parameter=None, l2=0.1, weights=True, per_row=True),
]


@pytest.mark.parametrize(
    ("case", "dtype"),
    [*((case, np.float64) for case in CASES), *((case, np.float32) for case in CASES[2:4])],
    ids=str,
)
def test_steps_are_those_of_the_reference(case: Case, dtype: type[np.floating[Any]]) -> None:
    got, rows = open_run("jax", case, dtype)
    wanted, _ = open_run("reference", case, dtype)
    tolerance = PRECISION[dtype]
    ours, theirs = train(got, rows, case, 5), train(wanted, rows, case, 5)
    assert ours.penalties is not None
    assert theirs.penalties is not None
    close(ours.losses, theirs.losses, tolerance)
    close(ours.penalties, theirs.penalties, tolerance)
    after, state = got.snapshot()
    close(after, wanted.snapshot().parameters, tolerance)
    assert state.step == 5 * -(-case.rows // case.batch)
    for mine, its in zip(state.moments, wanted.snapshot().state.moments, strict=True):
        close(mine, its, tolerance)


def test_the_cases_cover_the_tables() -> None:
    assert {name for case in CASES for name in case.hidden} == set(HIDDEN)
    assert {case.loss for case in CASES} == set(LOSSES)
    assert {case.optimizer.name for case in CASES} == set(OPTIMIZERS)


def test_every_formula_is_that_of_the_table() -> None:
    """Also of each pair of a loss and an output, of missing targets, and far from zero."""
    close_to = partial(np.testing.assert_allclose, rtol=1e-12, atol=1e-12)
    rng = np.random.default_rng(0)
    z = np.tile(np.array(FAR)[:, None], 3) + rng.normal(size=(len(FAR), 3))
    slopes = rng.normal(size=z.shape)
    y = np.abs(rng.normal(size=z.shape))
    y[2, 1] = np.nan
    with jax_learner.precision(), np.errstate(all="ignore"):
        for name, record in ACTIVATIONS.items():
            own, arrays = jax_formulas.activation_of(record), (z, record(z), slopes)
            close_to(own(jnp.asarray(z)), record(z), err_msg=name)
            close_to(own.backward(*map(jnp.asarray, arrays)), record.backward(*arrays), err_msg=name)
        near = np.clip(z, -20, 20)
        for loss, name in PAIRS:
            wanted, output = LOSSES[loss], ACTIVATIONS[name]
            mine, its = jax_formulas.loss_of(wanted), jax_formulas.activation_of(output)
            arrays = near, output(near), y
            for what in ("elements", "delta"):
                got = getattr(mine, what)(its, *map(jnp.asarray, arrays))
                close_to(got, getattr(wanted, what)(output, *arrays), err_msg=f"{loss} {name} {what}")


@pytest.mark.parametrize(
    "rule", [Adam(beta1=0.7, beta2=0.9, epsilon=1e-3, max_norm=2.0), OPTIMIZERS["adamw"]()]
)
def test_optimizers_and_losses_keep_their_constants(rule: Any) -> None:
    own = jax_formulas.optimizer_of(rule)
    assert [getattr(own, one.name) for one in fields(own)] == [
        getattr(rule, one.name) for one in fields(rule)
    ]
    assert jax_formulas.loss_of(LOSSES["huber"].with_parameter(0.3)).parameter == 0.3


def test_masks_are_those_of_the_reference_to_the_bit() -> None:
    network = Network.of(3, (9, 70, 5), 1, dropout=(0.1, 0.5, 0.999))

    def masks(seed: Any, step: Any, first: Any) -> Any:
        own = jax_formulas.dropout_masks
        return own(network, 37, seed=seed, step=step, dtype=np.float32, first_row=first)

    make = jax.jit(masks)
    for seed, step, first in [(0, 0, 0), (2**63 + 12345, 7, 4096), (2**64 - 1, 2**33 + 5, 1)]:
        wanted = dropout_masks(network, 37, seed=seed, step=step, dtype=np.float32, first_row=first)
        with jax_learner.precision():
            got = make(jnp.asarray(seed, jnp.uint64), step, first)
        assert wanted[3] is got[3] is None
        for ours, theirs in zip(got[:3], wanted[:3], strict=True):
            assert ours.dtype == np.float32
            np.testing.assert_array_equal(ours, theirs)


def test_nothing_is_compiled_again_for_other_numbers_of_epochs_steps_rows_and_seeds() -> None:
    compiled: list[str] = []

    def listen(event: str, seconds: float, **more: Any) -> None:
        if event.endswith("backend_compile_duration"):
            compiled.append(event)

    case = Case(dropout=0.2, rows=23, batch=8)
    network, parameters, objective, rows = problem(case, np.float32)
    jax.monitoring.register_event_duration_secs_listener(listen)
    try:
        counts = []
        for epochs, count, seed in ((1, 23, 1), (7, 23, 1), (3, 22, 2), (2, 17, 3)):
            run = engines.get("jax").open_run(network, parameters, objective, Adam(), dropout_seed=seed)
            own = rows.take(slice(0, count))
            run.epochs(own, 8, np.full((epochs, 3), 0.01))
            run.evaluate(own)
            run.epochs(
                own, 8, np.full((epochs + 2, 3), 0.02), np.tile(np.arange(count)[::-1], (epochs + 2, 1))
            )
            run.snapshot()
            counts.append(len(compiled))
    finally:
        jax.monitoring.clear_event_listeners()
    assert counts[0] > 0
    assert counts[1:] == counts[:1] * 3


@pytest.mark.parametrize(
    "case",
    [
        Case(weights=True, shuffle=True, l1=0.01, dropout=0.4, rows=70, batch=30),
        Case(gaps=True, l2=0.1, per_row=True, optimizer=Adam(max_norm=0.05), rows=70, batch=100),
    ],
    ids=str,
)
def test_large_batches_are_computed_in_parts(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jax_arrays, "MOST_ROWS", {"cpu": 16, "gpu": 16})
    got, rows = open_run("jax", case, np.float64)
    wanted, _ = open_run("reference", case, np.float64)
    close(got.gradients(rows)[1], wanted.gradients(rows)[1], 1e-12)
    close(train(got, rows, case, 4).losses, train(wanted, rows, case, 4).losses, 1e-12)
    close(got.snapshot().parameters, wanted.snapshot().parameters, 1e-12)
    close(got.predict(rows.inputs), wanted.predict(rows.inputs), 1e-12)
    assert got.evaluate(rows) == pytest.approx(wanted.evaluate(rows), rel=1e-12)


@pytest.mark.parametrize("most", [4096, 16])
def test_a_stop_is_seen_between_calls_of_the_device(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole steps are made; the others give the parameters of a training that was not stopped."""
    monkeypatch.setattr(jax_arrays, "MOST_ROWS", {"cpu": most, "gpu": most})
    monkeypatch.setattr(jax_run, "MOST_STEPS", 8)
    case = Case(rows=60, batch=20)
    stopped, rows = open_run("jax", case, np.float64)
    whole, _ = open_run("jax", case, np.float64)
    stop = np.zeros(1, np.uint8)
    thread = threading.Timer(0.2, stop.__setitem__, (0, 1))
    thread.start()
    done = stopped.epochs(rows, 20, np.full((10**6, 3), 1e-4), stop=stop)
    thread.join()
    made = stopped.snapshot().state.step
    assert made < 3 * 10**6
    assert len(done.losses) == made // 3
    whole.epochs(rows, 20, np.full((made // 3, 3), 1e-4))
    for number in range(made % 3):
        whole.epochs(rows.take(slice(20 * number, 20 * number + 20)), 20, np.full((1, 1), 1e-4))
    close(stopped.snapshot().parameters, whole.snapshot().parameters, 1e-12)


def test_a_row_that_only_fills_up_a_batch_changes_nothing() -> None:
    """The loss of the first row is infinite, but its batch comes last, and the second batch is not full."""
    case = Case(hidden=("tanh",), widths=(4,), rows=23, batch=20)
    run, rows = open_run("jax", case, np.float64)
    rows.targets[0] = np.inf
    order = np.roll(np.arange(23), -1)[None]
    done = run.epochs(rows, 20, np.full((1, 2), 0.01), order)
    assert done.diverged_at == 2
    assert run.snapshot().state.step == 1
    assert np.isfinite(run.snapshot().parameters).all()


def test_the_trace_is_what_predicts_to_the_last_bit() -> None:
    network = Network.of(54, (96, 70, 33), 7, activation=("gelu", "tanh", "selu"), output="softmax")
    parameters = initialize(network, np.random.default_rng(0), None, np.float32)
    inputs = np.random.default_rng(1).normal(size=(3, 54)).astype(np.float32)
    engine = engines.get("jax")
    run = engine.open_run(network, parameters)
    for rows in (inputs, inputs[:1]):
        trace = Tracer(engine, network, parameters)(rows)
        np.testing.assert_array_equal(trace.outputs, run.predict(rows))
        given = Rows(rows, np.zeros((len(rows), 7), np.float32))
        each = EachRow.of(given)
        run.evaluate(given, None, each)
        np.testing.assert_array_equal(trace.outputs, each.outputs)
    one = engine.predictor(network, parameters)(inputs[0])
    assert one.shape == (7,)
    np.testing.assert_array_equal(one, run.predict(inputs[:1])[0])


def test_the_settings_of_jax_outside_are_left_alone() -> None:
    run, rows = open_run("jax", Case(), np.float64)
    run.predict(rows.inputs)
    assert jnp.ones(1).dtype == np.float32
    assert jax.config.jax_default_matmul_precision is None


def test_parameters_that_are_changed_later_are_not_those_of_the_run() -> None:
    network, parameters, objective, _ = problem(Case(), np.float32)
    run = engines.get("jax").open_run(network, parameters, objective)
    before = run.parameters()
    snapshot = run.snapshot()
    parameters.vector[:] = 0
    snapshot.parameters[:] = 0
    np.testing.assert_array_equal(run.parameters(), before)


def test_without_jax_the_message_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jax", None)
    monkeypatch.setattr("glassnet.engines.jax.find_spec", lambda name: None)
    assert "jax" not in engines.available()
    with pytest.raises(SettingsError, match=r"JAX is not installed.*\[jax\]"):
        engines.get("jax")
    assert engines.get("auto").name != "jax"
