"""What can be read off a model. Returns data, draws nothing."""

from glassnet.inside.ledger import Ledger, LedgerRow

__all__ = ["Ledger", "LedgerRow"]
