"""Recipes: the values of settings that the caller leaves open, chosen from what is known before training.

A recipe is a list of choices. For each setting the first choice whose condition holds decides. What a caller sets is
never changed, and a setting for which a recipe has no choice has its default: those of :class:`Settings
<glassnet.training.Settings>` are the recipe ``single``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

AUTO = "auto"  # the value of a setting that is left open


@dataclass(frozen=True)
class Facts:
    """What a recipe knows of a training.

    Attributes:
        task: regression, binary, multiclass or multilabel.
        rows: the number of rows with a target that are not held out.
    """

    task: str
    rows: int


@dataclass(frozen=True)
class Steps:
    """A length of training, in steps: a small table needs more epochs than a large one.

    Attributes:
        count: the number of steps.
        least, most: limits to the number of epochs.
    """

    count: int
    least: int
    most: int

    def epochs(self, rows: int, batch_size: int | None) -> int:
        """The epochs that make so many steps."""
        per_epoch = -(-rows // min(batch_size or rows, rows))
        return min(max(round(self.count / per_epoch), self.least), self.most)

    def __str__(self) -> str:
        return f"{self.count:,} steps, {self.least} to {self.most} epochs"


@dataclass(frozen=True)
class Choice:
    """The value of a setting, where a condition holds.

    Attributes:
        setting: its name.
        value: as :func:`glassnet.train` takes it; of ``epochs``, a number of steps.
        reason: why.
        when: the name of a condition in :data:`CONDITIONS`; empty for always.
    """

    setting: str
    value: Any
    reason: str
    when: str = ""


CONDITIONS: dict[str, Callable[[Facts], bool]] = {
    "": lambda facts: True,
    "numbers": lambda facts: facts.task == "regression",
    "classes": lambda facts: facts.task != "regression",
}

RECIPES: dict[str, tuple[Choice, ...]] = {
    "single": (),
    "balanced": (
        Choice("hidden", (256, 256), "classes need wide layers", "classes"),
        Choice("hidden", (128, 64), "wider layers are no better", "numbers"),
        Choice("activation", "silu", "better than relu with few layers"),
        Choice("dropout", 0.1, "prevents overfitting in wide layers", "classes"),
        Choice("l2", 0.0, "the optimizer decays the weights"),
        Choice("optimizer", "adamw(weight_decay=0.01)", "a weak decay"),
        Choice("schedule", "cosine", "small steps at the end find a better minimum"),
        Choice("epochs", Steps(2500, 25, 60), "small tables need more epochs"),
        Choice("batch_size", 256, "as good as 128, and twice as fast"),
        Choice("patience", None, "the schedule needs all its steps; the best epoch is kept"),
        Choice("scaling", "robust", "outliers do not matter"),
    ),
}

DECIDED = frozenset(choice.setting for recipe in RECIPES.values() for choice in recipe)
"""The settings that some recipe chooses; ``"auto"`` leaves them to it."""


def chosen(recipe: str, facts: Facts) -> dict[str, Choice]:
    """The choices of ``recipe`` for a table, by the name of the setting."""
    found: dict[str, Choice] = {}
    for choice in RECIPES[recipe]:
        if CONDITIONS[choice.when](facts):
            found.setdefault(choice.setting, choice)
    return found
