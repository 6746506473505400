"""Where a model comes from: versions, the machine, the seed, the table and its rows."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np

from glassnet.engines import Engine
from glassnet.training.prepare import Prepared
from glassnet.version import VERSION


def provenance_of(prepared: Prepared, engine: Engine, earlier: Any = None) -> dict[str, Any]:
    """The provenance of a model that is trained on ``prepared`` rows by ``engine``.

    With folds, ``rows`` has their number, all rows that a network is trained on, and all that are validation rows of a
    network. A training that continues the model ``earlier`` has the data, the training rows and the epochs of that, and
    how many of the validation and holdout rows are among the rows that were trained on before.
    """
    folds, validation, holdout = prepared.folds, prepared.validation, prepared.holdout
    rows = {
        "train": prepared.count,
        "validation": 0 if validation is None else len(validation),
        "holdout": 0 if holdout is None else len(holdout),
    }
    if folds is not None:
        rows |= {"validation": folds.judged(prepared.settings.members), "folds": len(folds)}
    found: dict[str, Any] = {
        "glassnet": VERSION,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "machine": platform.machine(),
        "engine": engine.describe(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": prepared.settings.seed,
        "data": prepared.fingerprint,
        "rows": rows,
    }
    if earlier is not None:
        before = earlier.provenance.get("continued", {"epochs": 0})["epochs"]
        found["continued"] = {
            "data": earlier.provenance.get("data", ""),
            "rows": earlier.provenance["rows"]["train"],
            "epochs": before + earlier.history.best_epoch,
        }
        if earlier.training_rows is not None:
            found["continued"] |= {
                f"known_{name}": earlier.training_rows.count_among(part.rows.take(slice(rows[name])))
                for name, part in (("validation", validation), ("holdout", holdout))
                if part is not None
            }
    return found


def trained_on_before(provenance: Mapping[str, Any], part: str) -> str:
    """``80 of 275 validation rows``: how many rows of the part ``validation`` or ``holdout`` an earlier training had.

    Empty if there are none.
    """
    count = provenance.get("continued", {}).get(f"known_{part}", 0)
    kind = "held-out" if part == "holdout" else part
    return f"{count:,} of {provenance['rows'][part]:,} {kind} rows" if count else ""
