"""The training of a model's networks, one or several.

Several networks are trained side by side, each by a thread of its own: the engine computes without Python's lock. They
take turns at the processors in the order in which they ask for one, also with those of other trainings in this process.
Events are passed to the thread that called ``train``, and wait until the callbacks have returned.
"""

from __future__ import annotations

import contextvars
import threading
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from glassnet.caching import cached_property
from glassnet.engines import Engine, Rows, Run
from glassnet.engines.threads import most_threads
from glassnet.memory import memory
from glassnet.net import Network, Parameters
from glassnet.training.checkpoint import OpenCheckpoint
from glassnet.training.duration import Duration, seconds_of_epoch
from glassnet.training.events import Callbacks
from glassnet.training.loop import Loop
from glassnet.training.prepare import Prepared
from glassnet.training.result import Result
from glassnet.training.row_source import RowsInMemory, RowSource
from glassnet.training.settings import Settings
from glassnet.training.setup import Streams, initial_parameters, places_of
from glassnet.training.stop import INTERRUPTED, StopToken
from glassnet.training.trained_network import TrainedNetwork
from glassnet.training.turns import Relay, RunInTurn, Slots, slots_of_process
from glassnet.training.validation_metric import metric_of, one_at_a_time
from glassnet.training.without_bins import RunOfInputs, Seen, inputs_of, of_inputs, without_bins


@dataclass(frozen=True)
class Share:
    """What one of several networks gets of the machine.

    Attributes:
        threads: of the engine; ``None`` lets the engine choose.
        callbacks: where it sends its events.
        slots: where its calls of the engine take turns with those of the others; ``None`` if there are no others.
        functions: locked by the network that calls a function which is not ours.
        rounds: how often the engine computes, one call after another, until each has had its turn.
    """

    threads: int | None
    callbacks: Callbacks
    slots: Slots | None = None
    functions: threading.Lock = field(default_factory=threading.Lock)
    rounds: float = 1.0


@dataclass(frozen=True, eq=False)
class Plan:
    """The networks of a training: what each starts from, and its training loop.

    Args:
        settings: complete ones, as :func:`prepare` returns them.
        stop: ends the training of all networks.
        earlier: the networks whose training is continued.
        checkpoint: where the states of the loops are kept, and from which they go on.
    """

    settings: Settings
    network: Network
    prepared: Prepared
    stop: StopToken
    earlier: Sequence[TrainedNetwork] | None = None
    checkpoint: OpenCheckpoint | None = None

    @cached_property
    def first(self) -> tuple[Parameters, ...]:
        """The parameters of each network before training."""
        return tuple(map(self._first, range(self.settings.members)))

    def _first(self, number: int) -> Parameters:
        settings, streams = self.settings, self._streams(number)
        if self.earlier is not None:
            settings = settings.with_checked(init=self.earlier[number].learnt.vector)
        return initial_parameters(settings, self.network, streams.start, inputs_of(self.prepared, number))

    def _streams(self, number: int) -> Streams:
        assert self.settings.seed is not None
        return Streams.of(self.settings.seed, number)

    def trained(self, results: Mapping[int, Result]) -> tuple[TrainedNetwork, ...]:
        """The networks of these results, by their numbers; of one without a kept epoch, as it was at first."""
        network = self.network
        return tuple(
            TrainedNetwork(network, start, Parameters(network, kept.parameters) if kept else start, history)
            for start, (history, kept) in ((self.first[number], own) for number, own in results.items())
        )

    @property
    def size(self) -> int:
        """The bytes that a network takes while it is trained: its parameters with the moments, now and at the best
        epoch, and the weights once more in the order of the backward pass; with a checkpoint, its state twice more."""
        moments = self.settings.optimizer.moment_count
        kept = 0 if self.checkpoint is None else 2 * (2 + moments)
        numbers = self.network.parameter_count * (3 + 2 * moments + kept)
        return numbers * np.dtype(self.settings.dtype).itemsize

    @cached_property
    def _without_bins(self) -> Prepared:
        return without_bins(self.prepared)

    def open_loop(self, engine: Engine, number: int, share: Share, duration: Duration) -> Loop:
        """The training loop of that network, on its own rows."""
        settings, streams, own = self.settings, self._streams(number), self.prepared.of_member(number)
        rows = self._train_rows(own)
        checked = None if own.validation is None else own.validation.rows
        run = self._open_run(engine, number, share, self._seen(number, rows, checked))
        metric = metric_of(settings.metric, own)
        if share.slots is not None:
            run = RunInTurn(run, share.slots)
            if metric is not None and callable(settings.metric):
                metric = one_at_a_time(metric, share.functions)
        loop = Loop(
            run,
            self._source(own, rows, streams),
            checked,
            settings,
            streams.order,
            metric=metric,
            stop=self.stop,
            callbacks=share.callbacks,
            member=number,
            duration=duration,
        )
        if self.checkpoint is not None:
            loop.on_state = partial(self.checkpoint.record, number)
            if number in self.checkpoint.states:
                loop.restore(self.checkpoint.states[number])
        return loop

    def _source(self, own: Prepared, rows: Rows, streams: Streams) -> RowSource:
        if own.cached is None:
            return RowsInMemory(rows)
        seed = int(streams.order.sequence().generate_state(2, np.uint64)[1])
        return own.cached.source(self.settings.objective.loss, seed)

    def _train_rows(self, own: Prepared) -> Rows:
        """The training rows of a network, with the targets that its loss has in training."""
        return replace(own.train, targets=self.settings.objective.loss.training_targets(own.train.targets))

    def _seen(self, number: int, rows: Rows, checked: Rows | None) -> Seen:
        """The training and validation rows of a network, each beside what the network sees of it."""
        used = inputs_of(self.prepared, number)
        if used is None:
            return ()
        train = rows, self._train_rows(self._without_bins.of_member(number))
        return (train,) if checked is None else (train, (checked, of_inputs(checked, used)))

    def _open_run(self, engine: Engine, number: int, share: Share, seen: Seen = ()) -> Run:
        network, first, used = self.network, self.first[number], inputs_of(self.prepared, number)
        if used is not None:
            places = places_of(network, used)
            network = replace(network, inputs=len(used))
            first = Parameters(network, first.vector[places])
        run = engine.open_run(
            network,
            first,
            self.settings.objective,
            self.settings.optimizer,
            dropout_seed=self._streams(number).dropout_seed if network.drops else 0,
            threads=share.threads,
        )
        if used is None:
            return run
        return RunOfInputs(run, used, places, self.network.parameter_count, seen)

    @property
    def seconds_before(self) -> float:
        """The seconds that networks have taken whose training had ended when the checkpoint was written."""
        states = [] if self.checkpoint is None else self.checkpoint.states.values()
        return sum(state.history.seconds for state in states if state.history.ended_by)

    def seconds_of_epoch(self, engine: Engine, share: Share) -> float:
        """The seconds in which each of the networks that share the machine makes an epoch, estimated."""
        own = self.prepared.of_member(0)
        rows = self._train_rows(own)
        checked = None if own.validation is None else own.validation.rows
        run = self._open_run(engine, 0, share)
        size = self.settings.batch_size or len(rows)
        return share.rounds * seconds_of_epoch(run, rows, checked, size, self.stop.flag, own.count)


