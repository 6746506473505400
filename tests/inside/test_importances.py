"""Importances: published figures, known causes, and disagreement that shows."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import glassnet
from effort import python_calls
from glassnet.errors import InputError
from glassnet.inside import Importances
from glassnet.inside.ranks import rank_correlations, ranks
from glassnet.inside.weight_importances import garson, gedeon, olden
from glassnet.tables import penguins_path

FRAME = pd.read_csv(penguins_path())

# Three inputs, four hidden neurons, one output; for the steps that Gevrey, Dimopoulos, Lek, Ecological Modeling 160
# (2003), go through.
GEVREY = (
    np.array(
        [
            [-1.67624, -0.51874, -4.01764, -1.75691],
            [3.29022, -0.22921, 2.12486, -1.44702],
            [1.32466, -0.25526, -0.08168, 0.58286],
        ]
    ),
    np.array([[4.57857], [-0.48815], [-5.73901], [-2.65221]]),
)
# The weights in the examples of the NeuralNetTools manual (Beck, Journal of Statistical Software 85, 2018): 2-2-1. The
# manual draws its results and does not print them: the figures below are the formulas, worked out by hand.
BECK = (np.array([[1.49, -0.19], [0.16, -0.16]]), np.array([[-0.52], [0.81]]))


def test_garson_follows_the_published_steps() -> None:
    """P_ij = |w_ij| |v_j|, Q_ij = P_ij / Σ_i P_ij, S_i = Σ_j Q_ij, and S_i / Σ S, as the paper goes through them."""
    weights, outputs = GEVREY
    products = np.abs(weights) * np.abs(outputs[:, 0])
    shares = products / products.sum(axis=0)
    importance = shares.sum(axis=1) / shares.sum()
    np.testing.assert_allclose(garson(GEVREY)[:, 0], importance)
    np.testing.assert_allclose(100 * garson(GEVREY)[:, 0], [47.32, 36.87, 15.80], atol=0.005)
    np.testing.assert_allclose(garson(BECK)[:, 0], [0.7229, 0.2771], atol=5e-5)


def test_olden_sums_the_products_over_all_paths() -> None:
    np.testing.assert_allclose(olden(BECK)[:, 0], [-0.9287, -0.2128], atol=5e-5)
    paths = [sum(w * v for w, v in zip(row, GEVREY[1][:, 0], strict=True)) for row in GEVREY[0]]
    np.testing.assert_allclose(olden(GEVREY)[:, 0], paths)


def test_gedeon_multiplies_the_shares_of_both_layers() -> None:
    first = np.abs(GEVREY[0]) / np.abs(GEVREY[0]).sum(axis=0)
    second = np.abs(GEVREY[1]) / np.abs(GEVREY[1]).sum()
    np.testing.assert_allclose(gedeon(GEVREY), first @ second)
    assert gedeon(GEVREY).sum() == pytest.approx(1)


def test_networks_without_and_with_several_hidden_layers() -> None:
    rng = np.random.default_rng(0)
    for widths in ((5, 2), (5, 4, 3, 2)):
        weights = [rng.normal(size=shape) for shape in pairwise(widths)]
        for measure in (garson, gedeon):
            assert measure(weights).shape == (5, 2)
            np.testing.assert_allclose(measure(weights).sum(axis=0), 1)
    assert garson([np.zeros((3, 2)), np.ones((2, 1))]).tolist() == [[0], [0], [0]]


@pytest.fixture(scope="module")
def causes() -> tuple[glassnet.Model, pd.DataFrame]:
    """A table in which a matters most, then b, then c, and d not at all; the network has few neurons to hide it in."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(1500, 4)), columns=list("abcd"))
    table["y"] = 4 * table["a"] - 2 * table["b"] + 0.7 * table["c"] + 0.1 * rng.normal(size=1500)
    return glassnet.train(
        table, "y", hidden=(6,), activation="tanh", epochs=60, seed=1, l2=1e-3, recipe="single"
    ), table


