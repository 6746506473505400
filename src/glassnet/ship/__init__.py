"""Models on their way out: saved, and loaded again."""

from glassnet.ship.model_file import load, save

__all__ = ["load", "save"]