def train_members(
    plan: Plan, engine: Engine, callbacks: Callbacks, started: Callable[[Loop, float], None]
) -> dict[int, Result]:
    """Train the networks of a model, and return those that completed an epoch, by their numbers; or all if none did.

    Each has one thread of the engine, or more if there are fewer networks than processors. Networks that are too large
    to be trained in memory together are trained one after another, with all threads. The results are the same to the
    bit.

    Args:
        started: is called before the training, with the loop of the first network, and with the seconds that the
            training takes if no network stops early, estimated; 0 where nothing needs them.

    Warns:
        RuntimeWarning: training was stopped before all networks had completed an epoch.

    Raises:
        DivergenceError: a network diverged and has no epoch that can be kept.
    """
    settings = plan.settings
    count = settings.members
    share = _share(plan, callbacks)
    needed = callbacks or settings.max_time is not None
    duration = Duration(settings.max_time, plan.seconds_of_epoch(engine, share) if needed else 0.0)
    if isinstance(share.callbacks, Relay):
        together = []
        for number in range(count):
            together.append(plan.open_loop(engine, number, share, duration))
            if plan.stop.reason == INTERRUPTED:
                break
        left = max(loop.epochs - loop.record.epochs for loop in together)
        started(together[0], duration.expected(left))
        found = _side_by_side(together, share.callbacks, plan.stop)
    else:
        found = []
        begun = time.perf_counter() - plan.seconds_before
        for number in range(count):  # each has an equal part of what is left of the time
            remaining = count - number
            own = duration.shared(time.perf_counter() - begun, remaining)
            loop = plan.open_loop(engine, number, share, own)
            if not number:
                started(loop, own.expected(loop.epochs) * remaining)
            found.append(loop.train())
    trained = {number: own for number, own in enumerate(found) if own.history.epochs}
    if not trained:
        return dict(enumerate(found))
    if len(trained) < count:
        warnings.warn(
            f"training was stopped before the first epoch of {count - len(trained)} of the {count} networks was "
            f"complete: the model has the other {len(trained)}.",
            RuntimeWarning,
            stacklevel=4,
        )
    return trained


def _share(plan: Plan, callbacks: Callbacks) -> Share:
    """What each network gets; the callbacks are a :class:`Relay` if several are trained side by side."""
    settings, count = plan.settings, plan.settings.members
    if count == 1 or plan.prepared.cached is not None or count * plan.size > memory() / 2:
        return Share(settings.threads, callbacks)
    threads = settings.threads or most_threads()
    own = max(1, threads // count)
    at_once = max(1, threads // own)
    slots = Slots(at_once) if settings.threads else slots_of_process(at_once)
    return Share(own, Relay(callbacks), slots, rounds=max(1.0, count / at_once))


def _side_by_side(loops: list[Loop], relay: Relay, stop: StopToken) -> list[Result]:
    found: dict[int, Result] = {}
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            found[number] = loops[number].train()
        except BaseException as error:  # raised again by the thread that called
            errors.append(error)
            relay.close()
            stop.stop_alone("the training of another network failed")
        finally:
            relay.end()

    threads = [
        # a thread has no context of its own: how messages spell settings, how NumPy treats faults
        threading.Thread(
            target=contextvars.copy_context().run,
            args=(work, number),
            name=f"glassnet member {number}",
            daemon=True,
        )
        for number in range(len(loops))
    ]
    for thread in threads:
        thread.start()
    try:
        relay.serve(len(threads))
    except BaseException:
        stop.stop_alone("the thread that waited for it was interrupted")
        raise
    for thread in threads:  # which has nothing left to do but to let go of its run
        thread.join()
    if errors:
        raise errors[0]
    return [found[number] for number in range(len(loops))]
