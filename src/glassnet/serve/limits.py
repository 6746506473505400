"""What a server takes at most."""

from __future__ import annotations

from dataclasses import dataclass, fields

from glassnet.errors import Faults, SettingsError


@dataclass(frozen=True)
class Limits:
    """The limits of a server. What is beyond one of them is refused at once.

    Attributes:
        body: bytes of a request; more are refused with status 413.
        rows: rows of a request; more are refused with status 413.
        seconds: that a request may take to arrive (408), and then to be answered (503).
        concurrency: requests that are answered or wait at a time; more are refused with status 503 and ``Retry-After``.
        connections: that are open at a time; more are refused with status 503 and closed.
    """

    body: int = 16_000_000
    rows: int = 100_000
    seconds: float = 10.0
    concurrency: int = 128
    connections: int = 1024

    def __post_init__(self) -> None:
        faults = Faults(SettingsError)
        for own in fields(self):
            value = getattr(self, own.name)
            if not value > 0:
                faults.add(f"the limit {own.name} is {value}, but must be above 0.")
        faults.raise_if_any()
