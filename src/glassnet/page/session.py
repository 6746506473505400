"""A live page's trainings: one at a time, each in a thread of its own, and what a page may ask of them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet.errors import DivergenceError, GlassnetError, InputError
from glassnet.net import ACTIVATIONS, LOSSES, OPTIMIZERS
from glassnet.page.document import describe
from glassnet.page.live_run import LiveRun, Train, checked
from glassnet.page.packing import pack
from glassnet.page.sources import CHOICES, Source, Upload, source_of, worked_source
from glassnet.page.steps import step_facts, step_vectors

MOMENT_NUMBERS = 16_000_000  # of all recorded epochs together, at most
ROWS = 1000
PACED_SECONDS = 20.0  # a training that would be over sooner is slowed down, so that it can be watched


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
        for name in ("source", "settings", "column_types"):
            if not isinstance(request.get(name), (dict, type(None))):
                raise InputError(f"{name} is {request[name]!r:.80}, but must be an object.")
        target = request.get("target")
        names = target if isinstance(target, list) else [target]
        if not all(isinstance(name, (str, type(None))) for name in names):
            raise InputError(
                f"the target is {target!r:.80}, but must be the name of a column, or several names."
            )
        with self._lock:
            run = self.run
            playing = bool(request.get("play", run.state == "playing"))
            if request.get("source") is not None:
                source = source_of(request["source"], self.upload, target, request.get("column_types"))
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
        chosen = checked({**source.settings, **settings})
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
        """Play, pause, step, epoch, finish, stop, restart or speed.

        Raises:
            InputError: there is no such action.
        """
        run = self.run
        if action == "play":
            run.pace.play()
        elif action == "pause":
            run.pace.pause()
        elif action == "step":
            run.pace.step()
        elif action == "epoch":
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

    # -- what a page receives

    def state(self) -> dict[str, Any]:
        """The whole state: the document, the training, the settings and what can be chosen."""
        run = self.run
        model = run.model or run.started
        document = describe(model, run.source.table, rows=ROWS, snapshots=False, parts=run.parts)
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
        error, step = run.error, run.step
        return {
            "id": run.id,
            "state": run.state,
            "epoch": epoch,
            "epochs": run.epochs,
            "reason": run.reason,
            "error": "" if error is None else error_text(error),
            "speed": run.pace.speed,
            "unlimited": run.pace.unlimited,
            "rows": run.counts[0],
            "validation": run.counts[1],
            "stride": run.snapshots.stride,
            "recorded": len(run.snapshots),
            "step": None if step is None else step_facts(step, run.parts["train"]),
            "from": cursor,
            "curves": curves,
        }

    def parameters(self, run_id: str) -> bytes:
        """The newest parameters: their epoch as one float64, -1 within an epoch, then the numbers."""
        run = self._run(run_id)
        epoch, vector = run.latest or (0, run.started.learnt.vector)
        if run.model is not None:
            epoch, vector = run.epoch, run.model.learnt.vector
        return binary([epoch], [vector])

    def step(self, run_id: str) -> bytes:
        """The vectors of the last step, each with the number of the step; see :func:`step_vectors`."""
        run = self._run(run_id)
        step = run.step
        vectors = [] if step is None else step_vectors(run.started, step)
        return binary([0 if step is None else step.after.state.step] * len(vectors), vectors)

    def moments(self, run_id: str) -> bytes:
        """All recorded epochs with their parameters."""
        run = self._run(run_id)
        kept = run.snapshots
        most = max(MOMENT_NUMBERS // run.started.learnt.vector.size, 2)
        stride = -(-len(kept) // most) or 1
        epochs = kept.epochs[::stride].tolist()
        return binary(epochs, [kept[epoch] for epoch in epochs])

    def _run(self, run_id: str) -> LiveRun:
        if run_id != self.run.id:
            raise InputError("this training is over: another one was started.")
        return self.run

    def examine(self) -> dict[str, Any]:
        """Importances, findings and the card of the trained model."""
        from glassnet.inside.card import card
        from glassnet.inside.doctor import examine
        from glassnet.inside.importances import importances

        run = self.run
        if run.model is None:
            raise InputError("the training has not ended yet: press finish or stop first.")
        table = run.source.table
        measured, found = importances([run.model], table), examine(run.model, table)
        document = describe(
            run.model, importances=measured, diagnosis=found, card=card(run.model), snapshots=False
        )
        return {name: document[name] for name in ("importances", "findings", "card")}


def binary(epochs: list[int], vectors: list[Any]) -> bytes:
    """The number of vectors and their epochs as float64, then the vectors, in their own type, little-endian."""
    head = np.array([len(epochs), *epochs], "<f8").tobytes()
    if not vectors:
        return head
    dtype = "<f4" if vectors[0].dtype == np.float32 else "<f8"
    return head + b"".join(np.ascontiguousarray(own, dtype).tobytes() for own in vectors)


def error_text(error: Exception) -> str:
    """The message for a training that failed."""
    if isinstance(error, (DivergenceError, GlassnetError)):
        return str(error)
    return f"{type(error).__name__}: {error}"
