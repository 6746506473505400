"""Arguments of any kind: every engine gives the same result, or refuses them with a message of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from agreement import ENGINES
from glassnet import engines
from glassnet.engines import Engine, Rows, Snapshot
from glassnet.errors import GlassnetError
from glassnet.net import Network, Parameters, State, initialize
from glassnet.net.optimizers import Adam

sparse = pytest.importorskip("scipy.sparse")

NETWORK = Network.of(4, (5,), 2, activation="tanh")
RATES = np.full((1, 3), 0.01)
ODD = [None, "abc", 5, 2.5, -1, 0, True, {}, [], [1], object(), float("nan"), 10**30, np.int64(2)]
DTYPES = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def start(dtype: Any) -> Parameters:
    return initialize(NETWORK, np.random.default_rng(1), dtype=dtype)


def rows(dtype: Any) -> Rows:
    rng = np.random.default_rng(0)
    return Rows(*(rng.standard_normal((7, columns)).astype(dtype) for columns in (4, 2)))


def variants(a: Any) -> Iterator[Any]:
    """An array in many types and layouts, and other things."""
    yield from ODD
    for kind in (float, np.float32, int, bool, object, str, complex, np.float16, np.longdouble, "M8[s]"):
        yield a.astype(kind)
    for number in (np.nan, np.inf):
        if a.dtype.kind == "f":
            changed = a.copy()
            changed.flat[0] = number
            yield changed
    frozen = a.copy()
    frozen.flags.writeable = False
    unaligned = np.frombuffer(b"x" + a.tobytes(), np.uint8)[1:].view(a.dtype).reshape(a.shape)
    yield from (frozen, unaligned, a.astype(a.dtype.newbyteorder()), np.repeat(a, 2, axis=0)[::2], a[::-1])
    yield from (
        a.tolist(),
        np.asfortranarray(a),
        a.T,
        a.ravel(),
        a[:0],
        a[..., :0],
        a[None],
        np.ma.masked_array(a),
    )
    if a.ndim == 2:
        yield np.matrix(a)
        for layout in ("csr", "csc", "coo"):
            yield sparse.csr_array(a).asformat(layout)
        yield from (sparse.csr_matrix(a), sparse.csr_array(a.astype(int)), sparse.coo_array(a[0]))


def outcome(work: Callable[[Engine], Any], name: str) -> Any:
    """The numbers of a result; or that the arguments were refused."""
    try:
        result = work(engines.get(name))
    except GlassnetError:
        return None
    parts = result if isinstance(result, tuple) else (result,)
    return [np.asarray(part, np.float64) for part in parts if part is not None]


def agree(call: Callable[..., Any], *given: Any) -> None:
    """Every engine does the same for ``call(engine, *given)``."""

    def work(engine: Engine) -> Any:
        return call(engine, *given)

    with np.errstate(all="ignore"):
        wanted = outcome(work, "reference")
        for name in ENGINES:
            got = outcome(work, name)
            assert (got is None) == (wanted is None)
            for ours, theirs in zip(got or [], wanted or [], strict=True):
                np.testing.assert_allclose(ours, theirs, rtol=2e-4, atol=1e-5)


@DTYPES
@pytest.mark.filterwarnings("ignore")  # of conversions
def test_rows_and_inputs_of_any_kind(dtype: Any) -> None:
    parameters, good = start(dtype), rows(dtype)
    calls: list[Callable[[Engine, Rows], Any]] = [
        lambda engine, own: engine.open_run(NETWORK, parameters).evaluate(own),
        lambda engine, own: engine.open_run(NETWORK, parameters).gradients(own),
        lambda engine, own: engine.open_run(NETWORK, parameters).epochs(own, 3, RATES),
    ]
    for given in variants(good.inputs):
        agree(lambda engine, own: engine.open_run(NETWORK, parameters).predict(own), given)
        agree(lambda engine, own: engine.predictor(NETWORK, parameters)(own), given)
        for call in calls:
            agree(call, Rows(given, good.targets))
    weights = np.abs(good.targets[:, 0])
    for own in (
        *(Rows(good.inputs, given) for given in variants(good.targets)),
        *(Rows(good.inputs, good.targets, given) for given in variants(weights)),
    ):
        for call in calls[:2]:
            agree(call, own)


@DTYPES
@pytest.mark.filterwarnings("ignore")  # of conversions
def test_steps_orders_and_stop_flags_of_any_kind(dtype: Any) -> None:
    parameters, good = start(dtype), rows(dtype)

    def epochs(batch_size: Any = 3, rates: Any = RATES, orders: Any = None, stop: Any = None) -> None:
        agree(
            lambda engine: engine.open_run(NETWORK, parameters).epochs(good, batch_size, rates, orders, stop)
        )

    for odd in (*ODD, 7, 10**18):
        steps = 3 if not isinstance(odd, int) or odd == 3 else max(1, 7 // max(odd, 1))
        epochs(batch_size=odd, rates=np.full((1, steps), 0.01))
    for rates in (
        *variants(RATES),
        RATES[:, :2],
        np.full((1, 5), 0.1),
        np.empty((0, 3)),
        RATES * np.nan,
        -RATES,
    ):
        epochs(rates=rates)
    order = np.arange(7)[None]
    for orders in (
        *variants(order),
        *variants(order * 1.0),
        order - 1,
        order + 2**40,
        order.astype(np.int8),
        order * 0,
    ):
        epochs(orders=orders)
    for stop in (*variants(np.zeros(1, np.uint8)), np.zeros((1, 1), np.uint8), np.zeros(1, bool)):
        epochs(stop=stop)
        agree(lambda engine, own: engine.open_run(NETWORK, parameters).predict(good.inputs, own), stop)
        agree(lambda engine, own: engine.open_run(NETWORK, parameters).evaluate(good, own), stop)


@DTYPES
@pytest.mark.filterwarnings("ignore")  # of conversions
def test_snapshots_of_any_kind(dtype: Any) -> None:
    parameters, good = start(dtype), rows(dtype)
    vector, moments = parameters.vector, Adam().init(parameters.vector).moments
    states = [
        None,
        State(0, ()),
        State(0, moments[:1]),
        State(0, (*moments, vector)),
        State(0, (vector[:3], vector)),
    ]
    states += [State(step, moments) for step in ODD]  # type: ignore[arg-type]
    states += [State(0, ("a", "b")), State(0, [moment.tolist() for moment in moments])]  # type: ignore[arg-type]
    given = [Snapshot(own, State(0, moments)) for own in variants(vector)]
    given += [Snapshot(vector, state) for state in states]  # type: ignore[arg-type]

    def restored(engine: Engine, snapshot: Any) -> Any:
        run = engine.open_run(NETWORK, parameters)
        run.restore(snapshot)
        return run.epochs(good, 3, RATES)

    for snapshot in (*given, *ODD):
        agree(restored, snapshot)


@DTYPES
def test_networks_parameters_and_numbers_of_any_kind(dtype: Any) -> None:
    parameters, inputs = start(dtype), rows(dtype).inputs
    other = Network.of(4, (6,), 2)
    opened = [(other, parameters), (NETWORK, parameters.vector), (None, parameters), (NETWORK, None)]
    opened += [(NETWORK, parameters, "squared_error"), (NETWORK, parameters, None, "adam")]  # type: ignore[list-item]
    opened += [(NETWORK, Parameters(NETWORK, parameters.vector.astype(int)))]
    for arguments in opened:
        for name in ENGINES:
            with pytest.raises(GlassnetError):
                engines.get(name).open_run(*arguments)  # type: ignore[arg-type]
            if len(arguments) == 2:
                with pytest.raises(GlassnetError):
                    engines.get(name).predictor(*arguments)  # type: ignore[arg-type]
    for odd in ODD:
        agree(lambda engine, own: engine.open_run(NETWORK, parameters, threads=own).predict(inputs), odd)
        agree(lambda engine, own: engine.open_run(NETWORK, parameters, dropout_seed=own).predict(inputs), odd)
