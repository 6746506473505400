"""Exports: a model as a file of another language, with a proof that it answers the same.

:func:`export` writes one, and :func:`verify` proves it again. A form of export is a :class:`Form`.
"""

from glassnet.ship.export.certificate import Certificate
from glassnet.ship.export.exporting import export, verify
from glassnet.ship.export.form import Form

__all__ = ["Certificate", "Form", "export", "verify"]
