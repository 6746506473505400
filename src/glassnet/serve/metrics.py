"""Figures of a server for Prometheus. Counting is plain arithmetic; their form is made when they are asked for."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import generate_latest

from glassnet.serve.slot import Slot

SECONDS = (
    0.0001,
    0.00025,
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
)
CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Requests by path and status, the time that answers took, and the models that are served."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        self._slots = slots
        self._requests: Counter[tuple[str, int]] = Counter()
        self._durations: dict[str, list[int]] = {}
        self._totals: defaultdict[str, float] = defaultdict(float)
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def add(self, path: str, status: int, seconds: float) -> None:
        """Count a request; ``path`` is that of its route, so that there are few different ones."""
        self._requests[path, status] += 1
        own = self._durations.get(path)
        if own is None:
            own = self._durations[path] = [0] * (len(SECONDS) + 1)
        own[bisect_left(SECONDS, seconds)] += 1
        self._totals[path] += seconds

    def collect(self) -> Iterator[Any]:
        """The figures, as Prometheus's client asks for them."""
        requests = CounterMetricFamily(
            "glassnet_requests", "Requests that were answered.", labels=["path", "status"]
        )
        for (path, status), count in self._requests.items():
            requests.add_metric([path, str(status)], count)
        yield requests
        durations = HistogramMetricFamily(
            "glassnet_answer_seconds", "The time that answers took.", labels=["path"]
        )
        for path, counts in self._durations.items():
            ends = [*map(str, SECONDS), "+Inf"]
            durations.add_metric([path], [*zip(ends, accumulate(counts), strict=True)], self._totals[path])
        yield durations
        replaced = CounterMetricFamily(
            "glassnet_model_replacements", "New files that were put in.", labels=["model"]
        )
        faulty = GaugeMetricFamily(
            "glassnet_model_file_fault",
            "Whether the file that is there now cannot be served.",
            labels=["model"],
        )
        for slot in self._slots:
            replaced.add_metric([slot.name], slot.replaced)
            faulty.add_metric([slot.name], bool(slot.fault))
        yield from (replaced, faulty)

    def text(self) -> bytes:
        """The figures as Prometheus reads them."""
        found: bytes = generate_latest(self._registry)
        return found
