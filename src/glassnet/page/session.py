"""A live page's trainings: one at a time, each in a thread of its own, and what a page may ask of them."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from glassnet.errors import DivergenceError, GlassnetError, InputError
from glassnet.net import ACTIVATIONS, LOSSES, OPTIMIZERS
from glassnet.page.document import describe
from glassnet.page.packing import pack
from glassnet.page.sources import CHOICES, Source, Upload, source_of, worked_source
from glassnet.training.events import EpochsDone, Event, TrainingEnded, TrainingStarted
from glassnet.training.pace import Pace
from glassnet.training.stop import StopToken

Train = Callable[..., Any]

MOMENTS = 1000  # recorded epochs at most, and fewer where they would take more than
MOMENT_NUMBERS = 16_000_000  # so many numbers together
READY_SECONDS = 120.0
ROWS = 1000
PACED_SECONDS = 20.0  # a training that would be over sooner is slowed down, so that it can be watched


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
        self.vector: Any = None
        self.moments: dict[int, Any] = {}
        self.stride = 1
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
        return "paused" if self.epoch else "ready"

    def _work(self) -> None:
        settings = self.settings
        callbacks = [self.pace, self.token, self._on_event]
        try:
            self.model = self._train(
                self.source.table,
                self.source.target,
                snapshots=MOMENTS,
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
            self._ready.set()
        elif isinstance(event, EpochsDone):
            snapshots = event.history.snapshots
            if snapshots is not None:
                self.stride = snapshots.stride
                self.moments = {epoch: snapshots[epoch] for epoch in snapshots.epochs.tolist()}
            self.vector = event.parameters()
            self.history = event.history
            self.epoch = event.epoch
        elif isinstance(event, TrainingEnded):
            self.reason = event.reason
        self.version += 1


def train_arguments(source: Source, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a page as arguments of :func:`glassnet.train`."""
    given = {name: value for name, value in settings.items() if value is not None or name in _NONE_MEANS}
    given["hidden"] = tuple(given["hidden"])
    if source.kind == "example" and given["hidden"] == (5, 5):
        from glassnet.lessons.worked_example import start

        given["init"] = [tuple(layer) for layer in start()]
    return given


_NONE_MEANS = ("batch_size", "patience")  # settings for which None is a value of its own


