"""``train_more``: the training of a model, continued with new rows."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Real
from os import PathLike
from typing import Any

from glassnet.distributed.calls import together
from glassnet.errors import Faults, InputTypeError, SettingsError, called, report_result
from glassnet.fit import train_with
from glassnet.keywords import advice
from glassnet.model import Model
from glassnet.training.checkpoint import Checkpoint, OpenCheckpoint, seed_of
from glassnet.training.events import Callback
from glassnet.training.judged import share_without_bins
from glassnet.training.provenance import trained_on_before
from glassnet.training.settings import GIVEN, SETTINGS, Settings

# what the network and the encoding of the table follow from
KEPT = (
    "hidden", "activation", "output_activation", "init", "members", "task", "column_types", "scaling", "bins",
    "without_bins", "clamp", "dtype",
)  # fmt: skip


@together
def train_more(
    model: Model,
    table: Any,
    *,
    validation: Any = None,
    progress: bool | None = None,
    callbacks: Callback | Iterable[Callback] | None = None,
    checkpoint: str | PathLike[str] | Checkpoint | None = None,
    **settings: Any,
) -> Model:
    """Continue the training of a model, of each of its networks, with the rows of ``table``.

    >>> model = glassnet.train_more(model, "june.csv", learning_rate=0.0005, epochs=20)     # doctest: +SKIP

    The new model has the network, the columns, the classes, and the means, scales and levels of ``model``, and starts
    with its learnt parameters. The optimizer starts anew, since a model does not keep the optimizer's state, and so
    does the schedule. Only ``table`` is trained on: where old rows should count as well, pass them too.

    Args:
        model: is left as it is.
        table: as for :func:`glassnet.train`, with the columns and the target of ``model``; or a pair ``(X, y)``.
        validation: a share of the rows, or a table of other rows; by default the share that ``model`` was trained with.
        progress, callbacks, checkpoint: as for :func:`glassnet.train`.
        settings: those of :func:`glassnet.train` that differ from the model's. The network and the encoding of the
            table are kept, so ``hidden``, ``column_types`` and the like cannot be set. The ``seed`` is a new one by
            default; weights, groups, times and a metric that were arrays or functions are not kept.

    Warns:
        AssumptionWarning: what had to be assumed about the table.
        ResultWarning: rows that ``model`` was trained on are among those for validation, or held out.

    Raises:
        TableError: the table cannot be read or lacks columns; it has classes that the model does not know, or words
            where numbers were.
        SettingsError: settings that cannot be used; all faults at once.
        DivergenceError: the loss was no longer finite.
    """
    if not isinstance(model, Model):
        raise InputTypeError(f"model is {model!r:.80}, but must be a model; glassnet.load reads one.")
    faults = Faults(SettingsError)
    for name in settings:
        if name in KEPT:
            faults.add(f"{called(name)} follows from the model that is continued and cannot be set.")
        elif name not in SETTINGS:
            faults.add(f"there is no setting {name!r}.{advice(name, SETTINGS)}")
    faults.raise_if_any()
    own = {name: getattr(model.settings, name) for name in SETTINGS}
    own |= {name: None for name in ("sample_weight", "metric", "groups", "time") if own[name] == GIVEN}
    if "optimizer" in settings:
        own["learning_rate"] = None
    rows = None
    if validation is not None and not isinstance(validation, Real):
        rows, validation = validation, 0.0
    if validation is not None:
        own["validation"] = validation
    kept = OpenCheckpoint.of(checkpoint)
    own |= {"seed": seed_of(kept), **settings}
    share = share_without_bins(model.settings, model.provenance)
    checked = Settings.of(**{**own, "init": GIVEN, "members": len(model.members), "without_bins": share})
    found = train_with(checked, table, list(model.target.columns), rows, callbacks, progress, model, kept)
    parts = (trained_on_before(found.provenance, part) for part in ("validation", "holdout"))
    known = [*filter(None, parts)]
    if known:
        report_result(
            f"{' and '.join(known)} were training rows of the model that is continued: figures, calibration and "
            "intervals are better than they are for new rows. Pass other rows as validation; hold out none of these.",
            to_reports=True,
        )
    return found
