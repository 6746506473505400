"""The type stub of the native core, generated from the compiled module by nanobind.

python tests/native_stub.py --update     # writes src/glassnet/engines/_native.pyi
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

STUB = Path(__file__).parent.parent / "src/glassnet/engines/_native.pyi"

ARRAY = re.compile(r"Annotated\[NDArray\[numpy\.(\w+)\], dict\([^()]*(?:\([^()]*\)[^()]*)*\)\]")
FLOATS = "NDArray[numpy.floating[Any]]"  # of either precision: native.py checks which


def generated() -> str:
    """The stub, with the type of each array alone: its shape is described in words."""
    from nanobind.stubgen import StubGen

    import glassnet.engines._native as _native

    generator = StubGen(_native, include_docstrings=True, quiet=True)
    generator.put(_native)
    text = ARRAY.sub(
        lambda match: FLOATS if "float" in match[1] else f"NDArray[numpy.{match[1]}]", generator.get()
    )
    text = re.sub(r": tuple = \.\.\.", ": tuple[str, ...]", text)
    return text.replace("import Annotated, Any", "import Any")


def main() -> None:
    if sys.argv[1:] != ["--update"]:
        sys.exit(__doc__)
    STUB.write_text(generated(), encoding="utf-8")
    subprocess.run(["ruff", "format", "--quiet", STUB], check=True)


if __name__ == "__main__":
    main()
