"""One training of a live page, in a thread of its own."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from glassnet.errors import InputError, SettingsError, reporting_to
from glassnet.page.sources import Source
from glassnet.tables.schema import REGRESSION
from glassnet.training.events import EpochsDone, Event, StepDone, TrainingEnded, TrainingStarted
from glassnet.training.pace import Pace
from glassnet.training.recipes import AUTO
from glassnet.training.settings import Settings
from glassnet.training.snapshots import Snapshots
from glassnet.training.stop import StopToken

Train = Callable[..., Any]

RECIPE = "single"  # the page shows the training of one network, all of whose settings it names
MOMENTS = 1000  # recorded epochs at most
MOMENT_NUMBERS = 64_000_000  # of all recorded epochs together, at most about
READY_SECONDS = 120.0


class LiveRun:
    """One training in its thread. ``state`` is ready, playing, paused, ended or failed."""

    def __init__(self, train: Train, source: Source, settings: Mapping[str, Any], speed: float) -> None:
        self.id = secrets.token_hex(6)
        self.source = source
        self.settings = dict(settings)
        self.pace = Pace(speed)
        self.token = StopToken()
        self.started: Any = None  # the record before the first step
        self.model: Any = None  # the trained one
        self.error: Exception | None = None
        self.version = 0
        self.epoch = 0
        self.epochs = int(settings["epochs"])
        self.reason = ""
        self.counts = (0, 0)
        self.history: Any = None
        self.latest: tuple[int, Any] | None = None  # an epoch, or -1 within one, and the parameters (P,) then
        self.parts: Mapping[str, Any] = {}  # the numbers of the table's rows in each part
        self.step: StepDone | None = None  # the last one, where training is stepped through
        self.snapshots = Snapshots(MOMENTS)
        self._train = train
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"glassnet training {self.id}", daemon=True)

    def start(self) -> None:
        """Begin; returns when the training is ready to play.

        Raises:
            GlassnetError: the table or the settings cannot be used.
        """
        self._thread.start()
        self._ready.wait(READY_SECONDS)
        if self.started is None and self.error is not None:
            raise self.error
        schema = self.started.schema
        if len(schema.target) > 1 and schema.task != REGRESSION:
            self.end("several targets of classes")
            names = ", ".join(repr(column.name) for column in schema.target)
            raise InputError(f"the page shows one target of classes, but got {names}; choose one of them.")

    def end(self, reason: str) -> None:
        self.token.stop(reason)
        self.pace.release()

    @property
    def state(self) -> str:
        if self.error is not None:
            return "failed"
        if self.model is not None:
            return "ended"
        if self.pace.playing:
            return "playing"
        return "paused" if self.epoch or self.step else "ready"

    def _work(self) -> None:
        settings = self.settings
        callbacks = [self.pace, self.token, self._on_event]
        try:
            with reporting_to(lambda notes: None):  # the page shows them
                self.model = self._train(
                    self.source.table,
                    self.source.target,
                    snapshots=moments_of(self.source, settings),
                    column_types=self.source.column_types,
                    progress=False,
                    callbacks=callbacks,
                    **train_arguments(self.source, settings),
                )
            self.reason = self.model.history.stop_reason
            self.epoch = self.model.history.epochs
        except Exception as error:
            self.error = error
        self.version += 1
        self._ready.set()

    def _on_event(self, event: Event) -> None:
        """Called in the training's thread: keeps references, so that it costs next to nothing."""
        if isinstance(event, TrainingStarted):
            self.started = event.model
            self.epochs = event.epochs
            self.counts = (event.rows, event.validation_rows)
            self.parts = event.parts
            self._ready.set()
        elif isinstance(event, StepDone):
            self.step = event
            self.latest = (-1, event.after.parameters)
        elif isinstance(event, EpochsDone):
            if self.step is not None and (event.epoch, self.step.steps) != (self.step.epoch, self.step.place):
                self.step = None  # training has gone on
            self.snapshots = event.history.snapshots or self.snapshots
            self.latest = (event.epoch, event.parameters())
            self.history = event.history
            self.epoch = event.epoch
        elif isinstance(event, TrainingEnded):
            self.reason = event.reason
            self.step = None
        self.version += 1


def moments_of(source: Source, settings: Mapping[str, Any]) -> int:
    """How many epochs are recorded at most: fewer for large networks, so that they fit into memory."""
    inputs = (
        2 * len(getattr(source.table, "column_names", ())) or 16
    )  # about: columns become one or several inputs
    widths = [inputs, *settings["hidden"], 1]
    size = sum((before + 1) * after for before, after in pairwise(widths))
    return int(min(max(MOMENT_NUMBERS // size, 20), MOMENTS))


def checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a page in any form that :func:`glassnet.train` takes, as JSON can hold them; with a seed.

    Raises:
        SettingsError: values that cannot be used.
        InputError: an optimizer, loss or activation that is not one of glassnet's own: the script could not make it.
    """
    held = Settings.of(**{"recipe": RECIPE, **given}).to_dict()
    used = {
        name: value if isinstance(value, str) and value != AUTO else held[name]
        for name, value in given.items()
    }
    if not isinstance(used["epochs"], int):
        raise SettingsError(f"epochs is {used['epochs']!r}, but must be an integer at least 1 on the page.")
    return {**used, "seed": secrets.randbelow(2**31) if held["seed"] is None else held["seed"]}


def train_arguments(source: Source, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a page as arguments of :func:`glassnet.train`."""
    given = {name: value for name, value in settings.items() if value is not None or name in _NONE_MEANS}
    given["recipe"] = RECIPE
    given["hidden"] = tuple(given["hidden"])
    if source.kind == "example" and given["hidden"] == (5, 5):
        from glassnet.lessons.worked_example import start

        given["init"] = [tuple(layer) for layer in start()]
    return given


_NONE_MEANS = ("batch_size", "patience")  # settings for which None is a value of its own
