"""The export as one file of Python with NumPy; it is the reference for all other forms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from glassnet.ship.export.program import Array, ModelProgram, as_document
from glassnet.ship.export.python_run import PythonForm
from glassnet.ship.export.sources import copied, joined, shortest_all, wrapped

INDENT = "    "


class NumPy(PythonForm):
    """One file of Python with NumPy."""

    name = "numpy"
    title = "one file of Python, with NumPy"
    endings: ClassVar[tuple[str, ...]] = ()
    by_rows = False
    needs = "Python 3.9 or later and NumPy"

    def text(self, program: ModelProgram, head: str) -> str:
        cell_imports, cells = copied("cells")
        imports, arrays = copied("arrays")
        every = sorted({*cell_imports, *imports} - {"import numpy as np"})
        document = as_document(program)
        return joined(
            [
                head,
                "from __future__ import annotations",
                "\n".join(every),
                "import numpy as np",
                "# -- raw values",
                cells,
                "\n# -- the arithmetic",
                arrays,
                "\n# -- this model",
                "PROGRAM = {\n" + "".join(_entry(name, document[name]) for name in ("columns", "answers"))
                + f'{INDENT}"members": [\n' + "".join(_member(layers) for layers in program.members)
                + f"{INDENT}],\n}}",
                "\n" + _functions(program),
            ]
        )  # fmt: skip


def _entry(name: str, values: Sequence[Any]) -> str:
    lines = [f"{INDENT}{name!r}: ["]
    for value in values:
        lines.append(f"{INDENT * 2}{{")
        for key, own in value.items():
            text = ascii(own)
            if isinstance(own, list) and len(text) > 80:
                text = f"[\n{wrapped(map(ascii, own), 16)},\n{INDENT * 3}]"
            lines.append(f"{INDENT * 3}{key!r}: {text},")
        lines.append(f"{INDENT * 2}}},")
    return "\n".join([*lines, f"{INDENT}],\n"])


def _member(layers: Sequence[Any]) -> str:
    lines = [f"{INDENT * 2}["]
    for layer in layers:
        kind = f"np.float{layer.weights.dtype.itemsize * 8}"
        lines += [f"{INDENT * 3}(", f"{INDENT * 4}np.array(", f"{INDENT * 5}["]
        lines += [
            f"{INDENT * 6}[\n{wrapped(shortest_all(row), 28)},\n{INDENT * 6}]," for row in layer.weights
        ]
        lines += [f"{INDENT * 5}],", f"{INDENT * 5}{kind},", f"{INDENT * 4}),"]
        lines += [
            f"{INDENT * 4}np.array({_flat(layer.biases)}, {kind}),",
            f"{INDENT * 4}{layer.activation!r},",
        ]
        lines += [f"{INDENT * 3}),"]
    return "\n".join([*lines, f"{INDENT * 2}],\n"])


def _flat(values: Array) -> str:
    return f"[\n{wrapped(shortest_all(values), 20)},\n{INDENT * 4}]"


def _functions(program: ModelProgram) -> str:
    several = len(program.answers) > 1
    by_target = "; a dict by target" if several else ""
    classes = program.answers[0].classes is not None

    def returned(own: str) -> str:
        if several:
            return f'{{answer["target"]: {own} for answer in PROGRAM["answers"]}}'
        return own.replace("answer", 'PROGRAM["answers"][0]')

    chosen = (
        'np.array(answer["classes"])[places_of(answer, outputs)]'
        if classes
        else "numbers_of(answer, outputs)"
    )
    parts = [
        "def predict(columns):",
        f'{INDENT}"""What is predicted (N,) for columns of N raw values{by_target}."""',
        f"{INDENT}outputs = outputs_of(PROGRAM, inputs_of(PROGRAM, columns))",
        f"{INDENT}return {returned(chosen)}",
    ]
    if classes:
        shares = 'dict(zip(answer["classes"], probabilities_of(answer, outputs).T))'
        parts += [
            "",
            "",
            "def predict_proba(columns):",
            f'{INDENT}"""The probabilities (N,) of each class for columns of N raw values{by_target}."""',
            f"{INDENT}outputs = outputs_of(PROGRAM, inputs_of(PROGRAM, columns))",
            f"{INDENT}return {returned(shares)}",
        ]
    return "\n".join(parts)
