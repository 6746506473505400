"""The export as one header in C99: no allocation, no library but C's own, reentrant; ``float`` and ``double``."""

from __future__ import annotations

import re
from typing import ClassVar

from glassnet.ship.export.c_columns import column_code, fields_of, is_read
from glassnet.ship.export.c_names import answer_names, literal, prefix
from glassnet.ship.export.c_run import CompiledForm
from glassnet.ship.export.program import Array, Dense, ModelProgram, label_text
from glassnet.ship.export.rounded import RoundedDense, rounded
from glassnet.ship.export.sources import RUNTIME, joined, kind_of, shortest_all, shown, summary, wrapped
from glassnet.tables.missing_tokens import MISSING

LONGEST = 4000  # bytes of a text; compilers need take no longer literals

ACTIVATIONS = {  # of one sum z; "SFX" is the suffix of float
    "step": "z[i] > 0 ? 1 : 0",
    "relu": "z[i] > 0 ? z[i] : z[i] <= 0 ? 0 : z[i]",
    "leaky_relu": "z[i] > 0 ? z[i] : LIT(0.01) * z[i]",
    "elu": "z[i] > 0 ? z[i] : expm1SFX(z[i])",
    "selu": "LIT(1.0507009873554805) * (z[i] > 0 ? z[i] : LIT(1.6732632423543772) * expm1SFX(z[i]))",
    "sigmoid": "NAME_sigmoidSFX(z[i])",
    "tanh": "tanhSFX(z[i])",
    "softplus": "(z[i] > 0 ? z[i] : 0) + log1pSFX(expSFX(-fabsSFX(z[i])))",
    "gelu": "NAME_geluSFX(z[i])",
    "silu": "z[i] * NAME_sigmoidSFX(z[i])",
    "mish": "NAME_mishSFX(z[i])",
    "exponential": "expSFX(z[i] < LIMIT ? z[i] : LIMIT)",
}


class C(CompiledForm):
    """One header in C99."""

    name = "c"
    title = "one header in C99, for float and double"
    endings: ClassVar[tuple[str, ...]] = (".h",)
    bits = 0

    def faults(self, program: ModelProgram) -> list[str]:
        faults = []
        for own in program.columns:
            if own.source.format and not is_read(own.source.format):
                faults.append(f"column {own.source.column!r} holds dates written {own.source.format}.")
        texts = [text for own in program.columns for each in own.inputs for text in _texts_in(each)]
        texts += [label_text(label) for answer in program.answers for label in answer.classes or ()]
        long = [text for text in texts if len(text.encode("utf-8", "replace")) > LONGEST or "\0" in text]
        if long:
            faults.append(f"the text {long[0][:40]!r}… has more than {LONGEST:,} bytes, or a zero in it.")
        return faults

    def usage(self, program: ModelProgram) -> list[str]:
        name = prefix(program)
        fields = zip(fields_of(program), program.columns, strict=True)
        return [
            *summary(program),
            "",
            f"  {name}_row row;        one field for each column, see below",
            f"  {name}_answer answer;",
            f"  int fault = {name}_predict(&row, &answer);      or {name}_predict_float",
            "",
            "fault is 0, or the number from 1 of the column with a value that it cannot have, or -1 where a result",
            "is not a number. A missing number is NAN, a missing text NULL or a word such as NA; a truth is 0 or 1; a",
            "time is a number of seconds since 1970 (UTC). Texts are in UTF-8.",
            "",
            *(f"  {field}: {shown(own.source.column)}, {kind_of(own.source)}" for field, own in fields),
        ]

    def text(self, program: ModelProgram, head: str) -> str:
        name = prefix(program)
        guard = f"GLASSNET_{name.upper()}_H"
        weight, parameter = _types(program)
        common = [
            f"/*\n{head}\n */",
            f"#ifndef {guard}\n#define {guard}",
            _runtime("cells", name),
            _runtime("dates", name) if any(own.source.format for own in program.columns) else "",
            _structures(program, name),
            "\n".join(
                [
                    f"#define {name}_INPUTS {program.inputs}",
                    f"#define {name}_OUTPUTS {program.outputs}",
                    f"#define {name}_WIDEST {program.widest}",
                ]
            ),
            _runtime("compiler", name),
            _parameters(program, name),
            _runtime("answers", name),
            _inputs(program, name),
        ]
        both = [
            _typed(_network(program, name), name, real, weight, parameter, bool(self.bits))
            for real in ("double", "float")
        ]
        return joined([*common, *both, "#endif"])


