"""Saving and loading of models."""

from glassnet.ship.model_file import load, save

__all__ = ["load", "save"]
