"""Training: settings, the loop, stopping, events and history.

:mod:`~glassnet.training.settings` is the one table of everything that can be set,
:mod:`~glassnet.training.setup` makes a network, an objective and an optimizer of it, and
:mod:`~glassnet.training.loop` asks an engine for epochs until something ends the training. Whoever
watches subscribes to :mod:`~glassnet.training.events`; whoever wants it to end uses the stop token.
"""

from glassnet.training.events import EpochsDone, Event, TrainingEnded, TrainingStarted
from glassnet.training.history import History
from glassnet.training.setting import Setting
from glassnet.training.settings import SETTINGS, Settings
from glassnet.training.stop import StopToken

__all__ = [
    "SETTINGS",
    "EpochsDone",
    "Event",
    "History",
    "Setting",
    "Settings",
    "StopToken",
    "TrainingEnded",
    "TrainingStarted",
]
