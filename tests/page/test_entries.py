"""The page computes with all activations, losses and optimizers that the package has."""

import re
from pathlib import Path

import glassnet
from glassnet.net import ACTIVATIONS, LOSSES, OPTIMIZERS

COMPUTE = Path(glassnet.__file__).parent / "page" / "app" / "compute"


def names_in(file: str, table: str) -> set[str]:
    """The names of the entries of an object literal."""
    code = (COMPUTE / file).read_text(encoding="utf-8")
    body = re.search(rf"const {table} = \{{\n(.*?)^\}};", code, re.MULTILINE | re.DOTALL)
    assert body is not None
    return set(re.findall(r"^  (\w+):", body[1], re.MULTILINE))


def test_activations() -> None:
    assert names_in("activations.js", "ACTIVATIONS") == set(ACTIVATIONS)


def test_losses_by_their_outputs_or_by_their_link() -> None:
    own = {name for name, loss in LOSSES.items() if loss.function is not None}
    assert names_in("losses.js", "ELEMENTS") == names_in("losses.js", "GRADIENTS") == own
    assert names_in("losses.js", "FROM_Z") == {
        name for name, loss in LOSSES.items() if loss.from_z is not None
    }


def test_optimizers() -> None:
    code = (COMPUTE / "optimizers.js").read_text(encoding="utf-8")
    assert set(re.findall(r'case "(\w+)":', code)) | {"adam", "adamw"} == set(OPTIMIZERS)
    assert "default:\n      return adam(" in code