@pytest.mark.parametrize("method", ["permutation", "gradient_input", "olden"])
def test_known_causes_are_ranked_right(causes: tuple[glassnet.Model, pd.DataFrame], method: str) -> None:
    model, table = causes
    importances = model.importances(table, method)
    assert importances.ranking(method) == ["a", "b", "c", "d"]
    if method == "olden":
        assert np.sign(importances.inputs["olden"][:3, 0]).tolist() == [1, -1, 1]


def test_permutation_is_the_rise_of_the_loss(causes: tuple[glassnet.Model, pd.DataFrame]) -> None:
    """For a sum of independent causes, shuffling one adds twice its variance to the squared error."""
    model, table = causes
    found = model.importances(table, "permutation", repeats=10)
    scale = model.target.scale[0]
    expected = np.array([4, 2, 0.7, 0]) ** 2 / scale**2
    np.testing.assert_allclose(found.values["permutation"], expected, rtol=0.15, atol=0.01)
    assert (found.errors["permutation"] >= 0).all()
    again = model.importances(table, "permutation", repeats=10)
    np.testing.assert_array_equal(found.values["permutation"], again.values["permutation"])


def test_inputs_are_the_published_measures_of_the_weights() -> None:
    model = glassnet.train(FRAME, "species", hidden=(8,), epochs=10, seed=1, recipe="single")
    importances = model.importances(FRAME, "all")
    assert importances.names == tuple(column.name for column in model.schema.inputs)
    assert set(importances.inputs) == {"gradient_input", "garson", "olden", "gedeon"}
    weights = [layer.weights for layer in model.learnt]
    for method, measure in (("garson", garson), ("olden", olden), ("gedeon", gedeon)):
        np.testing.assert_array_equal(importances.inputs[method], measure(weights))
        assert importances.values[method].sum() == pytest.approx(1)


def test_a_column_counts_by_how_much_its_inputs_vary_in_sum() -> None:
    """By the training rows themselves: a category's inputs are never 1 together, so they do not add up."""
    table = FRAME.dropna().assign(year=FRAME["year"].astype(str))
    model = glassnet.train(
        table, "body_mass_g", hidden=(8,), epochs=10, seed=1, validation=0, recipe="single"
    )
    inputs = model.encoder.encode(model.encode(table).table, np.float64)[0]
    paths = olden([layer.weights for layer in model.learnt])
    expected = [(inputs[:, own] @ paths[own]).std() for own in model.encoder.slices.values()]
    found = model.importances(method="olden").values["olden"]
    np.testing.assert_allclose(found, np.array(expected) / np.sum(expected), rtol=1e-5)


def with_noise(rows: int, seed: int) -> pd.DataFrame:
    """Three causes, one of them a category, and noise: numbers, and categories of few and of many levels."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.normal(size=(rows, 5)), columns=["a", "b", "noise 1", "noise 2", "noise 3"])
    levels = rng.integers(0, 5, rows)
    table["level"] = np.array(list("ABCDE"))[levels]
    table["few"], table["many"] = rng.choice(list("PQRST"), rows), rng.choice(list("abcdefghijkl"), rows)
    table["y"] = 3 * table["a"] - 2 * table["b"] + levels + 0.5 * rng.normal(size=rows)
    return table


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("method", ["permutation", "gradient_input", "olden"])
def test_causes_are_ranked_above_noise_whatever_the_number_of_levels(method: str, seed: int) -> None:
    table = with_noise(500, seed)
    model = glassnet.train(table, "y", seed=seed, recipe="single")
    assert model.importances(table, method).ranking(method)[:3] == ["a", "b", "level"]


@pytest.mark.parametrize("method", ["permutation", "gradient_input", "garson", "olden", "gedeon"])
def test_every_method_ranks_causes_above_noise_where_neurons_are_few(method: str) -> None:
    """In wide networks, Garson's and Gedeon's shares are mostly those of the weights' random start."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 8))
    y = 3 * x[:, 0] - 2 * x[:, 1] + x[:, 2] + 0.5 * rng.normal(size=2000)
    model = glassnet.train((x, y), hidden=(2,), epochs=200, seed=0, recipe="single")
    assert set(model.importances((x, y), method).ranking(method)[:3]) == {"x1", "x2", "x3"}


