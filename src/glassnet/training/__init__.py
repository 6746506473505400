"""Training: settings, the loop, stopping, events and history.

:mod:`~glassnet.training.settings` is the record of all settings, :mod:`~glassnet.training.setup` makes a network from
them, and :mod:`~glassnet.training.loop` asks an engine for epochs until something ends the training. Callbacks get
:mod:`~glassnet.training.events`, and end a training with its stop token.
"""

from glassnet.training.checkpoint import Checkpoint
from glassnet.training.events import (
    EpochsDone,
    Event,
    ModelTrained,
    RowsRead,
    StepDone,
    TrainingEnded,
    TrainingFailed,
    TrainingStarted,
)
from glassnet.training.history import History
from glassnet.training.pace import Pace
from glassnet.training.setting import Setting
from glassnet.training.settings import SETTINGS, Settings
from glassnet.training.stop import StopToken

__all__ = [
    "SETTINGS",
    "Checkpoint",
    "EpochsDone",
    "Event",
    "History",
    "ModelTrained",
    "Pace",
    "RowsRead",
    "Setting",
    "Settings",
    "StepDone",
    "StopToken",
    "TrainingEnded",
    "TrainingFailed",
    "TrainingStarted",
]
