"""The network drawn: every connection, or how many are not; the row and the gradients on their way."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

import glassnet
from glassnet.errors import InputError, InputTypeError
from glassnet.net import Network, Objective, Parameters, check_gradients, forward, initialize
from glassnet.pictures import activation_histograms, flow, gradients, network
from glassnet.pictures.diagram import Diagram, Labels
from glassnet.pictures.network_layout import columns
from glassnet.tables import penguins_path, read_table

Check = Callable[[Axes], Axes]
RNG = np.random.default_rng(0)


def started(net: Network) -> Parameters:
    return initialize(net, np.random.default_rng(1), "normal")


def links(ax: Axes) -> list[LineCollection]:
    found = [each for each in ax.collections if isinstance(each, LineCollection)]
    return sorted(found, key=lambda each: int(str(each.get_gid()).split()[1]))


def words(ax: Axes) -> str:
    return "\n".join(text.get_text() for text in ax.texts)


def key(ax: Axes) -> list[str]:
    legend = ax.get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


SHAPES = {
    "one to one": Network.of(1, (), 1),
    "no hidden layer": Network.of(3, (), 1, output="step"),
    "three inputs": Network.of(3, (4, 5), 2, activation=("relu", "tanh"), output="softmax"),
    "800 inputs": Network.of(800, (256, 128, 64), 7, output="softmax", dropout=0.1),
    "800 outputs": Network.of(4, (3,), 800, output="softmax"),
    "eleven hidden layers": Network.of(3, (4,) * 11, 2),
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", SHAPES)
def test_layout(name: str, theme: str, check: Check) -> None:
    net = SHAPES[name]
    check(network(net, started(net), theme=theme))


@pytest.mark.parametrize("size", [(4, 3), (6, 4), (14, 4), (20, 12)])
@pytest.mark.parametrize("name", SHAPES)
def test_what_is_drawn_and_what_is_reported_of_the_rest_add_up(name: str, size: tuple[float, float]) -> None:
    net = SHAPES[name]
    ax = network(net, started(net), ax=Figure(figsize=size, layout="constrained").add_subplot())
    widths = (net.inputs, *(layer.width for layer in net.layers))
    circles = sorted(
        (each for each in ax.collections if str(each.get_gid()).startswith("neurons")), key=_number
    )
    shown = [len(np.asarray(each.get_offsets())) for each in circles]
    assert [len(each.get_segments()) for each in links(ax)] == [a * b for a, b in pairwise(shown)]
    written = [
        int(number.replace(",", ""))
        for number in re.findall(r"^\+?([\d,]+)(?: not drawn)?$", words(ax), re.M)
    ]
    for width, count in zip(widths, shown, strict=True):
        if count < width:
            assert width - count in written


def _number(collection: Any) -> int:
    return int(str(collection.get_gid()).split()[1])


def test_every_connection_is_drawn_where_there_is_room() -> None:
    net = SHAPES["three inputs"]
    ax = network(net, started(net))
    assert [len(each.get_segments()) for each in links(ax)] == list(net.connections)
    assert "3 × 4 = 12 connections" in words(ax)
    assert "4 × 5 = 20 connections" in words(ax)
    assert "5 × 2 = 10 connections" in words(ax)
    assert "42 connections, 53 parameters" in words(ax)
    assert "4 relu" in words(ax)
    assert "5 tanh" in words(ax)
    assert "2 softmax" in words(ax)


def test_all_neurons_of_a_wide_layer_if_asked_for(check: Check) -> None:
    net = Network.of(40, (64,), 3)
    ax = check(network(net, started(net), max_display=64))
    assert [len(each.get_segments()) for each in links(ax)] == [40 * 64, 64 * 3]
    assert "not drawn" not in words(ax)


def test_sign_is_color_and_size_is_width() -> None:
    net = Network.of(3, (), 1)
    ax = network(net, Parameters.of(net, [([[2.0], [-1.0], [0.0]], [0.5])]))
    (drawn,) = links(ax)
    order = np.argsort(drawn.get_linewidth())
    assert list(order) == [0, 1, 2]  # 0, -1, 2: the strongest last, on top
    red, _, blue = np.asarray(drawn.get_colors())[1][:3]
    assert red > blue
    red, _, blue = np.asarray(drawn.get_colors())[2][:3]
    assert blue > red


def test_the_strongest_neurons_are_those_drawn() -> None:
    net = Network.of(50, (), 1)
    weights = np.zeros((50, 1))
    weights[[3, 17, 40]] = 1
    labels = Labels(tuple(map(str, range(50)))), Labels(("y",))
    diagram = Diagram(net, (weights,), (None, np.zeros(1)), "w", "b", *labels, (1, 1))
    assert list(diagram.strongest(4)[0]) == [3, 17, 40]
    assert [len(own) for own in diagram.strongest(50)] == [50, 1]


def test_places_are_within_the_field_and_apart() -> None:
    first, last = columns([np.arange(9), np.arange(2)], [30, 2], np.array([1.0, 5.0]), bottom=1, top=4)
    for column in (first, last):
        assert (column.y <= 4).all()
        assert (column.y >= 1).all()
        assert (np.diff(column.y) < 0).all()
    assert (first.hidden, last.hidden) == (21, 0)


def test_flow_shows_products_and_activations() -> None:
    net = Network.of(2, (2,), 1, activation="tanh")
    parameters = started(net)
    row = np.array([[9.0, 9.0], [0.5, -1.0]])
    ax = flow(net, row, 1, parameters=parameters)
    trace = forward(net, parameters, row[[1]])
    assert f"{trace.outputs[0, 0]:.2f}".replace("-", "−") in words(ax)
    largest = max(
        np.abs(given.T * own.weights).max() for given, own in zip(trace.inputs, parameters, strict=True)
    )
    assert f"input × weight +{largest:.3g}" in key(ax)
    with pytest.raises(InputError, match="row is 2, but there are 2 rows"):
        flow(net, row, 2, parameters=parameters)


def test_few_neurons_are_drawn_before_much_is_written(check: Check) -> None:
    net = Network.of(3, (4,), 1)
    small = Figure(figsize=(4, 3), layout="constrained").add_subplot()
    ax = check(flow(net, RNG.normal(size=(300, 3)), parameters=started(net), ax=small))
    assert [len(each.get_segments()) for each in links(ax)] == [12, 4]
    assert "4 relu" in words(ax)


def test_the_weakest_of_few_links_is_seen() -> None:
    net = Network.of(2, (), 1)
    (drawn,) = links(network(net, Parameters.of(net, [([[1.0], [0.001]], [0.0])])))
    assert np.min(drawn.get_linewidth()) >= 0.8
    assert np.asarray(drawn.get_colors())[:, 3].min() >= 0.45


def test_flow_says_which_row(several: glassnet.Model, table: Any) -> None:
    """Counted from 0, as in every text."""
    assert flow(several, table, 3).get_title("left") == "Row 3 of 344 rows on its way through the network"
    assert flow(several, table, -1).get_title("left") == "Row 343 of 344 rows on its way through the network"
    row = read_table(table).take([3])
    assert flow(several, row).get_title("left") == "One row on its way through the network"


def test_a_models_own_engine_computes(
    several: glassnet.Model, table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(sys.modules["glassnet.pictures.histograms"], "forward")
    for name in ("forward", "backward"):
        monkeypatch.delattr(sys.modules["glassnet.pictures.network"], name)
    flow(several, table, parameters=several.initial)
    gradients(several, table)
    activation_histograms(several, table)
    largest = max(np.abs(layer.products).max() for layer in several.explain(read_table(table).take([0])))
    assert f"input × weight +{largest:.3g}" in key(flow(several, table))


def test_gradients_are_the_gradients() -> None:
    net = Network.of(2, (3,), 1, activation="tanh")
    parameters, x, y = started(net), RNG.normal(size=(5, 2)), RNG.normal(size=(5, 1))
    ax = gradients(net, x, y, parameters=parameters)
    checked = check_gradients(net, parameters, x, y, Objective())
    largest = max(np.abs(own.weights).max() for own in Parameters(net, checked.numeric))
    assert f"weight gradient +{largest:.3g}" in key(ax)


def test_a_models_network_has_the_tables_names(several: glassnet.Model, two: glassnet.Model) -> None:
    assert {"Adelie", "Gentoo", "Chinstrap", "bill_depth_mm", "sex=female"} <= set(
        words(network(several)).split("\n")
    )
    assert "male" in words(network(two)).split("\n")
    assert network(several, several.initial).get_title("left") == "The network before training"


def test_wrong_use() -> None:
    net = Network.of(2, (), 1)
    with pytest.raises(InputError, match="without parameters"):
        network(net)
    with pytest.raises(InputTypeError, match="a model or a network"):
        network("net")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="at least 2"):
        network(net, started(net), max_display=1)
    with pytest.raises(InputError, match="3 names for 2 inputs"):
        network(net, started(net), inputs=["a", "b", "c"])


def test_initial_and_learnt_networks_have_one_scale(several: glassnet.Model) -> None:
    before, after = network(several, several.initial), network(several)
    assert key(before) == key(after)
    largest = max(
        float(np.abs(own.weights).max()) for each in (several.initial, several.learnt) for own in each
    )
    assert f"weight +{largest:.3g}" in key(before)
    widest = [max(max(np.ravel(each.get_linewidth())) for each in links(ax)) for ax in (before, after)]
    assert sorted(widest)[0] < sorted(widest)[1]
    net = several.network
    alone = network(net, several.initial, scale=[several.learnt])
    assert key(alone) == key(before)


def test_flow_shows_values_of_the_table_and_of_the_target(
    several: glassnet.Model, numbers: glassnet.Model, table: Any, check: Check
) -> None:
    ax = check(flow(several, table, max_display=30))
    assert f"Predicted {several.predict(read_table(table).take([0]))[0]}; actual Adelie." in words(ax)
    assert {"bill_length_mm  39.1", "year  2007", "island=Torgersen"} <= set(words(ax).split("\n"))
    ax = flow(numbers, table)
    predicted = float(numbers.predict(read_table(table).take([0]))[0])
    assert f"Predicted {predicted:.4g}; actual 3750." in words(ax)
    assert f"body_mass_g  {predicted:.4g}" in words(ax)
    unlabeled = read_table(table).take([0]).to_arrow().drop_columns(["body_mass_g"])
    assert "actual unknown" in words(flow(numbers, unlabeled))


def test_inputs_that_are_not_drawn_are_named(several: glassnet.Model) -> None:
    assert "Not drawn" not in words(network(several))
    ax = network(several, max_display=4)
    (names,) = re.findall(r"Not drawn: 12 inputs of (.*?)\. ", words(ax).replace("\n", " "))
    assert set(names.split(", ")[:4]) < {column.name for column in several.schema.inputs}
    assert names.endswith("3 more")


def test_hidden_neurons_have_their_numbers(several: glassnet.Model) -> None:
    texts = words(network(several)).split("\n")
    assert [texts.count(str(number)) for number in range(1, 7)] == [2, 2, 2, 2, 2, 1]
    assert several.explain(read_table(str(penguins_path())).take([0]))[0].names[4] == "neuron 5"


def test_there_is_no_negative_zero() -> None:
    net = Network.of(2, (2,), 1)
    parameters = Parameters.of(net, [([[1.0, 1.0], [0.0, 0.0]], [-0.001, 0.3]), ([[1.0], [1.0]], [-0.0])])
    texts = words(network(net, parameters)).split("\n")
    assert "0.00" in texts
    assert "−0.00" not in texts
