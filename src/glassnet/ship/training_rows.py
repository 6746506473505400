"""The training rows of a model file: a bit for each row of the table, and the hashes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.errors import ModelFileError
from glassnet.ship.document import Records
from glassnet.tensor_file import ANY, TensorReader
from glassnet.trained import TrainedModel
from glassnet.training.training_rows import MOST, TrainingRows

NUMBERS, HASHES = "training_rows.numbers", "training_rows.hashes"


def training_rows_tensors(model: TrainedModel) -> dict[str, npt.NDArray[Any]]:
    """``training_rows.numbers`` as bits in 64-bit integers, one for each row up to the last of them; and the hashes."""
    known = model.training_rows
    if known is None:
        return {}
    last = int(known.numbers.max(initial=-1))
    bits = np.zeros(64 * (last // 64 + 1), np.bool_)
    bits[known.numbers] = True
    return {NUMBERS: np.packbits(bits).view(np.int64), HASHES: known.hashes}


def training_rows_of(records: Records, reader: TensorReader) -> TrainingRows | None:
    """What :func:`training_rows_tensors` wrote.

    Raises:
        ModelFileError: tensors that no model has.
    """
    part = records.training_rows
    if part is None:
        return None
    bits = reader.take(NUMBERS, "int64", ANY)
    hashes = reader.take(HASHES, "int64", ANY)
    ascending = (np.diff(hashes) > 0).all() and (
        not len(hashes) or 0 <= hashes[0] <= hashes[-1] <= part.limit
    )
    if not ascending or len(hashes) > MOST or (len(bits) and not bits[-1]):
        raise ModelFileError(
            "the numbers or the hashes of its training rows are not as glassnet writes them."
        )
    numbers = np.flatnonzero(np.unpackbits(bits.view(np.uint8)))
    return TrainingRows(numbers, hashes, part.limit, part.chance)
