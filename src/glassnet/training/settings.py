"""All settings of :func:`glassnet.train`: a typed record, each of whose fields describes itself.

The descriptions drive the checks of a call, the options of the command line and the page of the documentation.
A field added here is a setting in all three.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar

from glassnet.errors import Faults, InputError, SettingsError, with_nearest
from glassnet.net import (
    ACTIVATIONS,
    LOSSES,
    OPTIMIZERS,
    SCHEDULES,
    Activation,
    Loss,
    Objective,
    Optimizer,
    Schedule,
)
from glassnet.text import Block, Heading, Printable, Table
from glassnet.training.recipes import AUTO, CHOSEN, DECIDED, RECIPES, Choice, Steps
from glassnet.training.setting import Setting, is_own, plain, setting
from glassnet.training.settings_faults import faults_between

HIDDEN_ACTIVATIONS = tuple(name for name, entry in ACTIVATIONS.items() if not entry.output_only)
NETWORK = "Network"
OBJECTIVE = "Loss and penalties"
OPTIMIZATION = "Optimizer"
LENGTH = "Length of training"
DATA = "Rows and columns"
RUN = "Execution"
GIVEN = "given"  # recorded in place of arrays and functions


# fmt: off
@dataclass(frozen=True)
class Settings(Printable):
    """The settings of a training, checked. See :data:`SETTINGS` for what each does.

    Raises:
        SettingsError: values that cannot be used; all faults at once.
    """

    recipe: str = setting(
        NETWORK, "choice", "balanced",
        "Chooses the settings that are left open: a plain network (single), or several (balanced, best), whose mean "
        "predicts better.", "on 14 real tables better than gradient boosting, in seconds", choices=tuple(RECIPES))
    hidden: tuple[int, ...] = setting(
        NETWORK, "integer", (128, 64), "Neurons in each hidden layer; empty for none.",
        "on 14 real tables better than 64,32, and still trained in seconds", minimum=1, many=True)
    activation: Activation | tuple[Activation, ...] = setting(
        NETWORK, "activation", "relu", "Activation of the hidden layers: one for all, or one for each.",
        "trains fast, and its gradients do not vanish", choices=HIDDEN_ACTIVATIONS, many=True)
    output_activation: Activation | None = setting(
        NETWORK, "activation", None, "Activation of the output layer.", choices=tuple(ACTIVATIONS), optional=True,
        none="by task and loss: identity for numbers, sigmoid for two classes, softmax for more")
    dropout: float | tuple[float, ...] = setting(
        NETWORK, "number", 0.0, "Share of hidden activations that training drops: one for all layers, or one for each.",
        "early stopping prevents overfitting on most tables", minimum=0, maximum=1, below=True, many=True)
    init: Any = setting(
        NETWORK, "object", None,
        "Initial weights: an initializer's name, (weights, biases) for each layer, or parameters.",
        optional=True, none="for each layer the initializer that suits its activation")
    members: int = setting(
        NETWORK, "integer", 1,
        "Networks of the model, whose outputs are averaged. Each is validated on another fold of the rows, and trained "
        "on the rest.", "a single network is trained soonest and is the easiest to look into", minimum=1)

    loss: Loss | None = setting(
        OBJECTIVE, "rule", None, "The loss that training minimizes.", choices=tuple(LOSSES), optional=True,
        none="by task: squared_error, binary_log_loss or categorical_log_loss")
    l1: float = setting(
        OBJECTIVE, "number", 0.0, "Penalty on the sum of the absolute weights.", "off", minimum=0)
    l2: float = setting(
        OBJECTIVE, "number", 1e-4, "Penalty on half the sum of the squared weights.", "a weak penalty", minimum=0)

    optimizer: Optimizer = setting(
        OPTIMIZATION, "rule", "adam", "The rule that turns gradients into steps.", "needs the least tuning",
        choices=tuple(OPTIMIZERS))
    learning_rate: float | None = setting(
        OPTIMIZATION, "number", None, "Step size.", minimum=0, above=True, optional=True,
        none="0.003 for adam, adamw, rmsprop (better than 0.001 on 14 real tables), 0.01 with momentum, else 0.1")
    schedule: Schedule = setting(
        OPTIMIZATION, "rule", "constant", "How the learning rate changes during training.",
        "early stopping makes the length of a training unknown beforehand", choices=tuple(SCHEDULES))

    epochs: int | str = setting(
        LENGTH, "integer", AUTO, "Maximum number of passes over the training rows.",
        "early stopping usually ends sooner", minimum=1, auto="200, on small tables as many as make 5000 steps")
    batch_size: int | None = setting(
        LENGTH, "integer", 32, "Rows per step.", "small steps generalize well", minimum=1, optional=True,
        none="all rows at once")
    patience: int | str | None = setting(
        LENGTH, "integer", AUTO, "Epochs without a better validation loss after which training stops.",
        "long enough to learn from few rows, and for a noisy curve", minimum=1, optional=True,
        none="no early stopping; the best epoch is still kept",
        auto="20, on small tables more: 1000 steps that are clearly worse or 3000 that are not better")
    metric: str | Callable[..., float] | None = setting(
        LENGTH, "object", None,
        "The metric of early stopping: accuracy, log_loss, calibrated_log_loss (with the temperature that fits best), "
        "auc, rmse, mae, r2, or a function.", optional=True,
        none="the loss of the validation rows")
    max_time: float | None = setting(
        LENGTH, "number", None, "Maximum seconds of training.", minimum=0, above=True, optional=True, none="no limit")
    snapshots: int = setting(
        LENGTH, "integer", 0,
        "Maximum number of epochs whose parameters are kept, evenly spaced; each takes the memory of the parameters.",
        "off, so that models stay small; 32 show the history of every weight", minimum=0)

    validation: float = setting(
        DATA, "number", 0.2, "Share of the rows for early stopping; 0 for none.", "enough to detect overfitting",
        minimum=0, maximum=1, below=True)
    holdout: float = setting(
        DATA, "number", 0.0, "Share of the rows for the final evaluation; 0 for none.",
        "in Python, test rows usually exist already; the command line uses 0.2", minimum=0, maximum=1, below=True)
    groups: Any = setting(
        DATA, "object", None,
        "Groups of rows that belong together, as those of a patient: the name of a column, or one value per row. "
        "All rows of a group are in the same part: training, validation or holdout.",
        optional=True, none="rows are divided one by one")
    time: Any = setting(
        DATA, "object", None,
        "The time of each row: the name of a column, or one value per row. The latest rows are held out, and those "
        "before them are for validation.", optional=True, none="rows are divided at random")
    task: str | None = setting(
        DATA, "choice", None, "What to predict.", choices=("regression", "classification", "binary", "multiclass"),
        optional=True, none="inferred from the target's values")
    column_types: Mapping[str, str] | None = setting(
        DATA, "object", None, "Types of columns by name: number, boolean, category, datetime or ignore.", optional=True,
        none="all inferred")
    sample_weight: Any = setting(
        DATA, "object", None, "Weights of the rows: the name of a column, or one number per row.", optional=True,
        none="equal weights")
    class_weight: str | Mapping[Any, float] | None = setting(
        DATA, "object", None, "Weights of the classes: balanced (equal total weight), or a number for each label.",
        optional=True, none="no class weights")
    scaling: str = setting(
        DATA, "choice", "standard",
        "How numbers are scaled: to mean 0 and standard deviation 1 (standard), by median and interquartile range, "
        "smoothly clipped to ±3 (robust), or not at all (none).",
        "networks learn badly from unscaled numbers", choices=("standard", "robust", "none"))
    bins: int = setting(
        DATA, "integer", 0,
        "Piecewise-linear bins of each number, as more inputs beside the scaled number: at most so many, between "
        "quantiles.", "off, so that a number is one input", minimum=0)
    without_bins: float = setting(
        DATA, "number", 0.0, "Share of the networks that see numbers without bins. Kept are those with bins, those "
        "without, or all: whichever predict out-of-fold rows best.", "off", minimum=0, maximum=1)
    clamp: bool = setting(
        DATA, "flag", False, "Keep predicted numbers within the range of the training targets.",
        "off, so that a prediction is the network's output")
    strict: bool = setting(
        DATA, "flag", False,
        "Refuse a table about which something has to be assumed; otherwise assumptions are warnings.",
        "most assumptions are right")

    memory: int | str | None = setting(
        DATA, "size", None,
        "Memory for the rows, such as 2_000_000_000 or '2 GB'. A table that needs more is read in blocks, and its "
        "encoded rows are written to a cache on a disk.", optional=True, none="half of what the process may use")
    cache: str | None = setting(
        DATA, "path", None,
        "Folder of that cache, which is kept for the next training on the same rows.", optional=True,
        none="a temporary folder, removed after training")

    dtype: str = setting(
        RUN, "choice", "float32", "Precision of the computation.", "fast, and precise enough for tables",
        choices=("float32", "float64"))
    seed: int | None = setting(
        RUN, "integer", None, "Makes a training repeatable: same data, settings and seed, same parameters.", minimum=0,
        optional=True, none="a random one, which is recorded")
    engine: str = setting(
        RUN, "object", "auto", "The engine that computes; auto takes the fastest available.", "same results, sooner")
    threads: int | None = setting(
        RUN, "integer", None, "Maximum number of threads.", minimum=1, optional=True, none="chosen by the engine")
    # fmt: on
    left_open: ClassVar[frozenset[str]] = frozenset()
    """The settings that the recipe may choose."""

    def __post_init__(self) -> None:
        faults = Faults(SettingsError)
        own, wrong = self.__dict__, set()
        for name, described in SETTINGS.items():
            try:
                own[name] = described.check(own[name])
            except SettingsError as error:
                faults.messages += error.faults
                wrong.add(name)
        faults.messages += faults_between(self, wrong)
        faults.raise_if_any()

    @classmethod
    def of(cls, **given: Any) -> Settings:
        """Settings from values in any form that :func:`glassnet.train` takes."""
        faults = Faults(SettingsError)
        for name, hint in with_nearest((name for name in given if name not in SETTINGS), [*SETTINGS]):
            faults.add(f"there is no setting {name!r:.80}.{hint}")
        faults.raise_if_any()
        values = {name: given.get(name, AUTO) for name in DECIDED}
        is_open = {name for name, value in values.items() if isinstance(value, str) and value == AUTO}
        settings = cls(**{name: value for name, value in given.items() if name not in is_open})
        return settings.with_checked(left_open=frozenset(is_open))

    def with_choices(self, choices: Mapping[str, Choice], rows: int) -> Settings:
        """The settings with what a recipe chose for those that are open; ``rows`` are those of training."""
        values = {name: choices[name].value for name in self.left_open if name in choices}
        if isinstance(steps := values.get("epochs"), Steps):
            values["epochs"] = steps.epochs(rows, values.get("batch_size", self.batch_size))
        return replace(self, **values).with_checked(left_open=self.left_open) if values else self

    def with_checked(self, **checked: Any) -> Settings:
        """A copy with values that are in the form of this record already."""
        copy = object.__new__(Settings)
        copy.__dict__.update(self.__dict__, **checked)
        return copy

    @property
    def chosen(self) -> list[str]:
        """The names of the settings whose values a recipe chose; of settings that are read from a file, none."""
        return [name for name in SETTINGS if name in self.left_open & CHOSEN[self.recipe]]

    @property
    def rate(self) -> float:
        """The learning rate, or the optimizer's default."""
        return self.learning_rate or self.optimizer.default_rate

    @property
    def objective(self) -> Objective:
        """What training minimizes, once the loss is known."""
        return Objective(self.loss or "squared_error", self.l1, self.l2)

    def recorded(self) -> Settings:
        """The settings as a model records them: ``"given"`` in place of arrays and functions."""
        changed: dict[str, Any] = {
            name: GIVEN
            for name in ("init", "sample_weight", "metric", "groups", "time")
            if not isinstance(getattr(self, name), (str, type(None)))
        }
        changed |= {name: plain(getattr(self, name)) for name in ("column_types", "class_weight")}
        return self.with_checked(learning_rate=self.rate, **changed)

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold them, rules as text with all their constants.

        Raises:
            InputError: an optimizer, schedule, loss or activation that is not one of glassnet's own.
        """
        faults, recorded = Faults(InputError), self.recorded()
        values = {}
        for name in SETTINGS:
            value = getattr(recorded, name)
            values[name] = plain(value)
            if not is_own(SETTINGS[name], value):
                faults.add(f"the {name} {value} cannot be saved: it is not one of glassnet's own.")
        faults.raise_if_any()
        return values

    @property
    def changed(self) -> dict[str, Any]:
        """The settings that are not the default; what was chosen for one without a fixed default is its default."""
        defaults = Settings()
        return {
            name: used
            for name, setting in SETTINGS.items()
            if setting.default is not None and (used := getattr(self, name)) != getattr(defaults, name)
        }

    def blocks(self) -> list[Block]:
        """Every setting as it was used, marked with * if it is not the default."""
        changed, rows = self.changed, []
        for name in SETTINGS:
            used = getattr(self, name)
            text = ",".join(map(str, used)) if isinstance(used, tuple) else str(used)
            rows.append((name, "*" if name in changed else "", text))
        return [Heading("Settings (* where not the default)", 3), Table((), rows, "<<<")]

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in self.changed.items())})"

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Settings:
        """The settings that :meth:`to_dict` described."""
        return cls.of(**data)


SETTINGS: dict[str, Setting] = {
    own.name: replace(own.metadata["setting"], name=own.name) for own in fields(Settings)
}
