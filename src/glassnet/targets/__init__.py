"""Targets as a network has them, and its outputs as labels, probabilities or numbers.

:class:`TargetEncoding` is for one target of classes, or for one or several of numbers; :class:`TargetGroup` is for
several targets of classes.
"""

from glassnet.targets.encoding import Label, TargetEncoding, class_codes
from glassnet.targets.group import (
    TargetGroup,
    TargetPart,
    Targets,
    encodings_of,
    fit_targets,
    probabilities_of,
    single,
    target_parts,
)
from glassnet.targets.temperature import calibrated, fit_temperature

__all__ = [
    "Label",
    "TargetEncoding",
    "TargetGroup",
    "TargetPart",
    "Targets",
    "calibrated",
    "class_codes",
    "encodings_of",
    "fit_targets",
    "fit_temperature",
    "probabilities_of",
    "single",
    "target_parts",
]
