"""Parts of source text that several forms write: numbers, comments, copied modules."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.ship.export.program import Array, ModelProgram
from glassnet.tables.encode.program import NUMBERS, TEXTS, TIMES, TRUTHS, Source
from glassnet.version import VERSION

WIDTH = 110
RUNTIME = Path(__file__).resolve().parent / "runtime"


def shortest(value: Any) -> str:
    """The shortest text that stands for a float32 or a float64, read as a number of its own type."""
    text = str(value)
    single = isinstance(value, np.float32)
    if single and np.float32(float(text)) != value:  # rounded twice, to float64 and to float32
        return repr(float(value))
    return text if single else repr(float(value))


def shortest_all(values: Array) -> list[str]:
    """Those of an array (N,)."""
    return [shortest(value) for value in values]


def wrapped(items: Iterable[str], indent: int, separator: str = ", ") -> str:
    """``items`` on lines of at most :data:`WIDTH` characters where they allow it."""
    lines, line = [], ""
    for item in items:
        if line and indent + len(line) + len(separator) + len(item) > WIDTH:
            lines.append(line + separator.rstrip())
            line = item
        else:
            line = line + separator + item if line else item
    return textwrap.indent("\n".join([*lines, line]), " " * indent)


def copied(name: str) -> tuple[list[str], str]:
    """A module of :mod:`glassnet.ship.export.runtime` for a file of its own: what it imports, and its definitions."""
    text = (RUNTIME / f"{name}.py").read_text(encoding="utf-8")
    tree, lines = ast.parse(text), text.splitlines()
    imports: list[str] = []
    dropped: set[int] = set()
    for at, node in enumerate(tree.body):
        assert node.end_lineno is not None
        names = [target.id for target in getattr(node, "targets", ()) if isinstance(target, ast.Name)]
        test = getattr(node, "test", None)
        types = names == ["TYPE_CHECKING"] or (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING")
        if isinstance(node, ast.Import):
            imports.append(ast.unparse(node))
        if at == 0 or types or isinstance(node, (ast.Import, ast.ImportFrom)):
            dropped.update(range(node.lineno, node.end_lineno + 1))
    kept = [line for number, line in enumerate(lines, 1) if number not in dropped]
    return imports, "\n".join(kept).strip("\n")


KINDS = {
    NUMBERS: "a number",
    TRUTHS: "true or false",
    TEXTS: "a text",
    TIMES: "a date and time (UTC)",
}


def kind_of(source: Source) -> str:
    """What a raw column holds, in words."""
    return f"a date written {source.format}" if source.format else KINDS[source.type]


def summary(program: ModelProgram) -> list[str]:
    """What the model does, in lines for the head of an export."""
    targets = ", ".join(shown(answer.target) for answer in program.answers)
    count = len(program.members)
    shapes = {
        "-".join(map(str, (program.inputs, *(len(own.biases) for own in member))))
        for member in program.members
    }
    networks = "a network" if count == 1 else f"the mean of {count} networks"
    return [
        f"Predicts {targets} from {len(program.columns)} columns, by {networks} of the shape "
        f"{', '.join(sorted(shapes))}.",
        f"Written by glassnet {VERSION}.",
    ]


def column_lines(program: ModelProgram) -> list[str]:
    """A line for each raw column: its name, and what it holds."""
    return [f"{shown(own.source.column)}: {kind_of(own.source)}" for own in program.columns]


def shown(text: str) -> str:
    """A name in ASCII on one line, for comments of every language: marks that could end one are escaped."""
    escaped = text.encode("unicode_escape").decode("ascii")
    return (
        escaped.replace("*/", "*\\/").replace("/*", "/\\*").replace("--", "-\\-").replace('"""', '\\"\\"\\"')
    )


def joined(parts: Sequence[str]) -> str:
    """Parts of a file, with an empty line between two of them, and a line end."""
    return "\n\n".join(part.strip("\n") for part in parts if part.strip("\n")) + "\n"
