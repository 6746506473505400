"""``model.explain``: the printed numbers, redone by hand, are the prediction."""

from __future__ import annotations

import re
from decimal import Decimal, getcontext
from typing import Any

import numpy as np
import pandas as pd
import pytest

import glassnet
from glassnet.errors import InputError
from glassnet.tables import penguins_path

FRAME = pd.read_csv(penguins_path())
ROWS = [0, 3, 30, 71, 100, 152, 200, 256, 300, 343]
MODELS: dict[str, dict[str, Any]] = {
    "classes": {"target": "species", "hidden": (5, 4), "activation": "tanh"},
    "numbers": {"target": "body_mass_g", "hidden": (40, 30), "dtype": "float64", "activation": "silu"},
    "two classes": {"target": "sex", "hidden": (64, 32), "engine": "reference"},
    "a line": {"target": "body_mass_g", "hidden": ()},
}


@pytest.fixture(scope="module", params=MODELS)
def model(request: pytest.FixtureRequest) -> glassnet.Model:
    return glassnet.train(FRAME, seed=1, epochs=15, **MODELS[request.param], recipe="single")


# -- redoing what is printed, with 50 digits and nothing but the text

NUMBER = r"(-?\d+(?:\.\d+)?(?:e-?\d+)?)"


def redone_activation(name: str, z: Decimal, all_z: list[Decimal]) -> Decimal:
    if name == "softmax":
        return z.exp() / sum(each.exp() for each in all_z)
    if name == "sigmoid":
        return 1 / (1 + (-z).exp())
    if name == "tanh":
        return 1 - 2 / ((2 * z).exp() + 1)
    if name == "silu":
        return z / (1 + (-z).exp())
    return max(z, Decimal(0)) if name == "relu" else z


def rounded_alike(printed: str, value: Decimal) -> bool:
    """Whether ``value`` is what is printed, to the printed digit."""
    shown = Decimal(printed)
    return value.quantize(shown) == shown if shown else abs(value) < Decimal("1e-6") or shown == value


class Printed:
    """One neuron's lines in the text."""

    def __init__(self, lines: list[str]) -> None:
        self.terms: list[tuple[str, Decimal, Decimal, str]] = []
        self.rest = Decimal(0)
        for line in lines:
            if term := re.search(rf"^  (.+?)\s+{NUMBER}\s+× {NUMBER}\s+= {NUMBER}$", line):
                self.terms.append((term[1].strip(), Decimal(term[2]), Decimal(term[3]), term[4]))
            elif rest := re.search(rf"smaller terms\s+= {NUMBER}$", line):
                self.rest = Decimal(rest[1])
            elif bias := re.search(rf"^  bias\s+{NUMBER}$", line):
                self.bias = Decimal(bias[1])
            elif total := re.search(rf"^  z, the sum\s+{NUMBER}$", line):
                self.z = total[1]
            elif result := re.search(rf"^  a = .*?\s{NUMBER}$", line):
                self.a = result[1]


def layers_of(text: str) -> list[tuple[str, dict[str, Printed]]]:
    forward = text.split("\nBackward pass")[0]
    found = []
    for part in re.split(r"\nLayer \d+ of \d+: \d+ ", forward.split("\nPrediction")[0])[1:]:
        name, _, body = part.partition("\n")
        neurons = {}
        for block in body.strip("\n").split("\n\n"):
            if "z, the sum" in block:
                lines = block.split("\n")
                neurons[re.split(r"\s{2,}", lines[0].strip())[0]] = Printed(lines[1:])
        found.append((name, neurons))
    return found


def redo(text: str) -> list[Decimal]:
    """Checks every printed digit of the forward pass; returns the outputs, redone from their printed terms."""
    getcontext().prec = 50
    outputs: list[Decimal] = []
    for name, neurons in layers_of(text):
        sums, of_products = {}, {}
        for neuron, lines in neurons.items():
            for _, x, w, product in lines.terms:
                assert rounded_alike(product, x * w)
            sums[neuron] = sum((x * w for _, x, w, _ in lines.terms), lines.rest + lines.bias)
            assert rounded_alike(lines.z, sums[neuron])
            of_products[neuron] = sum((Decimal(p) for *_, p in lines.terms), lines.rest + lines.bias)
            assert rounded_alike(lines.z, of_products[neuron])
        outputs = []
        printed = {neuron: Decimal(lines.z) for neuron, lines in neurons.items()}
        for neuron, lines in neurons.items():
            outputs.append(redone_activation(name, sums[neuron], list(sums.values())))
            assert rounded_alike(lines.a, outputs[-1]), (name, lines.a, outputs[-1])
            for z in (of_products, printed):
                assert rounded_alike(lines.a, redone_activation(name, z[neuron], list(z.values())))
    return outputs


