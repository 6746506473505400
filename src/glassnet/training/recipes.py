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
        validated: whether there are validation rows.
        beyond_memory: whether each epoch reads the rows from a disk.
    """

    task: str
    rows: int
    validated: bool = True
    beyond_memory: bool = False


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
    "classes with validation rows": lambda facts: facts.task != "regression" and facts.validated,
    "rows beyond memory": lambda facts: facts.beyond_memory,
    "fewer than 10 rows": lambda facts: facts.rows < 10,
    "fewer than 300 rows": lambda facts: facts.rows < 300,
    "classes, fewer than 1,500 rows": lambda facts: facts.task != "regression" and facts.rows < 1500,
    "numbers, fewer than 1,500 rows": lambda facts: facts.task == "regression" and facts.rows < 1500,
    "numbers, fewer than 3,000 rows": lambda facts: facts.task == "regression" and facts.rows < 3000,
}

BALANCED = (
    Choice("members", 1, "too few rows for folds", "fewer than 10 rows"),
    Choice("members", 1, "each network reads all rows in each epoch", "rows beyond memory"),
    Choice("members", 10, "five with bins and five without, one for each fold", "numbers"),
    Choice("members", 5, "their mean is better than one network; with 5 folds all rows are trained on"),
    Choice("without_bins", 0.0, "needs all rows in memory", "rows beyond memory"),
    Choice("without_bins", 0.5, "a smooth function is learnt better without", "numbers"),
    Choice("hidden", (128, 128), "classes need wider layers than numbers", "classes"),
    Choice("hidden", (128, 64), "wider layers are no better", "numbers"),
    Choice("activation", "silu", "better than relu", "classes"),
    Choice("activation", "tanh", "better than silu and relu, and bounded", "numbers"),
    Choice("dropout", 0.1, "prevents overfitting", "classes"),
    Choice("dropout", 0.0, "dropout makes predicted numbers worse", "numbers"),
    Choice("l2", 0.0, "the optimizer decays the weights"),
    Choice("optimizer", "adamw(weight_decay=0.01)", "a weak decay"),
    Choice("learning_rate", 0.006, "large steps at first, which the schedule makes small", "classes"),
    Choice("learning_rate", 0.003, "smooth functions need smaller steps", "numbers"),
    Choice("schedule", "cosine", "small steps at the end find a better minimum"),
    Choice("epochs", Steps(6000, 6, 60), "few epochs of many rows have many steps", "rows beyond memory"),
    Choice("epochs", Steps(6000, 20, 60), "a small table needs more epochs than a large one", "classes"),
    Choice("epochs", Steps(6000, 20, 100), "a small table needs more epochs than a large one", "numbers"),
    Choice(
        "metric",
        "calibrated_log_loss",
        "the mean of several is not too certain",
        "classes with validation rows",
    ),
    Choice("batch_size", 32, "more steps in an epoch", "numbers, fewer than 1,500 rows"),
    Choice("batch_size", 128, "faster than smaller batches, and as good"),
    Choice("scaling", "robust", "a few large numbers do not change the scale of the others"),
    Choice("clamp", True, "beyond the training targets a network guesses", "numbers"),
    Choice("bins", 4, "few rows are not enough to learn more bins", "fewer than 300 rows"),
    Choice("bins", 8, "more bins need more rows", "classes, fewer than 1,500 rows"),
    Choice("bins", 16, "more bins need more rows", "numbers, fewer than 3,000 rows"),
    Choice("bins", 24, "small networks learn steps and bends of a column only with its bins"),
)

BEST = (
    Choice("members", 1, "too few rows for folds", "fewer than 10 rows"),
    Choice("members", 1, "each network reads all rows in each epoch", "rows beyond memory"),
    Choice("members", 20, "ten with bins and ten without, two for each fold", "numbers"),
    Choice("members", 10, "two for each fold: every row has the mean of two networks that did not see it"),
    Choice("hidden", (256, 256), "wide layers are a little better, and slower", "classes"),
    Choice("epochs", Steps(12000, 12, 100), "few epochs of many rows have many steps", "rows beyond memory"),
    Choice("epochs", Steps(12000, 30, 100), "longer training makes fewer errors", "classes"),
    Choice("epochs", Steps(6000, 20, 100), "longer training is no better", "numbers, fewer than 1,500 rows"),
    Choice("epochs", Steps(12000, 20, 200), "longer training predicts better without bins", "numbers"),
    Choice("batch_size", 32, "more steps in an epoch", "numbers, fewer than 1,500 rows"),
    Choice("batch_size", 128, "faster than smaller batches", "rows beyond memory"),
    Choice("batch_size", 64, "smaller batches predict better, and are slower", "numbers"),
)
"""What differs from ``balanced``."""

RECIPES: dict[str, tuple[Choice, ...]] = {
    "single": (),
    "balanced": BALANCED,
    "best": (*BEST, *BALANCED),
}

CHOSEN = {name: frozenset(choice.setting for choice in recipe) for name, recipe in RECIPES.items()}
"""The settings that each recipe chooses."""

DECIDED = frozenset[str]().union(*CHOSEN.values())
"""The settings that some recipe chooses; ``"auto"`` leaves them to it."""


def choices_of(recipe: str, facts: Facts) -> dict[str, Choice]:
    """The choices of ``recipe`` for a table, by the name of the setting."""
    found: dict[str, Choice] = {}
    for choice in RECIPES[recipe]:
        if CONDITIONS[choice.when](facts):
            found.setdefault(choice.setting, choice)
    return found
