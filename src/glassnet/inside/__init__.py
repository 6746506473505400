"""What can be read off a model. Returns plain data, draws nothing.

A model's own methods lead here: ``explain``, ``ledger``, ``importances``, ``profile``, ``attributions``,
``nearest``, ``doctor``. Everything has ``to_frame()`` and a text that says what it holds.
"""

from glassnet.inside.arithmetic import Arithmetic, LayerArithmetic
from glassnet.inside.ledger import Ledger, LedgerRow

__all__ = ["Arithmetic", "LayerArithmetic", "Ledger", "LedgerRow"]