def test_the_printed_arithmetic_redone_by_hand_is_the_prediction(model: glassnet.Model) -> None:
    digits = []
    for row in ROWS:
        arithmetic = model.explain(FRAME.iloc[row])
        text = arithmetic.to_text(width=200, digits="all")
        outputs = redo(text)
        own = model.predict(FRAME.iloc[[row]])[0]
        assert arithmetic.prediction == own
        if model.target.classes is None:
            printed = re.search(rf"body_mass_g\s+{NUMBER}\s+× {NUMBER}\s+\+ {NUMBER}\s+= {NUMBER}", text)
            assert printed is not None
            value = outputs[0] * Decimal(model.target.scale[0]) + Decimal(model.target.mean[0])
            assert rounded_alike(printed[4], value)
            assert rounded_alike(printed[4], Decimal(float(own)))
            digits.append(len(printed[4].replace(".", "")))
        else:
            assert str(own) in text.split("\nPrediction")[1]
            for (_, lines), output in zip(layers_of(text)[-1][1].items(), arithmetic.outputs, strict=True):
                assert rounded_alike(lines.a, Decimal(float(output)))
                digits.append(len(Decimal(lines.a).as_tuple().digits))
    assert np.median(digits) >= (12 if model.learnt.dtype == np.float64 else 5)


def test_a_narrow_network_is_redone_from_its_inputs_alone() -> None:
    """Where nothing is left out, every layer's results follow from the encoded inputs, all digits printed."""
    getcontext().prec = 50
    model = glassnet.train(
        FRAME, "species", hidden=(5, 4), activation="tanh", seed=1, epochs=15, recipe="single"
    )
    for row in ROWS:
        text = model.explain(FRAME.iloc[row]).to_text(width=200, digits="all", terms=None, neurons=None)
        values: dict[str, Decimal] = {}
        for name, neurons in layers_of(text):
            sums = {}
            for neuron, lines in neurons.items():
                total = lines.bias
                for source, x, w, _ in lines.terms:
                    total += values.get(source, x) * w
                sums[neuron] = total
                assert rounded_alike(lines.z, total)
            values = {n: redone_activation(name, z, list(sums.values())) for n, z in sums.items()}
            assert all(rounded_alike(neurons[n].a, values[n]) for n in neurons)


# -- the numbers themselves


def test_the_arrays_are_the_engines(model: glassnet.Model) -> None:
    row = FRAME.iloc[[7]]
    arithmetic = model.explain(row)
    inputs = model.encode(row).inputs
    np.testing.assert_array_equal(arithmetic.outputs, model.run.predict(inputs)[0])
    for layer, (weights, biases) in zip(arithmetic, model.learnt, strict=True):
        np.testing.assert_array_equal(layer.weights, weights)
        np.testing.assert_allclose(
            layer.products.sum(axis=0) + biases, layer.pre_activations, rtol=1e-4, atol=1e-5
        )
    for layer, following in zip(arithmetic, arithmetic.layers[1:], strict=False):
        np.testing.assert_array_equal(layer.activations, following.inputs)


@pytest.mark.parametrize("target", ["species", "body_mass_g"])
@pytest.mark.parametrize("loss", [None, "squared_error"])
def test_gradients_agree_with_finite_differences(target: str, loss: str | None) -> None:
    model = glassnet.train(
        FRAME, target, hidden=(6, 5), activation="tanh", dtype="float64", l2=0.01, l1=0.001,
        loss=loss, seed=2, epochs=5, recipe="single"
    )  # fmt: skip
    from glassnet.net import Parameters, forward, mean_loss, penalty

    arithmetic = model.explain(FRAME.iloc[5])
    assert arithmetic.target is not None
    inputs, targets = arithmetic[0].inputs[None], arithmetic.target[None]

    def objective(vector: Any) -> float:
        parameters = Parameters(model.network, vector)
        trace = forward(model.network, parameters, inputs)
        return mean_loss(model.network, trace, targets, arithmetic.objective) + penalty(
            parameters, arithmetic.objective
        )

    gradient = Parameters.of(model.network, [(layer.gradients, layer.deltas) for layer in arithmetic])  # type: ignore[misc]
    rng = np.random.default_rng(0)
    for at in rng.choice(model.network.parameter_count, 40, replace=False):
        step = np.zeros(model.network.parameter_count)
        step[at] = 1e-6
        slope = (objective(model.learnt.vector + step) - objective(model.learnt.vector - step)) / 2e-6
        assert gradient.vector[at] == pytest.approx(slope, abs=2e-7)


