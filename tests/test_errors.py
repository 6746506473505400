"""What is raised, and how messages are put together."""

import pytest

from glassnet import errors
from glassnet.errors import (
    DivergenceError,
    Faults,
    GlassnetError,
    InputError,
    InputTypeError,
    SettingsError,
    TableError,
    called,
    nearest,
    spelled,
    unknown,
)


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (InputError, ValueError),
        (TableError, ValueError),
        (SettingsError, ValueError),
        (InputTypeError, TypeError),
        (DivergenceError, ArithmeticError),
    ],
)
def test_each_error_is_also_the_one_that_python_users_expect(kind: type, builtin: type) -> None:
    assert issubclass(kind, GlassnetError)
    assert issubclass(kind, builtin)


def test_every_error_of_the_module_is_a_glassnet_error() -> None:
    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, Warning)
    ]
    assert len(kinds) >= 6
    assert all(issubclass(kind, GlassnetError) for kind in kinds)


def test_one_fault_or_many() -> None:
    assert InputError("one").faults == ["one"]
    both = InputError(fault for fault in ("one", "two"))
    assert both.faults == ["one", "two"]
    assert str(both) == "one\ntwo"


def test_each_door_calls_settings_in_its_own_way() -> None:
    def shouted(name: str, *value: object) -> str:
        return f"{name.upper()}{value}"

    assert (called("batch_size"), called("batch_size", 64), called("task", "binary")) == (
        "batch_size",
        "batch_size=64",
        "task='binary'",
    )
    with pytest.raises(InputError, match=r"^BATCH_SIZE\(64,\)$"), spelled(shouted):
        raise InputError(called("batch_size", 64))
    assert called("batch_size") == "batch_size"  # whatever happened within


def test_divergence_says_at_which_step() -> None:
    error = DivergenceError("the loss is not finite", 17)
    assert error.step == 17
    assert str(error) == "the loss is not finite"


def test_faults_are_collected_and_raised_together_as_the_kind_asked_for() -> None:
    faults = Faults(SettingsError)
    faults.raise_if_any()
    faults.add("first")
    faults.add("second")
    with pytest.raises(SettingsError) as caught:
        faults.raise_if_any()
    assert caught.value.faults == ["first", "second"]


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("rleu", " Did you mean 'relu'?"),
        ("RELU", " Did you mean 'relu'?"),
        ("sigmod", " Did you mean 'Sigmoid'?"),
        ("price", ""),
        (None, ""),
        (3, ""),
    ],
)
def test_the_nearest_name_is_suggested_if_it_is_near(name: object, suggestion: str) -> None:
    assert nearest(name, ["relu", "Sigmoid", "tanh"]) == suggestion


def test_an_unknown_name_is_shown_with_all_that_would_do() -> None:
    options = (option for option in ("adam", "adamw"))
    assert unknown("optimizer", "Adan", options) == (
        "optimizer is 'Adan', but must be one of adam, adamw. Did you mean 'adam'?"
    )
    assert unknown("optimizer", 3, ["adam"]) == "optimizer is 3, but must be one of adam."


def test_of_very_many_names_the_first_are_shown() -> None:
    message = unknown("column", "x799a", [f"x{at}" for at in range(800)])
    assert message.endswith("x29 and 770 more. Did you mean 'x799'?")
    assert "x30," not in message


def test_names_in_a_list_of_options_are_printable() -> None:
    assert unknown("label", "\x1b[31m", ["\x1b[1m", "b"]).startswith(
        "label is '\\x1b[31m', but must be one of \\x1b[1m, b."
    )
