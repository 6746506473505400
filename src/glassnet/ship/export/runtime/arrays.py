"""A model on arrays: the meaning of a program, in NumPy alone. Copied into the export in NumPy.

``program`` is what :func:`glassnet.ship.export.program.as_document` gives; its members are tuples of layers, which are
tuples ``(weights, biases, activation)``.
"""

from __future__ import annotations

import numpy as np

from glassnet.ship.export.runtime.cells import read_number, read_text, read_time, read_truth

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from typing import Any

    Array = np.ndarray[Any, Any]


def inputs_of(program: Mapping[str, Any], columns: Mapping[str, Any]) -> Array:
    """The inputs (N, I) of the networks; ``columns`` are N raw values each, by name."""
    found = []
    for own in program["columns"]:
        try:
            value, missing = read_column(own, columns[own["column"]])
            parts: list[Array] = []
            for part in own["parts"]:
                parts.append(evaluate(part, value, missing, parts))
            found += [evaluate(each, value, missing, parts) for each in own["inputs"]]
        except ValueError as error:
            raise ValueError(f"column {own['column']!r}: {error}") from None
    return np.stack(found, axis=1)


def read_column(own: Mapping[str, Any], values: Any) -> tuple[Array, Array]:
    """A raw column as numbers or texts (N,), and which of them are missing."""
    sentinels = own["sentinels"]
    array = values if isinstance(values, np.ndarray) else np.array(values, dtype=object)
    if own["type"] == "number" and array.dtype.kind in "iufb":
        numbers = array.astype(np.float64)
        if np.isinf(numbers).any():
            raise ValueError("it has values that are not finite")
        missing = np.isnan(numbers) | np.isin(numbers, np.array(sentinels, np.float64))
        return numbers, missing
    if array.dtype.kind == "M":
        array = np.where(np.isnat(array), np.nan, array.astype("datetime64[us]").astype(np.int64) / 1e6)
    known: list[Any] = [read_value(own, value) for value in array.tolist()]
    missing = np.array([value is None for value in known], bool)
    is_text = own["type"] == "text" and own["format"] is None
    if is_text:
        return np.array(["" if value is None else value for value in known], dtype=object), missing
    return np.array([np.nan if value is None else value for value in known], np.float64), missing


def read_value(own: Mapping[str, Any], value: Any) -> Any:
    """A raw value as a number or a text; None if it is missing."""
    words, sentinels = own["words"], own["sentinels"]
    if own["type"] == "number":
        return read_number(value, words, sentinels)
    if own["type"] == "boolean":
        return read_truth(value, words, sentinels)
    if own["type"] == "text" and own["format"] is None:
        return read_text(value, words, own["folded"])
    return read_time(value, words, sentinels, own["format"])


def evaluate(expression: Sequence[Any], value: Array, missing: Array, parts: Sequence[Array]) -> Array:
    """An expression (N,) for the ``value`` of a column (N,); ``parts`` are those that it refers to."""
    name, *fields = expression
    if name == "value":
        return value
    if name == "part":
        return parts[fields[0]]
    if name == "missing":
        return missing.astype(np.float64)
    if name == "lookup":
        return looked_up(value, missing, *fields)
    of = evaluate(fields[0], value, missing, parts)
    if name == "filled":
        return np.where(missing, fields[1], of)
    if name == "equals":
        return (of == fields[1]).astype(np.float64)
    if name == "sine":
        return np.sin(of)
    if name == "cosine":
        return np.cos(of)
    if name == "softclip":
        return of / np.sqrt(1 + (of / fields[1]) ** 2)
    with np.errstate(over="ignore"):  # what overflows is clipped
        if name == "subtract":
            return of - fields[1]
        if name == "multiply":
            return of * fields[1]
        if name == "divide":
            return of / fields[1]
    assert name == "clip", name
    return np.clip(of, fields[1], fields[2])


def looked_up(
    value: Array, missing: Array, keys: Collection[Any], numbers: Any, of_missing: float, other: float | None
) -> Array:
    """For each value the number that belongs to it."""
    known = dict(zip(keys, numbers))  # noqa: B905  # of equal length
    found = [
        of_missing if absent else known.get(own, other)
        for own, absent in zip(value.tolist(), missing.tolist())  # noqa: B905
    ]
    if None in found:
        raise ValueError(f"{value[found.index(None)]!r} is not one of {list(keys)}")
    return np.array(found, np.float64)


# -- the networks


def sigmoid(z: Array) -> Array:
    e = np.exp(-np.abs(z))
    return np.where(z < 0, e, 1) / (1 + e)


def gelu(z: Array) -> Array:
    return z * (1 + np.tanh(0.7978845608028654 * (z + 0.044715 * z**3))) / 2


def mish(z: Array) -> Array:
    e = np.exp(-np.abs(z))
    numerator = np.where(z < 0, e * (e + 2), 1 + 2 * e)
    return z * (numerator / (numerator + np.where(z < 0, 2, 2 * e * e)))


def softmax(z: Array) -> Array:
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "identity": lambda z: z,
    "step": lambda z: (z > 0) * 1.0,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "selu": lambda z: (
        1.0507009873554805 * np.where(z > 0, z, 1.6732632423543772 * np.expm1(np.minimum(z, 0)))
    ),
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "softplus": lambda z: np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))),
    "gelu": gelu,
    "silu": lambda z: z * sigmoid(z),
    "mish": mish,
    "exponential": lambda z: np.exp(np.minimum(z, 700)),
    "softmax": softmax,
}


def outputs_of(program: Mapping[str, Any], inputs: Array) -> Array:
    """The mean (N, O) of the networks' outputs."""
    total: Any = 0.0
    for layers in program["members"]:
        values = inputs
        for weights, biases, activation in layers:
            values = ACTIVATIONS[activation](values @ weights.astype(np.float64) + biases)
        total = total + values
    outputs: Array = total / len(program["members"])
    if np.isnan(outputs).any():
        raise ValueError("an output is not a number: the values are too large for the model")
    return outputs


# -- from outputs to answers


def probabilities_of(answer: Mapping[str, Any], outputs: Array) -> Array:
    """The probabilities (N, C) of the classes of a target, for the outputs (N, O) of all targets."""
    shares = np.clip(outputs[:, answer["first"] : answer["last"]], 0, 1)
    if shares.shape[1] == 1:
        shares = np.hstack([1 - shares, shares])
    else:
        total = shares.sum(axis=1, keepdims=True)
        shares = np.where(total > 0, shares / np.where(total > 0, total, 1), 1 / shares.shape[1])
    if answer["temperature"] == 1:
        return shares
    return softmax(np.log(np.maximum(shares, np.finfo(np.float64).eps)) / answer["temperature"])


def places_of(answer: Mapping[str, Any], outputs: Array) -> Array:
    """The places (N,) of the predicted classes of a target."""
    own = outputs[:, answer["first"] : answer["last"]]
    return (own[:, 0] > 0.5).astype(np.intp) if own.shape[1] == 1 else own.argmax(axis=1)


def numbers_of(answer: Mapping[str, Any], outputs: Array) -> Array:
    """The predicted numbers (N,) of a target."""
    found = outputs[:, answer["first"]] * answer["scale"] + answer["mean"]
    low, high = answer["lowest"], answer["highest"]
    return found if low is None else np.clip(found, low, high)