class C8(C):
    """The same with weights of 8 bits."""

    name = "c8"
    title = "one header in C99 with weights of 8 bits"
    endings: ClassVar[tuple[str, ...]] = ()
    bits = 8

    def program(self, program: ModelProgram) -> ModelProgram:
        return rounded(program)


def _texts_in(expression: object) -> list[str]:
    own = getattr(expression, "of", expression)
    return [key for key in getattr(own, "keys", ()) if isinstance(key, str)]


def _runtime(part: str, name: str) -> str:
    return (RUNTIME / f"{part}.h").read_text(encoding="utf-8").replace("NAME_", f"{name}_")


def _types(program: ModelProgram) -> tuple[str, str]:
    """The types of the weights and of the other parameters."""
    layer = program.members[0][0]
    other = "float" if layer.biases.dtype.itemsize == 4 else "double"
    return ("signed char" if isinstance(layer, RoundedDense) else other), other


def _structures(program: ModelProgram, name: str) -> str:
    lines = ["typedef struct {"]
    for field, own in zip(fields_of(program), program.columns, strict=True):
        kind = "const char *" if own.source.is_text or own.source.format else "double "
        lines.append(f"    {kind}{field}; /* {shown(own.source.column)} */")
    lines += [f"}} {name}_row;", "", "typedef struct {"]
    for field, answer in zip(answer_names(program), program.answers, strict=True):
        if answer.classes is None:
            lines.append(f"    double {field}; /* {shown(answer.target)} */")
        else:
            lines.append(
                f"    int {field}; /* {shown(answer.target)}: the place in {name}_{field}_classes */"
            )
            lines.append(f"    double {field}_probability[{len(answer.classes)}];")
    lines += [f"}} {name}_answer;"]
    for field, answer in zip(answer_names(program), program.answers, strict=True):
        if answer.classes is not None:
            lines += ["", f"static const char *const {name}_{field}_classes[{len(answer.classes)}] = {{"]
            lines += [wrapped([literal(label_text(label)) for label in answer.classes], 4), "};"]
    words = wrapped([literal(word) for word in MISSING], 4)
    lines += ["", "/* Texts that stand for a missing value. */"]
    lines += [f"static const char *const {name}_missing[{len(MISSING)}] = {{", words, "};"]
    return "\n".join(lines)


def _inputs(program: ModelProgram, name: str) -> str:
    lines = [
        "/* The inputs of the networks for a row; the result is 0, or the number of a column whose value is wrong. */",
        f"static inline int {name}_inputs_of(const {name}_row *row, double *x)",
        "{",
    ]
    at = 0
    for number, (field, own) in enumerate(zip(fields_of(program), program.columns, strict=True), 1):
        lines += column_code(own, field, number, at, name)
        at += len(own.inputs)
    return "\n".join([*lines, "    return 0;", "}"])


def _parameters(program: ModelProgram, name: str) -> str:
    parts = []
    for member, layers in enumerate(program.members, 1):
        for number, layer in enumerate(layers, 1):
            parts.append(_layer(layer, f"{name}_{{}}_{member}_{number}"))
    return "\n".join(parts)


def _layer(layer: Dense, name: str) -> str:
    suffix = "f" if layer.biases.dtype.itemsize == 4 else ""
    kind = "float" if suffix else "double"
    weights, texts = kind, [f"{text}{suffix}" for text in shortest_all(layer.weights.ravel())]
    parts = []
    if isinstance(layer, RoundedDense):
        weights, texts = "signed char", [str(code) for code in layer.codes.ravel().tolist()]
        parts.append(_array(kind, name.format("steps"), layer.steps, suffix))
    shown_ = wrapped(texts, 4)
    parts += [f"static const {weights} {name.format('weights')}[{layer.weights.size}] = {{\n{shown_}\n}};"]
    return "\n".join([*parts, _array(kind, name.format("biases"), layer.biases, suffix)])


def _array(kind: str, name: str, values: Array, suffix: str) -> str:
    texts = wrapped([f"{text}{suffix}" for text in shortest_all(values)], 4)
    return f"static const {kind} {name}[{len(values)}] = {{\n{texts}\n}};"


