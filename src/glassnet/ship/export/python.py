"""The export as one file of Python, with the standard library alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from glassnet.ship.export.program import Answer, Array, Dense, ModelProgram
from glassnet.ship.export.python_run import PythonForm
from glassnet.ship.export.sources import copied, joined, kind_of, shortest_all, shown, wrapped
from glassnet.ship.export.syntax import ARITHMETIC, Syntax
from glassnet.tables.encode.program import (
    NUMBERS,
    TIMES,
    TRUTHS,
    Clip,
    ColumnProgram,
    Cosine,
    Equals,
    Expression,
    Filled,
    LookUp,
    Missing,
    Sine,
    SoftClip,
    Source,
    Value,
)
from glassnet.tables.missing_tokens import MISSING

INDENT = "    "
TEMPLATES = {
    **ARITHMETIC,
    Value: "value",
    Missing: "float(value is None)",
    Filled: "({fill} if value is None else {of})",
    Clip: "clip({of}, {low}, {high})",
    SoftClip: "soft_clip({of}, {limit})",
    Sine: "math.sin({of})",
    Cosine: "math.cos({of})",
    Equals: "float({of} == {number})",
}


class Python(PythonForm):
    name = "python"
    title = "one file of Python, with the standard library alone"
    endings: ClassVar[tuple[str, ...]] = (".py",)
    needs = "Python 3.9 or later, and nothing else"
    of_rows = False

    def text(self, program: ModelProgram, head: str) -> str:
        cell_imports, cells = copied("cells")
        imports, scalars = copied("scalars")
        every = sorted({*cell_imports, *imports}, key=lambda line: (line.startswith("from"), line))
        # those of "from" are dropped by copied, but for the standard library's
        return joined(
            [
                head,
                "from __future__ import annotations",
                "\n".join([*every, "from array import array", "from operator import mul"]),
                "\n".join(
                    [
                        "# -- raw values",
                        "",
                        "MISSING = frozenset((",
                        wrapped(map(ascii, MISSING), 4) + ",",
                        "))",
                    ]
                ),
                "\n" + cells,
                "\n# -- the arithmetic",
                "\n" + scalars,
                "\n# -- this model: from raw columns to inputs",
                "\n" + _inputs(program),
                "\n# -- its networks: the activation, the biases and the weights of each neuron, layer by layer",
                "\n" + _networks(program),
                "\n# -- its answers",
                "\n" + answers(program),
            ]
        )


def _inputs(program: ModelProgram) -> str:
    lines = ["def inputs_of(row):", f'{INDENT}"""The inputs of the networks for a row."""', f"{INDENT}x = []"]
    for own in program.columns:
        lines += [f"{INDENT}# {shown(own.source.column)}: {shown(kind_of(own.source))}", *_column(own)]
    return "\n".join([*lines, f"{INDENT}return x"])


def _column(own: ColumnProgram) -> list[str]:
    name = ascii(own.source.column)
    lines = [f"{INDENT}value = value_of(row, {name}, {', '.join(_read(own.source))})"]
    names: dict[Expression, str] = {}
    syntax = _syntax(name)
    for expression in own.shared():
        text = syntax.write(expression, names)
        names[expression] = f"part_{len(names) + 1}"
        lines.append(f"{INDENT}{names[expression]} = {text}")
    return [*lines, *(f"{INDENT}x.append({syntax.write(each, names)})" for each in own.inputs)]


def _read(source: Source) -> list[str]:
    own = [word for word in source.words if word not in MISSING]
    words = "MISSING" + (f" | {{{', '.join(map(ascii, own))}}}" if own else "")
    if not {*MISSING} <= {*source.words}:
        words = f"({''.join(ascii(word) + ', ' for word in source.words)})"
    if source.is_text:
        return ["read_text", words, *(["True"] if source.folded else [])]
    sentinels = f"({''.join(f'{value!r}, ' for value in source.sentinels)})"
    if source.type in (NUMBERS, TRUTHS):
        read = "read_number" if source.type == NUMBERS else "read_truth"
        return [read, words, *([sentinels] if source.sentinels else [])]
    form = [ascii(source.format)] if source.type != TIMES else []
    return ["read_time", words, *([sentinels] if source.sentinels or form else []), *form]


def _syntax(column: str) -> Syntax:
    def look_up(own: LookUp) -> str:
        pairs = zip((*own.keys, None), (*own.numbers, own.missing), strict=True)
        known = "{" + ", ".join(f"{key!a}: {number!r}" for key, number in pairs) + "}"
        if own.other is None:
            return f"look_up({known}, {column}, value)"
        return f"{known}.get(value, {own.other!r})"

    return Syntax(TEMPLATES, look_up)


def _networks(program: ModelProgram) -> str:
    lines = ["NETWORKS = ("]
    for layers in program.members:
        lines.append(f"{INDENT}(")
        for layer in layers:
            lines += _layer(layer)
        lines.append(f"{INDENT}),")
    return "\n".join([*lines, ")"])


def _layer(layer: Dense) -> list[str]:
    lines = [f"{INDENT * 2}(", f"{INDENT * 3}{layer.activation!r},"]
    lines += [f"{INDENT * 3}{_array(layer.biases, 3)},", f"{INDENT * 3}("]
    lines += [f"{INDENT * 4}{_array(row, 4)}," for row in layer.weights.T]
    return [*lines, f"{INDENT * 3}),", f"{INDENT * 2}),"]


def _array(values: Array, depth: int) -> str:
    kind = "f" if values.dtype.itemsize == 4 else "d"
    texts = shortest_all(values)
    line = f'array("{kind}", [{", ".join(texts)}])'
    if len(line) <= 100 - 4 * depth:
        return line
    return f'array("{kind}", [\n{wrapped(texts, 4 * depth + 4)},\n{INDENT * depth}])'


def answers(program: ModelProgram) -> str:
    """The functions ``predict`` and ``predict_proba`` of a row."""
    parts = [
        "\n".join(
            [
                "def predict(row):",
                f'{INDENT}"""What is predicted for a row, a dict of raw values by column{_by_target(program)}."""',
                f"{INDENT}outputs = mean_outputs(NETWORKS, inputs_of(row))",
                *_returned(program, [_predicted(*each) for each in enumerate(program.answers, 1)]),
            ]
        )
    ]
    if all(answer.classes is not None for answer in program.answers):
        parts += [
            "\n".join(
                [
                    "def predict_proba(row):",
                    f'{INDENT}"""The probability of each class for a row{_by_target(program)}."""',
                    f"{INDENT}outputs = mean_outputs(NETWORKS, inputs_of(row))",
                    *_returned(program, [_shares(*each) for each in enumerate(program.answers, 1)]),
                ]
            )
        ]
    tables = [
        f"CLASSES_{number} = ({''.join(ascii(label) + ', ' for label in answer.classes)})"
        for number, answer in enumerate(program.answers, 1)
        if answer.classes is not None
    ]
    return "\n\n\n".join([*(["\n".join(tables)] if tables else []), *parts])


def _by_target(program: ModelProgram) -> str:
    return "; a dict by target" if len(program.answers) > 1 else ""


def _returned(program: ModelProgram, texts: Sequence[str]) -> list[str]:
    if len(texts) == 1:
        return [f"{INDENT}return {texts[0]}"]
    each = [
        f"{INDENT * 2}{answer.target!a}: {text}," for answer, text in zip(program.answers, texts, strict=True)
    ]
    return [f"{INDENT}return {{", *each, f"{INDENT}}}"]


def _predicted(number: int, answer: Answer) -> str:
    if answer.classes is not None:
        return f"CLASSES_{number}[place_of(outputs[{answer.first}:{answer.last}])]"
    value = f"outputs[{answer.first}] * {answer.scale!r} + {answer.mean!r}"
    return (
        value if answer.lowest == -float("inf") else f"clip({value}, {answer.lowest!r}, {answer.highest!r})"
    )


def _shares(number: int, answer: Answer) -> str:
    own = f"probabilities_of(outputs[{answer.first}:{answer.last}], {answer.temperature!r})"
    return f"dict(zip(CLASSES_{number}, {own}))"
