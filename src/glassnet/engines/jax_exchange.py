"""Whether several devices pay: the time in which they exchange gradients, compared with that of the rest of a step."""

from __future__ import annotations

from glassnet.engines.jax_arrays import Steps
from glassnet.engines.jax_learner import Learner
from glassnet.errors import called, report_result

STEPS = 20  # that are timed
SECONDS = 0.5  # that they take at least; a shorter training needs no advice


class ExchangeTimer:
    """Times the first steps of a run on several devices, and says once if most of the time goes into the exchange."""

    def __init__(self, learner: Learner) -> None:
        self._learner = learner
        self._steps, self._seconds = 0, 0.0
        self._open = learner.group is not None

    def add(self, key: int, sequence: Steps, most: int, steps: int, seconds: float) -> None:
        """Steps of ``sequence`` that were made in so many seconds; ``most`` as for :meth:`Learner.make_steps`."""
        if not self._open:
            return
        self._steps, self._seconds = self._steps + steps, self._seconds + seconds
        if self._steps < STEPS or self._seconds < SECONDS:
            return
        self._open = False
        count = min(STEPS, sequence.count, most)
        alone = self._learner.seconds_alone(key, sequence.part(0, count), most) / count
        message = advice(self._seconds / self._steps, alone, sequence.batch_size, self._learner.devices)
        if message:
            report_result(message, RuntimeWarning, to_reports=True)


def advice(step: float, alone: float, batch_size: int, devices: int) -> str:
    """What to say of steps that take so many seconds, and without the exchange ``alone``; empty if they pay."""
    exchange = step - alone
    if exchange <= alone:
        return ""
    rows = batch_size * exchange / alone
    unit = 10 ** max(0, len(str(int(rows))) - 2)
    enough = -(-int(rows) // unit) * unit
    return (
        f"Of {step * 1e3:.3g} ms for a step with {batch_size:,} rows, {exchange * 1e3:.3g} ms go into the exchange of "
        f"gradients between {devices} devices: several devices pay from about {called('batch_size', enough)} on. With "
        "smaller batches, train with one."
    )