def test_error_times_slope_is_delta(model: glassnet.Model) -> None:
    arithmetic = model.explain(FRAME.iloc[5])
    for layer in arithmetic:
        assert layer.errors is not None
        assert layer.slopes is not None
        assert layer.deltas is not None
        np.testing.assert_allclose(layer.errors * layer.slopes, layer.deltas, rtol=1e-3, atol=1e-6)


SLOPES: dict[str, Any] = {
    "tanh": lambda z, a: 1 - a * a,
    "sigmoid": lambda z, a: a * (1 - a),
    "relu": lambda z, a: Decimal(z > 0),
    "silu": lambda z, a: (s := 1 / (1 + (-z).exp())) + a * (1 - s),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("activation", SLOPES)
@pytest.mark.parametrize(("loss", "l2"), [(None, 0.0), ("squared_error", 0.01)])
def test_the_printed_backward_pass_redone_by_hand(
    activation: str, dtype: str, loss: str | None, l2: float
) -> None:
    """Errors from weights and deltas, slopes from sums and activations, deltas and gradients, all digits printed."""
    getcontext().prec = 50
    model = glassnet.train(
        FRAME,
        "sex",
        hidden=(5, 4),
        activation=activation,
        loss=loss,
        dtype=dtype,
        l2=l2,
        seed=1,
        epochs=40,
        recipe="single",
    )
    for row in FRAME["sex"].dropna().index[::40]:
        text = model.explain(FRAME.iloc[row]).to_text(width=200, digits="all", terms=None, neurons=None)
        forward, layer, checked = layers_of(text), 4, 0
        tables: dict[int, list[str]] = {}
        deltas: dict[tuple[int, str], Decimal] = {}
        for head, *lines in (block.split("\n") for block in text.split("\nBackward pass")[1].split("\n\n")):
            if head.endswith("= delta"):
                layer -= 1
                tables[layer] = lines
            elif head.endswith("step of adam"):
                for _, x, delta, *penalty, gradient, step, _ in map(cells_of, lines):
                    deltas[layer, cells_of(head)[0]] = Decimal(delta)
                    parts = [Decimal(x) * Decimal(delta), *map(Decimal, penalty)]
                    assert len(penalty) == (l2 > 0)
                    assert rounded_alike(gradient, sum(parts, Decimal(0)))
                    assert float(step) == pytest.approx(-0.003 * float(gradient), rel=1e-4)
        for layer, lines in tables.items():
            for neuron, *given, error, slope, delta in map(cells_of, lines):
                assert rounded_alike(delta, Decimal(error) * Decimal(slope))
                if layer == 3:
                    a, y = map(Decimal, given)
                    assert rounded_alike(error, a - y)
                    redone = Decimal(1) if loss is None else a * (1 - a)
                else:
                    following = forward[layer][1]
                    fed = {
                        name: {s: w for s, _, w, _ in own.terms}[neuron] for name, own in following.items()
                    }
                    products = (w * deltas[layer + 1, name] for name, w in fed.items())
                    assert rounded_alike(error, sum(products, Decimal(0)))
                    (a,) = {x for own in following.values() for s, x, _, _ in own.terms if s == neuron}
                    redone = SLOPES[activation](Decimal(forward[layer - 1][1][neuron].z), a)
                assert rounded_alike(slope, redone)
                checked += 1
        assert checked == 10


def cells_of(line: str) -> list[str]:
    return [
        cell.strip().removeprefix("= ").removeprefix("× ").removeprefix("+ ")
        for cell in re.split(r"\s{2,}", line.strip())
    ]


def test_one_of_several_targets_may_be_missing() -> None:
    frame = FRAME.dropna()
    frame = frame.assign(bill_length_mm=frame["bill_length_mm"].where(np.arange(len(frame)) % 3 > 0))
    model = glassnet.train(
        frame, ["body_mass_g", "bill_length_mm"], hidden=(3,), seed=1, epochs=3, recipe="single"
    )
    arithmetic = model.explain(frame.iloc[0])
    assert arithmetic[-1].errors is not None
    assert arithmetic[-1].errors[0] != 0
    assert arithmetic[-1].errors[1] == 0
    text = arithmetic.to_text(width=200, digits="all")
    assert "bill_length_mm is missing, so its error is 0" in " ".join(text.split())
    assert re.search(r"\n  bill_length_mm +\S+ +missing +0 +× 1 += 0\n", text)
    assert "nan" not in text.split("Backward pass")[1]


def test_hidden_errors_follow_from_the_engines_deltas_and_the_text_says_so(
    model: glassnet.Model,
) -> None:
    arithmetic = model.explain(FRAME.iloc[5])
    for layer, following in zip(arithmetic, arithmetic.layers[1:], strict=False):
        assert layer.errors is not None
        assert following.deltas is not None
        np.testing.assert_array_equal(layer.errors, following.weights @ following.deltas)
    text = " ".join(arithmetic.to_text(width=200, digits="all").split())
    assert f"Deltas and gradients are those of the {arithmetic.engine} engine" in text
    assert "Errors of hidden layers (W · delta), slopes and steps are computed here" in text


def test_the_change_of_a_step_is_that_of_the_models_own_rule() -> None:
    model = glassnet.train(
        FRAME,
        "species",
        hidden=4,
        optimizer="gradient_descent",
        learning_rate=0.25,
        seed=1,
        epochs=3,
        recipe="single",
    )
    for layer in model.explain(FRAME.iloc[5]):
        assert layer.gradients is not None
        assert layer.changes is not None
        np.testing.assert_allclose(layer.changes, -0.25 * layer.gradients, rtol=1e-6)


def test_a_row_without_its_target_has_no_backward_pass(model: glassnet.Model) -> None:
    row = FRAME.drop(columns=list(model.target.columns)).iloc[5]
    arithmetic = model.explain(row)
    assert arithmetic.target is None
    assert arithmetic[0].deltas is None
    assert "needs the true value" in arithmetic.to_text(width=200, digits="all")
    known = model.explain(row, target=FRAME[model.target.columns[0]].iloc[5])
    assert known[0].deltas is not None


def test_the_true_number_is_in_its_own_units_and_in_the_networks() -> None:
    model = glassnet.train(FRAME, "body_mass_g", hidden=(3,), epochs=3, seed=1, recipe="single")
    arithmetic = model.explain(FRAME.iloc[[5]])
    seen = (3650 - model.target.mean[0]) / model.target.scale[0]
    text = " ".join(arithmetic.to_text(width=200, digits="all").split())
    (printed,) = re.findall(r"The true value: body_mass_g 3650 \(for the network (\S+)\)\.", text)
    assert float(printed) == pytest.approx(seen, rel=1e-6)


@pytest.mark.parametrize("count", [0, -1, 1.5])
def test_how_much_is_printed_is_a_whole_number(count: Any) -> None:
    arithmetic = glassnet.train(FRAME, "species", hidden=(3,), epochs=2, seed=1, recipe="single").explain(
        FRAME.iloc[[5]]
    )
    with pytest.raises(InputError, match="terms is"):
        arithmetic.to_text(digits="all", terms=count)


def test_a_layer_that_is_silent_for_a_row_is_reported_by_one_of_its_neurons() -> None:
    model = glassnet.train(FRAME, "body_mass_g", hidden=(40, 12), epochs=2, seed=1, recipe="single")
    model.learnt[1].biases[:] = -1000
    text = model.explain(FRAME.iloc[[5]]).to_text(digits="all")
    second, last = text.split("Layer 2 of 3")[1].split("Layer 3 of 3")
    assert "+ 11 more neurons of this layer" in second
    assert re.search(r"\+ 12 smaller terms +\S* *= 0\n", last)
    redo(text)


def test_forms_of_a_row(model: glassnet.Model) -> None:
    expected = model.explain(FRAME.iloc[5]).to_text()
    for row in (FRAME.iloc[[5]], FRAME.iloc[5].to_dict(), FRAME.iloc[[5]].to_dict("records")):
        assert model.explain(row).to_text() == expected
    with pytest.raises(InputError, match="one row"):
        model.explain(FRAME.iloc[:2])


def test_a_plain_array_is_a_row() -> None:
    x = np.random.default_rng(0).normal(size=(50, 3))
    model = glassnet.train((x, x[:, 0] * 2), hidden=3, seed=1, epochs=3, recipe="single")
    assert model.explain(x[0], target=1.5).loss == pytest.approx(model.explain(x[:1], target=1.5).loss)
    for row in (x[0].tolist(), tuple(x[0].tolist())):
        assert model.explain(row).outputs == model.explain(x[0]).outputs
    assert model.explain([0.5, None, "1.5"]).outputs == model.explain(np.array([0.5, np.nan, 1.5])).outputs


# -- printing


def test_the_summary_fits_a_screen(model: glassnet.Model) -> None:
    arithmetic = model.explain(FRAME.iloc[5])
    text = arithmetic.to_text(width=80)
    assert len(text.splitlines()) < 50
    assert max(map(len, text.splitlines())) <= 80
    assert str(arithmetic.prediction)[:4] in text.replace(",", "")
    for number in re.findall(r"-?\d+\.\d+", text.split("Layers")[1]):
        assert len(number.strip("-0.").replace(".", "")) <= 4
    assert "Backward pass" in text
    assert "digits='all' every number" in text
    assert arithmetic.to_text() == arithmetic.to_text(digits=4)
    assert (
        "Backward pass" not in model.explain(FRAME.drop(columns=list(model.target.columns)).iloc[5]).to_text()
    )


def test_one_layer_and_one_neuron_are_shown_alone() -> None:
    model = glassnet.train(FRAME, "species", hidden=(6, 5), seed=1, epochs=5, recipe="single")
    arithmetic = model.explain(FRAME.iloc[5])
    layer = arithmetic.to_text(layer=2)
    assert "Layer 2 of 3" in layer
    assert "Layer 1" not in layer
    assert "Layer 3" not in layer
    assert layer.count("z, the sum") == 5
    for neuron in (4, "4", "neuron 4"):
        lines = arithmetic.to_text(layer=2, neuron=neuron, terms=None).splitlines()
        assert sum("z, the sum" in line for line in lines) == 1
        shown = next(line.split()[-1] for line in lines if "z, the sum" in line)
        assert shown == f"{arithmetic[1].pre_activations[3]:.4g}"
    assert "Inputs" in arithmetic.to_text(layer=1, digits="all")
    assert "Prediction" in arithmetic.to_text(layer=3, neuron="Gentoo", digits="all")
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"layer": 4}, "layer is 4, but must be a whole number from 1 to 3"),
        ({"layer": 2, "neuron": "neuron 6"}, "Did you mean 'neuron"),
        ({"layer": 2, "neuron": 6}, "a name or a whole number from 1 to 5"),
        ({"neuron": 1}, "neuron=1 needs the layer that it is in, as layer=1"),
        ({"digits": "most"}, "digits is 'most', but must be 'all' or a whole number"),
    ]
    for options, message in wrong:
        with pytest.raises(InputError, match=message):
            arithmetic.to_text(**options)


