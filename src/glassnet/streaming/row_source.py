"""Training rows from a cache: a thread reads the next bucket while the engine trains on one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from time import perf_counter

import numpy as np

from glassnet.engines import Rows
from glassnet.net import Loss
from glassnet.streaming.packed_rows import Arrays
from glassnet.streaming.row_cache import RowCache


class CachedRows:
    """The buckets of a cache as blocks, in another order in each epoch.

    Args:
        loss: of the training, which may want targets in another form.
        seed: of the order.

    Attributes:
        waited: the seconds that the training has waited for rows.
    """

    def __init__(self, cache: RowCache, loss: Loss, seed: int) -> None:
        assert cache.contents is not None
        self._cache, self._loss, self._seed = cache, loss, seed
        self._filled = [number for number, rows in enumerate(cache.contents.buckets) if rows]
        self.sizes: Sequence[int] = [cache.contents.buckets[number] for number in self._filled]
        self.waited = 0.0

    def blocks(self, epoch: int) -> Iterator[Rows]:
        """The blocks of an epoch, counted from 0.

        Raises:
            InputError: the cache is damaged.
            OSError: it cannot be read.
        """
        order = np.random.default_rng([self._seed, epoch]).permutation(self._filled).tolist()
        with ThreadPoolExecutor(1, thread_name_prefix="glassnet rows") as reader:
            ahead: Future[Arrays] = reader.submit(self._cache.bucket, order[0])
            for following in [*order[1:], None]:
                before = perf_counter()
                arrays = ahead.result()
                self.waited += perf_counter() - before
                if following is not None:
                    ahead = reader.submit(self._cache.bucket, following)
                targets = self._loss.training_targets(arrays["targets"])
                yield Rows(arrays["inputs"], targets, arrays.get("weights"))
                del arrays
