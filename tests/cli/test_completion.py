"""What the shell offers when Tab is pressed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from glassnet.cli import main
from glassnet.cli.app import VERBS
from glassnet.cli.draw import PICTURES
from glassnet.training.settings import HIDDEN_ACTIVATIONS, SETTINGS

BILL = ["bill_length_mm", "bill_depth_mm"]


@pytest.fixture
def offered(
    model: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[[str], list[str]]:
    """``offered("train --act")``: as bash asks for it."""
    monkeypatch.chdir(model.parent)
    Path("names.csv").write_text("plain,with space,a$b\n1,2,3\n4,5,6\n", encoding="utf-8")

    def ask(typed: str) -> list[str]:
        words = f"glassnet {typed}"
        monkeypatch.setenv("_GLASSNET_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - (not words.endswith(" "))))
        with pytest.raises(SystemExit, match="0"):
            main([])
        return [line for line in capfd.readouterr().out.split("\n") if line]

    return ask


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("", list(VERBS)),
        ("train --activation s", [name for name in HIDDEN_ACTIVATIONS if name.startswith("s")]),
        ("train --activation relu,ta", ["relu,tanh"]),
        ("train --loss q", ["quantile"]),
        ("train --optimizer adam", ["adam", "adamw"]),
        ("train --schedule w", ["warm_up"]),
        ("train --engine r", ["reference"]),
        ("train --task b", ["binary"]),
        ("train --metric a", ["accuracy", "auc"]),
        ("train --dtype ", ["float32", "float64"]),
        ("train --target bill", BILL),
        ("train penguins --target bill", BILL),
        ("train names.csv --target ", ["plain"]),  # the others would need quotes
        ("train nowhere.csv --target ", []),
        ("train --column-types se", ["sex="]),
        ("train --column-types sex=c", ["sex=category"]),
        ("train --sample-weight y", ["year"]),
        ("predict penguins.glassnet penguins --keep sp", ["species"]),
        ("draw penguins.glassnet --what ", list(PICTURES)),
        ("draw penguins.glassnet --x bill", BILL),
        ("draw nowhere.glassnet --x ", []),
        ("explain penguins.glassnet penguins --form ", ["text", "latex", "html", "csv"]),
        ("lesson --theme ", ["light", "dark"]),
        ("watch --target s", ["species", "sex"]),
    ],
)
def test_values(offered: Callable[[str], list[str]], typed: str, names: list[str]) -> None:
    assert offered(typed) == names


def test_every_setting_with_a_fixed_set_of_values(offered: Callable[[str], list[str]]) -> None:
    for name, setting in SETTINGS.items():
        if setting.choices:
            assert offered(f"train --{name.replace('_', '-')} ") == list(setting.choices)