def test_nothing_is_cut_silently() -> None:
    model = glassnet.train(FRAME, "species", hidden=(64, 32), seed=1, epochs=5, recipe="single")
    arithmetic = model.explain(FRAME.iloc[5])
    text = arithmetic.to_text(digits="all", terms=4, neurons=3)
    assert "+ 60 smaller terms" in text
    assert "+ 61 more neurons of this layer" in text
    assert "+ 60 others, norm" in text
    wide = glassnet.train(
        (np.eye(80), np.arange(80.0)), hidden=4, seed=1, epochs=2, validation=0, recipe="single"
    )
    assert "more inputs, whose terms are among the smaller terms" in wide.explain(np.ones(80)).to_text(
        digits="all"
    )
    whole = arithmetic.to_text(width=200, digits="all", terms=None, neurons=None)
    assert "smaller terms" not in whole
    assert whole.count("z, the sum") == 64 + 32 + 3


def test_every_form_holds_the_same_numbers(model: glassnet.Model) -> None:
    arithmetic = model.explain(FRAME.iloc[5])
    text, latex, page = (
        arithmetic.to_text(width=200, digits="all"),
        arithmetic.to_latex(digits="all"),
        arithmetic.to_html(digits="all"),
    )
    for _, neurons in layers_of(text):
        for lines in neurons.values():
            assert f">{lines.z}<" in page
            mantissa = lines.z.partition("e")[0]
            assert f"${mantissa}" in latex
    assert latex.count(r"\begin{tabular}") == latex.count(r"\end{tabular}") == page.count("<table>")
    assert "&lt;" in page or "<" not in text


def test_the_frame_has_a_row_for_every_connection(model: glassnet.Model) -> None:
    arithmetic = model.explain(FRAME.iloc[5])
    frame = pd.DataFrame(arithmetic.to_frame())
    assert len(frame) == model.network.parameter_count
    sums = frame.groupby(["layer", "neuron"], sort=False)["product"].sum()
    expected = np.concatenate([layer.pre_activations for layer in arithmetic])
    np.testing.assert_allclose(sums, expected, rtol=1e-4, atol=1e-5)


def test_repr_says_what_it_holds(model: glassnet.Model) -> None:
    said = repr(model.explain(FRAME.iloc[5]))
    assert "Arithmetic of one row" in said
    assert len(said) < 500