def _network(program: ModelProgram, name: str) -> str:
    """What is computed in float or in double."""
    used = sorted({layer.activation for layers in program.members for layer in layers} & {*ACTIVATIONS})
    functions = [
        f"static inline void {name}_act_{each}SFX(REAL *z, size_t n)\n{{\n    size_t i;\n"
        f"    for (i = 0; i < n; i++) {{\n        z[i] = {ACTIVATIONS[each].replace('NAME_', name + '_')};\n    }}\n}}"
        for each in used
    ]
    layers_ = [
        f"{name}_LAYER void {name}_layersSFX(const REAL *x, double *outputs, int fused)",
        "{",
        f"    REAL even[{name}_WIDEST], odd[{name}_WIDEST];",
        "    size_t i;",
        "    (void)even;",
        "    (void)odd;",
        f"    for (i = 0; i < {name}_OUTPUTS; i++) {{",
        "        outputs[i] = 0.0;",
        "    }",
    ]
    for member, layers in enumerate(program.members, 1):
        source = "x"
        for number, layer in enumerate(layers, 1):
            out = "odd" if source == "even" else "even"
            own = f"{member}_{number}"
            scales = f"{name}_steps_{own}, " if isinstance(layer, RoundedDense) else ""
            layers_.append(
                f"    {name}_denseSFX({name}_weights_{own}, {name}_biases_{own}, {scales}{source}, "
                f"{layer.weights.shape[0]}, {out}, {layer.weights.shape[1]}, fused);"
            )
            if layer.activation == "softmax":
                layers_.append(f"    {name}_softmaxSFX({out}, {layer.weights.shape[1]});")
            elif layer.activation != "identity":
                layers_.append(f"    {name}_act_{layer.activation}SFX({out}, {layer.weights.shape[1]});")
            source = out
        layers_ += [
            f"    for (i = 0; i < {name}_OUTPUTS; i++) {{",
            f"        outputs[i] += (double){source}[i];",
            "    }",
        ]
    layers_ += ["}"]
    lines = [
        f"static inline int {name}_predictFSFX(const {name}_row *row, {name}_answer *answer)",
        "{",
        f"    double inputs[{name}_INPUTS], outputs[{name}_OUTPUTS];",
        f"    REAL x[{name}_INPUTS];",
        "    size_t i;",
        f"    const int fault = {name}_inputs_of(row, inputs);",
        "    if (fault != 0) {",
        "        return fault;",
        "    }",
        f"    for (i = 0; i < {name}_INPUTS; i++) {{",
        "        x[i] = (REAL)inputs[i];",
        "    }",
        f"    {name}_outputsSFX(x, outputs);",
        f"    for (i = 0; i < {name}_OUTPUTS; i++) {{",
        f"        outputs[i] /= {float(len(program.members))!r};",
        "        if (outputs[i] != outputs[i]) {",
        "            return -1;",
        "        }",
        "    }",
    ]
    for field, answer in zip(answer_names(program), program.answers, strict=True):
        if answer.classes is None:
            value = f"outputs[{answer.first}] * {answer.scale!r} + {answer.mean!r}"
            clipped = f"{name}_clip({value}, {answer.lowest!r}, {answer.highest!r})"
            lines.append(f"    answer->{field} = {value if answer.lowest == -float('inf') else clipped};")
        else:
            lines.append(
                f"    answer->{field} = {name}_classes_of(outputs + {answer.first}, {answer.last - answer.first}, "
                f"answer->{field}_probability, {len(answer.classes)}, {answer.temperature!r});"
            )
    lines += ["    return 0;", "}"]
    return joined([
        _runtime("network", name), *functions, "\n".join(layers_), _runtime("processor", name), "\n".join(lines)
    ])  # fmt: skip


def _typed(text: str, name: str, real: str, weight: str, parameter: str, rounded_: bool) -> str:
    """``text`` for float or double."""
    single = real == "float"
    functions = text.replace("LIMIT", "80.0f" if single else "700.0")
    functions = re.sub(r"LIT\(([\d.e-]+)\)", r"\1f" if single else r"\1", functions)
    functions = functions.replace("FSFX", "_float" if single else "")
    own = rf"(\b{re.escape(name)}_\w+)SFX"
    functions = re.sub(own, r"\1_float" if single else r"\1", functions).replace("SFX", "f" if single else "")
    functions = functions.replace("WEIGHT", weight).replace("PARAMETER", parameter).replace("REAL", real)
    scales = f"const {parameter} *{name}_RESTRICT steps," if rounded_ else ""
    return functions.replace("SCALES ", f"{scales} " if scales else "").replace(
        " SCALED", f" * ({real})steps[o]" if rounded_ else ""
    )
