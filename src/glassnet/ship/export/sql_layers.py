"""The layers of networks in SQL, and the functions in them."""

from __future__ import annotations

from glassnet.ship.export.program import Dense
from glassnet.ship.export.sql_dialects import Dialect, added, number, paired

ROW = "glassnet_row"
FURTHEST = "300e0"  # exp(-300) is 0 for all purposes, and its square is still a number


def step(own: str, kept: str, terms: list[str], source: str) -> str:
    """A step of a query: the columns ``kept`` of ``source``, and further ``terms``."""
    listed = "".join(f",\n    {term}" for term in terms)
    return f"{own} AS MATERIALIZED (\n  SELECT {kept}{listed}\n  FROM {source})"


def layer_steps(layer: Dense, own: str, source: str, before: str, dialect: Dialect) -> list[str]:
    """Its weights and its inputs, by rows; then its sums and activations, with a column for each neuron.

    Weights are values of a table, not numbers in expressions: the time in which SQLite prepares a query is the
    square of the count of these.
    """
    count, width = layer.weights.shape
    names = ", ".join(f"w{at}" for at in range(width))
    cases = " ".join(f"WHEN {at} THEN s.{before}{at}" for at in range(count))
    weights, inputs = f"{own}_weights", f"{own}_inputs"
    sums = [f"SUM(l.a * w.w{at}) + ({number(bias)}) AS z{at}" for at, bias in enumerate(layer.biases)]
    joined = f"{inputs} AS l JOIN {weights} AS w ON w.i = l.i\n  GROUP BY l.{ROW}"
    steps = [
        f"{weights} (i, {names}) AS MATERIALIZED (\n  VALUES {_rows_of(layer, dialect)})",
        step(
            inputs,
            f"s.{ROW}, w.i",
            [f"CASE w.i {cases} END AS a"],
            f"{source} AS s CROSS JOIN {weights} AS w",
        ),
        step(f"{own}_sums", f"l.{ROW}", sums, joined),
    ]
    if layer.activation == "softmax":
        top = paired([f"z{at}" for at in range(width)], f"{dialect.greatest}({{}}, {{}})")
        steps.append(step(f"{own}_top", f"{own}_sums.*", [f"{top} AS top"], f"{own}_sums"))
        powers = [f"{power(f'z{at} - top', dialect)} AS e{at}" for at in range(width)]
        steps.append(step(f"{own}_powers", ROW, powers, f"{own}_top"))
        total = added([f"e{at}" for at in range(width)])
        steps.append(step(f"{own}_total", f"{own}_powers.*", [f"{total} AS total"], f"{own}_powers"))
        shares = [f"e{at} / total AS a{at}" for at in range(width)]
        return [*steps, step(own, ROW, shares, f"{own}_total")]
    active = [f"{_activation(layer.activation, f'z{at}', dialect)} AS a{at}" for at in range(width)]
    return [*steps, step(own, ROW, active, f"{own}_sums")]


def _rows_of(layer: Dense, dialect: Dialect) -> str:
    """The rows of a table of weights: the number of an input, and its weight in each neuron."""
    rows = []
    for at, weights in enumerate(layer.weights):
        texts = [number(weight) for weight in weights]
        if at == 0:  # the types follow from the first row
            texts = [f"CAST({text} AS {dialect.double})" for text in texts]
        rows.append(f"({at}, {', '.join(texts)})")
    return ",\n    ".join(rows)


def power(z: str, dialect: Dialect) -> str:
    """exp(z) for z up to 0."""
    return f"EXP({dialect.greatest}({z}, -{FURTHEST}))"


def _activation(kind: str, z: str, dialect: Dialect) -> str:
    e = power(f"-ABS({z})", dialect)
    low = f"({power(f'{dialect.least}({z}, 0e0)', dialect)} - 1e0)"
    sigmoid = f"(CASE WHEN {z} < 0 THEN {e} ELSE 1e0 END / (1e0 + {e}))"
    kept = f"{dialect.least}({dialect.greatest}({z}, -50e0), 50e0)"
    inner = f"(0.7978845608028654e0 * ({kept} + 0.044715e0 * ({kept} * {kept} * {kept})))"
    numerator = f"CASE WHEN {z} < 0 THEN {e} * ({e} + 2e0) ELSE 1e0 + 2e0 * {e} END"
    denominator = f"(({numerator}) + CASE WHEN {z} < 0 THEN 2e0 ELSE 2e0 * {e} * {e} END)"
    return {
        "identity": z,
        "step": f"CASE WHEN {z} > 0 THEN 1e0 ELSE 0e0 END",
        "relu": f"CASE WHEN {z} > 0 THEN {z} ELSE 0e0 END",
        "leaky_relu": f"CASE WHEN {z} > 0 THEN {z} ELSE 0.01e0 * {z} END",
        "elu": f"CASE WHEN {z} > 0 THEN {z} ELSE {low} END",
        "selu": f"1.0507009873554805e0 * CASE WHEN {z} > 0 THEN {z} ELSE 1.6732632423543772e0 * {low} END",
        "sigmoid": sigmoid,
        "tanh": _tanh(z, dialect),
        "softplus": f"{dialect.greatest}({z}, 0e0) + LN(1e0 + {e})",
        "gelu": f"{z} * (1e0 + {_tanh(inner, dialect)}) / 2e0",
        "silu": f"{z} * {sigmoid}",
        "mish": f"{z} * (({numerator}) / {denominator})",
        "exponential": f"EXP({dialect.least}({dialect.greatest}({z}, -{FURTHEST}), 700e0))",
    }[kind]


def _tanh(z: str, dialect: Dialect) -> str:
    e = power(f"-2e0 * ABS({z})", dialect)
    return f"(CASE WHEN {z} < 0 THEN -1e0 ELSE 1e0 END * (1e0 - {e}) / (1e0 + {e}))"
