"""A model as a graph of ONNX: raw columns in, labels, probabilities and numbers out, all in float64."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from glassnet.ship.export.program import Answer, Dense, ModelProgram
from glassnet.tables.encode.program import (
    Clip,
    ColumnProgram,
    Cosine,
    Divide,
    Equals,
    Expression,
    Filled,
    LookUp,
    Missing,
    Multiply,
    Sine,
    SoftClip,
    Source,
    Subtract,
    Value,
)
from glassnet.targets import Label

OPSET = 20  # the first with RegexFullMatch
IR_VERSION = 9  # of the same release
BLANKS = r"[\s\x0b\x1c-\x1f\x{85}\p{Z}]*"  # what Python's strip removes
LEAST_SHARE = float(np.finfo(np.float64).eps)


class Graph:
    """Nodes and constants, each with a name of its own. Values are (N, 1) for a column, (N, K) for a layer."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: dict[bytes, Any] = {}

    def add(self, kind: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        """The output of a new node."""
        output = name or f"value_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def constant(self, values: Any, dtype: Any = np.float64) -> str:
        """An array, or a number, as a constant."""
        array = np.asarray(values, dtype)
        key = repr((array.dtype.str, array.shape)).encode() + (
            repr(array.tolist()).encode() if array.dtype == object else array.tobytes()
        )
        if key not in self.constants:
            self.constants[key] = numpy_helper.from_array(array, f"constant_{len(self.constants)}")
        return str(self.constants[key].name)

    def double(self, value: str) -> str:
        return self.add("Cast", value, to=TensorProto.DOUBLE)

    def matches(self, text: str, words: list[str], *, folded: bool = False) -> str:
        """Whether a text, without the blanks around it, is one of ``words``."""
        either = "|".join(re.sub(r"([^\w])", _escaped, word) for word in words)
        pattern = f"{'(?is)' if folded else '(?s)'}{BLANKS}(?:{either}){BLANKS}"
        return self.add("RegexFullMatch", text, pattern=pattern)


def _escaped(found: re.Match[str]) -> str:
    return f"\\x{{{ord(found[1]):x}}}"


def graph_of(program: ModelProgram) -> Any:
    """The model of ONNX."""
    graph, inputs, parts = Graph(), [], []
    for number, own in enumerate(program.columns):
        kind = TensorProto.STRING if own.source.is_text else TensorProto.DOUBLE
        inputs.append(helper.make_tensor_value_info(own.source.column, kind, ["N", 1]))
        raw = graph.add("Identity", own.source.column, name=f"column_{number}")
        parts += _inputs(graph, own, raw)
    encoded = graph.add("Concat", *parts, axis=1)
    each = [_network(graph, layers, encoded) for layers in program.members]
    mean = graph.add("Sum", *each) if len(each) > 1 else each[0]
    if len(each) > 1:
        mean = graph.add("Div", mean, graph.constant(len(each)))
    outputs = []
    for answer, names in zip(program.answers, output_names(program), strict=True):
        outputs += _answer(graph, answer, names, mean)
    return helper.make_model(
        helper.make_graph(graph.nodes, "glassnet", inputs, outputs, [*graph.constants.values()]),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="glassnet",
    )


def output_names(program: ModelProgram) -> list[tuple[str, ...]]:
    """For each target the names of its outputs: its value, and for classes its probabilities."""
    taken = {own.source.column for own in program.columns}
    found = []
    for answer in program.answers:
        wanted = [answer.target, *([f"{answer.target} probabilities"] if answer.classes is not None else [])]
        for at in range(len(wanted)):
            while wanted[at] in taken:
                wanted[at] += "_"
            taken.add(wanted[at])
        found.append(tuple(wanted))
    return found


# -- columns


def _inputs(graph: Graph, own: ColumnProgram, raw: str) -> list[str]:
    missing = _missing(graph, own.source, raw)
    known: dict[Expression, str] = {}
    return [_expression(graph, each, own.source, raw, missing, known) for each in own.inputs]


def _missing(graph: Graph, source: Source, raw: str) -> str:
    if source.is_text:
        return graph.matches(raw, ["", *(word for word in source.words if word)])
    missing = graph.add("IsNaN", raw)
    for sentinel in source.sentinels:
        missing = graph.add("Or", missing, graph.add("Equal", raw, graph.constant(sentinel)))
    return missing


def _expression(
    graph: Graph, expression: Expression, source: Source, raw: str, missing: str, known: dict[Expression, str]
) -> str:
    if expression in known:
        return known[expression]
    inner = expression.inner
    of = "" if inner is None else _expression(graph, inner, source, raw, missing, known)
    match expression:
        case Value():
            found = raw
        case Missing():
            found = graph.double(missing)
        case Filled(_, fill):
            found = graph.add("Where", missing, graph.constant(fill), of)
        case Subtract(_, number):
            found = graph.add("Sub", of, graph.constant(number))
        case Multiply(_, number):
            found = graph.add("Mul", of, graph.constant(number))
        case Divide(_, number):
            found = graph.add("Div", of, graph.constant(number))
        case Clip(_, low, high):
            found = graph.add("Clip", of, graph.constant(low), graph.constant(high))
        case SoftClip(_, limit):
            share = graph.add("Div", of, graph.constant(limit))
            root = graph.add("Sqrt", graph.add("Add", graph.add("Mul", share, share), graph.constant(1)))
            found = graph.add("Div", of, root)
        case Sine():
            found = graph.add("Sin", of)
        case Cosine():
            found = graph.add("Cos", of)
        case Equals(_, number):
            found = graph.double(graph.add("Equal", of, graph.constant(number)))
        case LookUp():
            found = _looked_up(graph, expression, source, raw, missing)
        case _:
            raise AssertionError(expression)
    known[expression] = found
    return found


def _looked_up(graph: Graph, own: LookUp, source: Source, raw: str, missing: str) -> str:
    found = graph.constant([[np.nan if own.other is None else own.other]])
    for key, number in zip(own.keys, own.numbers, strict=True):
        same = (
            graph.matches(raw, [key], folded=source.folded)
            if isinstance(key, str)
            else graph.add("Equal", raw, graph.constant(key))
        )
        found = graph.add("Where", same, graph.constant(number), found)
    return graph.add("Where", missing, graph.constant(own.missing), found)


# -- networks


def _network(graph: Graph, layers: tuple[Dense, ...], values: str) -> str:
    for layer in layers:
        weights, biases = (
            graph.double(graph.constant(own, own.dtype)) for own in (layer.weights, layer.biases)
        )
        values = _activation(
            graph, layer.activation, graph.add("Add", graph.add("MatMul", values, weights), biases)
        )
    return values


def _activation(graph: Graph, name: str, z: str) -> str:
    add, constant = graph.add, graph.constant
    if name == "identity":
        return z
    if name in ("relu", "tanh", "sigmoid"):
        return add({"relu": "Relu", "tanh": "Tanh", "sigmoid": "Sigmoid"}[name], z)
    if name == "softmax":
        return add("Softmax", z, axis=1)
    if name == "exponential":
        return add("Exp", add("Min", z, constant(700)))
    positive = add("Greater", z, constant(0))
    if name == "step":
        return graph.double(positive)
    if name == "leaky_relu":
        return add("Where", positive, z, add("Mul", z, constant(0.01)))
    if name in ("elu", "selu"):
        below = add("Sub", add("Exp", add("Min", z, constant(0))), constant(1))
        if name == "elu":
            return add("Where", positive, z, below)
        below = add("Mul", below, constant(1.6732632423543772))
        return add("Mul", add("Where", positive, z, below), constant(1.0507009873554805))
    if name == "silu":
        return add("Mul", z, add("Sigmoid", z))
    if name == "gelu":
        cube = add("Mul", add("Mul", z, add("Mul", z, z)), constant(0.044715))
        curve = add("Tanh", add("Mul", add("Add", z, cube), constant(0.7978845608028654)))
        return add("Mul", add("Mul", z, constant(0.5)), add("Add", curve, constant(1)))
    small = add("Log", add("Add", add("Exp", add("Neg", add("Abs", z))), constant(1)))
    softplus = add("Add", add("Max", z, constant(0)), small)
    assert name in ("softplus", "mish"), name
    return softplus if name == "softplus" else add("Mul", z, add("Tanh", softplus))


# -- answers


def _answer(graph: Graph, answer: Answer, names: tuple[str, ...], outputs: str) -> list[Any]:
    add, constant = graph.add, graph.constant
    ends = (constant([own], np.int64) for own in (answer.first, answer.last, 1))
    own = add("Slice", outputs, *ends)
    if answer.classes is None:
        value = add("Add", add("Mul", own, constant(answer.scale)), constant(answer.mean))
        add("Clip", value, constant(answer.lowest), constant(answer.highest), name=names[0])
        return [helper.make_tensor_value_info(names[0], TensorProto.DOUBLE, ["N", 1])]
    shares = add("Clip", own, constant(0), constant(1))
    if answer.is_binary:
        shares = add("Concat", add("Sub", constant(1), shares), shares, axis=1)
        place = add("Cast", add("Greater", own, constant(0.5)), to=TensorProto.INT64)
    else:
        total = add("ReduceSum", shares, constant([1], np.int64), keepdims=1)
        some = add("Greater", total, constant(0))
        even = constant([[1 / len(answer.classes)]])
        shares = add("Where", some, add("Div", shares, add("Where", some, total, constant(1))), even)
        place = add("ArgMax", own, axis=1, keepdims=1)
    if answer.temperature == 1:
        add("Identity", shares, name=names[1])
    else:
        logarithms = add("Log", add("Max", shares, constant(LEAST_SHARE)))
        add("Softmax", add("Div", logarithms, constant(answer.temperature)), axis=1, name=names[1])
    dtype, kind = _type_of(answer.classes)
    add("Gather", constant(list(answer.classes), dtype), place, axis=0, name=names[0])
    return [
        helper.make_tensor_value_info(names[0], kind, ["N", 1]),
        helper.make_tensor_value_info(names[1], TensorProto.DOUBLE, ["N", len(answer.classes)]),
    ]


def _type_of(classes: tuple[Label, ...]) -> tuple[Any, int]:
    """The types of labels, in NumPy and in ONNX."""
    if all(isinstance(label, bool) for label in classes):
        return np.bool_, TensorProto.BOOL
    if all(isinstance(label, int) for label in classes):
        huge = any(label >= 2**63 for label in classes if isinstance(label, int))
        return (np.uint64, TensorProto.UINT64) if huge else (np.int64, TensorProto.INT64)
    if all(isinstance(label, (int, float)) for label in classes):
        return np.float64, TensorProto.DOUBLE
    return object, TensorProto.STRING
