"""The networks of a model that see numbers without their bins.

They have all inputs, as the other networks have, so that a model needs one encoder. But their weights of bins are 0:
before training, and, since the bins of their training rows are 0, after it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from glassnet.engines import Rows
from glassnet.errors import SettingsError, called
from glassnet.training.prepare import Prepared


def count_with_bins(prepared: Prepared) -> int:
    """The number of networks, the first ones, that see numbers with their bins, if there are bins."""
    members, encoder = prepared.settings.members, prepared.encoder
    has_bins = len(encoder.plain) < len(encoder.input_names)
    return members - round(prepared.settings.without_bins * members) if has_bins else members


def inputs_of(prepared: Prepared, number: int) -> npt.NDArray[np.intp] | None:
    """The inputs (B,) that are not bins, for a network that sees numbers without their bins; else ``None``."""
    return None if number < count_with_bins(prepared) else prepared.encoder.plain


def without_bins(prepared: Prepared) -> Prepared:
    """The same with 0 for every bin of the training rows.

    Raises:
        SettingsError: the rows are not in memory.
    """
    if prepared.cached is not None:
        raise SettingsError(
            f"{called('without_bins', prepared.settings.without_bins)} needs rows that fit into memory; set "
            f"{called('bins', 0)} to train all networks without bins."
        )
    plain = prepared.encoder.plain

    def cleared(rows: Rows) -> Rows:
        inputs = np.zeros_like(rows.inputs)
        inputs[:, plain] = rows.inputs[:, plain]
        return replace(rows, inputs=inputs)

    if prepared.folds is None:
        return replace(prepared, train=cleared(prepared.train))
    return replace(prepared, folds=replace(prepared.folds, ring=cleared(prepared.folds.ring)))
