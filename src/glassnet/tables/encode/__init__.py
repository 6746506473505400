"""Columns to a network's inputs, targets to its outputs, and back."""

from glassnet.tables.encode.boolean import BooleanEncoder
from glassnet.tables.encode.category import CategoryEncoder
from glassnet.tables.encode.date import DateEncoder
from glassnet.tables.encode.number import NumberEncoder

__all__ = ["BooleanEncoder", "CategoryEncoder", "DateEncoder", "NumberEncoder"]