class Session:
    """The state behind a live page, which all its tabs share."""

    def __init__(self, train: Train, source: Source | None = None, upload: Upload | None = None) -> None:
        self._train = train
        self._lock = threading.Lock()
        self.upload = upload
        self.run = self._begin(source or worked_source(), {}, 0.0, play=False)

    def start(self, request: Mapping[str, Any]) -> None:
        """Start again with what a page asks for: ``source``, ``settings``, ``target``, ``column_types``, ``play``.

        Raises:
            GlassnetError: it cannot be used; the running training goes on.
        """
        with self._lock:
            run = self.run
            playing = bool(request.get("play", run.state == "playing"))
            if "source" in request:
                source = source_of(
                    request["source"], self.upload, request.get("target"), request.get("column_types")
                )
                base = dict(source.settings)
                if source.kind == run.source.kind and "settings" not in request:
                    base = dict(run.settings)
            else:
                source, base = run.source, dict(run.settings)
            given = request.get("settings") or {}
            unknown_ = sorted(set(given) - set(base))
            if unknown_:
                raise InputError(f"there are no settings {', '.join(map(repr, unknown_))} on the page.")
            speed = run.pace.speed if source.kind == run.source.kind else 0.0
            self.run = self._begin(source, {**base, **given}, speed, play=playing, before=run)

    def _begin(
        self,
        source: Source,
        settings: Mapping[str, Any],
        speed: float,
        *,
        play: bool,
        before: LiveRun | None = None,
    ) -> LiveRun:
        chosen = {**source.settings, **settings}
        if not speed:
            speed = float(max(chosen["epochs"] / PACED_SECONDS, 1.0))
            speed = min((own for own in (1, 5, 25, 100, 500) if own >= speed), default=500)
        run = LiveRun(self._train, source, chosen, speed)
        run.start()
        if before is not None:
            before.end("started again")
        if play:
            run.pace.play()
        return run

    def control(self, action: str, speed: float | None = None) -> None:
        """Play, pause, epoch, finish, stop, restart or speed.

        Raises:
            InputError: there is no such action.
        """
        run = self.run
        if action == "play":
            run.pace.play()
        elif action == "pause":
            run.pace.pause()
        elif action in ("step", "epoch"):
            run.pace.allow(1)
        elif action == "finish":
            run.pace.release()
        elif action == "stop":
            run.end("stopped on the page")
        elif action == "restart":
            self.start({"play": False})
        elif action == "speed" and speed is not None and speed >= 0:
            run.pace.speed = float(speed)
        else:
            raise InputError(f"there is no action {action!r:.80}.")
        run.version += 1

    # -- what a page is told

    def state(self) -> dict[str, Any]:
        """The whole state: the document, the training, the settings and what can be chosen."""
        run = self.run
        model = run.model or run.started
        document = describe(model, run.source.table, rows=ROWS, snapshots=False)
        return {"document": document, "run": self.told(run, 0), "workshop": self.workshop()}

    def workshop(self) -> dict[str, Any]:
        run = self.run
        return {
            "settings": run.settings,
            "source": {"kind": run.source.kind, **run.source.about},
            "uploaded": None if self.upload is None else self.upload.about,
            "choices": {
                **CHOICES,
                "activation": [name for name, own in ACTIVATIONS.items() if not own.output_only],
                "optimizer": list(OPTIMIZERS),
                "loss": [None, *LOSSES],
            },
        }

    def told(self, run: LiveRun, cursor: int) -> dict[str, Any]:
        """What changed since the epoch ``cursor``: increments of the curves, and how far the training is."""
        history = run.model.history if run.model is not None else run.history
        curves = None
        epoch = 0 if history is None else history.epochs
        if history is not None:
            names = ("loss", "validation_loss", "validation_score", "rate")
            curves = {name: pack(getattr(history, name)[cursor:]) for name in names}
            curves |= {"metric": history.metric, "best_epoch": history.best_epoch}
        error = run.error
        return {
            "id": run.id,
            "state": run.state,
            "epoch": epoch,
            "epochs": run.epochs,
            "reason": run.reason,
            "error": "" if error is None else error_text(error),
            "speed": run.pace.speed,
            "rows": run.counts[0],
            "validation": run.counts[1],
            "stride": run.stride,
            "recorded": len(run.moments),
            "from": cursor,
            "curves": curves,
        }

    def parameters(self, run_id: str) -> bytes:
        """The newest parameters: the epoch as one float64, then the numbers."""
        run = self._run(run_id)
        vector = run.vector
        if run.model is not None:
            vector = run.model.learnt.vector
        elif vector is None:
            vector = run.started.learnt.vector
        return binary([run.epoch], [vector])

    def moments(self, run_id: str) -> bytes:
        """All recorded epochs with their parameters."""
        run = self._run(run_id)
        found = run.moments
        most = max(MOMENT_NUMBERS // run.started.learnt.vector.size, 2)
        stride = -(-len(found) // most) or 1
        shown = dict(list(found.items())[::stride])
        return binary(list(shown), list(shown.values()))

    def _run(self, run_id: str) -> LiveRun:
        if run_id != self.run.id:
            raise InputError("this training is over: another one was started.")
        return self.run

    def examine(self) -> dict[str, Any]:
        """Importances and findings of the trained model."""
        from glassnet.inside.doctor import examine
        from glassnet.inside.importances import importances

        run = self.run
        if run.model is None:
            raise InputError("the training has not ended yet: press finish or stop first.")
        table = run.source.table
        measured, found = importances([run.model], table), examine(run.model, table)
        document = describe(run.model, None, importances=measured, diagnosis=found, snapshots=False)
        return {name: document[name] for name in ("importances", "findings")}


def binary(epochs: list[int], vectors: list[Any]) -> bytes:
    """The number of vectors and their epochs as float64, then the vectors, in their own type, little-endian."""
    head = np.array([len(epochs), *epochs], "<f8").tobytes()
    if not vectors:
        return head
    dtype = "<f4" if vectors[0].dtype == np.float32 else "<f8"
    return head + b"".join(np.ascontiguousarray(own, dtype).tobytes() for own in vectors)


def error_text(error: Exception) -> str:
    """What a person is told of a training that failed."""
    if isinstance(error, (DivergenceError, GlassnetError)):
        return str(error)
    return f"{type(error).__name__}: {error}"
