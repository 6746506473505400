"""What is put together for a call: what it can ask for, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from glassnet.cli.app import VERBS, build
from glassnet.training.settings import SETTINGS


def options(arguments: Sequence[str]) -> set[str]:
    """The names of what ``train`` takes when it is called with ``arguments``."""
    return {each.name for each in build(arguments).commands["train"].params}


OWN = {"table", "target", "out", "quiet", "json", "checkpoint", "processes"}


@pytest.mark.parametrize("name", SETTINGS)
def test_an_option_that_is_used_is_there(name: str) -> None:
    option = "--" + name.replace("_", "-")
    for written in (option, f"{option}=1"):
        assert options(["train", "t.csv", "-t", "y", "--quiet", written]) - OWN == {name}


def test_a_flag_has_two_names() -> None:
    assert options(["train", "--no-strict"]) - OWN == {"strict"}


@pytest.mark.parametrize("unknown", ["--help", "-h", "--hiden", "-x", "-1"])
def test_all_options_are_there_to_be_listed_or_suggested(unknown: str) -> None:
    assert options(["train", "--seed", "1", unknown]) >= {*SETTINGS}


def test_a_verb_comes_alone_and_all_come_to_be_listed() -> None:
    assert [*build(["train"]).commands] == ["train"]
    for arguments in ([], ["--help"], ["trian"]):
        assert len(build(arguments).commands) == len(VERBS)