def test_without_rows_only_the_weights_are_looked_at() -> None:
    model = glassnet.train(FRAME, "species", hidden=(8,), epochs=2, seed=1, recipe="single")
    assert model.importances().methods == ("olden",)
    assert model.importances(method="all").methods == ("olden", "garson", "gedeon")
    assert model.importances(FRAME).methods == ("permutation", "gradient_input", "olden")
    with pytest.raises(InputError, match="give some as table"):
        model.importances(method="permutation")
    with pytest.raises(InputError, match="Did you mean 'olden'"):
        model.importances(method="oldn")
    with pytest.raises(InputError, match="at least one of permutation, "):
        model.importances(method=[])


def test_none_prints_all_columns() -> None:
    rng = np.random.default_rng(0)
    model = glassnet.train(
        (rng.normal(size=(60, 30)), rng.normal(size=60)), hidden=(4,), epochs=2, seed=1, recipe="single"
    )
    importances = model.importances()
    assert "+ 10 less important columns" in importances.to_text()
    assert all(name in importances.to_text(most=None) for name in importances.names)
    attributions = model.attributions(rng.normal(size=(1, 30)))
    assert all(name in attributions.to_text(most=None) for name in attributions.names)


def test_an_ensemble_has_error_bars_and_the_text_shows_disagreement() -> None:
    models = [
        glassnet.train(FRAME, "species", hidden=(8,), epochs=20, seed=seed, recipe="single")
        for seed in range(4)
    ]
    importances = models[0].importances(FRAME, "all", ensemble=models[1:])
    assert importances.networks == 4
    assert set(importances.errors) == set(importances.methods)
    singles = np.array([model.importances(method="garson").values["garson"] for model in models])
    np.testing.assert_allclose(importances.values["garson"], singles.mean(axis=0))
    np.testing.assert_allclose(importances.errors["garson"], singles.std(axis=0, ddof=1))
    said = str(importances)
    assert "rank correlation" in said
    assert "They disagree most about" in said
    assert importances.spread == "the standard deviation over 4 networks"
    assert "over 5 shuffles" in repr(models[0].importances(FRAME))
    assert "±" not in repr(models[0].importances())
    lines = [line.split() for line in said.splitlines() if line.startswith("  ")]
    order = [words[0] for words in lines[1 : 1 + len(importances.names)]]
    assert order == importances.ranking("permutation") == [importances.names[at] for at in importances.order]
    frame = pd.DataFrame(importances.to_frame())
    assert len(frame) == 7
    assert {"olden", "olden_error", "olden_rank"} <= set(frame)
    assert len(importances.inputs_to_frame()) == model_inputs(models[0]) * 3
    other = glassnet.train(
        FRAME.drop(columns="sex"), "species", hidden=(8,), epochs=2, seed=1, recipe="single"
    )
    with pytest.raises(InputError, match="same inputs"):
        models[0].importances(ensemble=[other])


def model_inputs(model: glassnet.Model) -> int:
    return model.network.inputs


def test_ranks_and_their_correlation() -> None:
    assert ranks(np.array([3.0, 1.0, 3.0, 2.0])).tolist() == [3.5, 1, 3.5, 2]
    matrix = rank_correlations([np.array([1.0, 2, 3]), np.array([9.0, 5, 1]), np.array([1.0, 3, 2])])
    np.testing.assert_allclose(matrix, [[1, -1, 0.5], [-1, 1, -0.5], [0.5, -0.5, 1]])


def test_permutation_of_a_tall_table_runs_no_python_code_for_each_row() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(20_000, 50))
    y = 3 * x[:, 0] + x[:, 1]
    model = glassnet.train((x[:500], y[:500]), hidden=(64, 32), epochs=20, seed=1, recipe="single")
    found: list[Importances] = []
    calls = python_calls(lambda: found.append(model.importances((x, y), "permutation", repeats=2)))
    assert calls < len(x)  # none for each row
    (importances,) = found
    assert importances.ranking("permutation")[:2] == ["x1", "x2"]
