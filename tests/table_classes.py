"""The penguins as inputs and targets, and table estimators that train on them quickly."""

from __future__ import annotations

from typing import Any

import pandas as pd

from glassnet.tables import penguins_path

PENGUINS = pd.read_csv(penguins_path())
WORDS = PENGUINS.drop(columns="species"), PENGUINS["species"]
KNOWN = PENGUINS.dropna(subset=["body_mass_g", "bill_length_mm"])
NUMBERS = KNOWN.drop(columns="body_mass_g"), KNOWN["body_mass_g"]


def quick(cls: Any, **more: Any) -> Any:
    return cls(**{"epochs": 15, "random_state": 1, "recipe": "single", **more})
