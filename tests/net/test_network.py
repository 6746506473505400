"""Networks: layers, counts, and one message for all faults."""

import dataclasses

import numpy as np
import pytest

from glassnet.errors import InputError
from glassnet.net import ACTIVATIONS, Activation, Layer, Network, check_gradients, initialize


def test_counts_of_the_worked_example() -> None:
    network = Network.of(4, (5, 5), 1, activation="sigmoid", output="sigmoid")
    assert network.shapes == ((4, 5), (5, 5), (5, 1))
    assert network.connections == (20, 25, 5)
    assert network.parameter_count == 61
    assert str(network) == "4 inputs → 5 sigmoid → 5 sigmoid → 1 sigmoid"


def test_no_hidden_layer_is_a_legal_network() -> None:
    network = Network.of(3, (), 2)
    assert network.hidden == ()
    assert network.output == Layer(2, "identity")
    assert network.shapes == ((3, 2),)
    assert network.parameter_count == 8


def test_width_activation_and_dropout_are_per_layer() -> None:
    network = Network.of(2, [8, 4], 3, activation=["relu", "tanh"], output="softmax", dropout=[0.5, 0])
    assert network.layers == (Layer(8, "relu", 0.5), Layer(4, "tanh", 0), Layer(3, "softmax"))
    assert network.outputs == 3
    assert str(network) == "2 inputs → 8 relu, dropout 0.5 → 4 tanh → 3 softmax"
    assert network.output.activation is ACTIVATIONS["softmax"]


def test_one_value_serves_all_hidden_layers_but_not_the_output() -> None:
    network = Network.of(2, (4, 4), 1, activation="elu", dropout=0.25)
    assert [layer.activation.name for layer in network.layers] == ["elu", "elu", "identity"]
    assert [layer.dropout for layer in network.layers] == [0.25, 0.25, 0.0]


def test_an_activation_defined_elsewhere_works_but_cannot_be_saved() -> None:
    square = Activation(
        "square", lambda z: z * z, lambda z, a: 2 * z, "z²", "2z", (0, np.inf), "normal", "here"
    )
    twisted = dataclasses.replace(ACTIVATIONS["tanh"], kinks=(1.0,))
    network = Network.of(2, (4, 3), 1, activation=[square, twisted])
    assert str(network) == "2 inputs → 4 square → 3 tanh → 1 identity"
    parameters = initialize(network, np.random.default_rng(0))
    inputs = np.random.default_rng(1).normal(size=(5, 2))
    assert check_gradients(network, parameters, inputs, np.ones((5, 1))).relative_error < 1e-6
    with pytest.raises(InputError, match="square cannot be saved: it is not one of glassnet's own") as caught:
        network.to_dict()
    assert len(caught.value.faults) == 2


def test_a_network_as_a_dictionary() -> None:
    network = Network.of(2, (4, 3), 1, activation=["relu", "gelu"], dropout=[0.5, 0])
    assert network.to_dict()["layers"][0] == {"width": 4, "activation": "relu", "dropout": 0.5}
    assert Network.from_dict(network.to_dict()) == network
    with pytest.raises(InputError, match="the activation of the output layer is 'rleu'"):
        Network.from_dict({"inputs": 1, "layers": [{"width": 1, "activation": "rleu", "dropout": 0}]})


def test_a_network_is_a_value() -> None:
    network = Network.of(2, (4,), 1)
    assert network == Network(2, (Layer(4, "relu"), Layer(1, "identity")))
    assert hash(network) == hash(Network.of(2, (4,), 1))
    with pytest.raises(dataclasses.FrozenInstanceError):
        network.inputs = 3  # type: ignore[misc]


@pytest.mark.parametrize(("name", "given"), [("activation", ["relu"]), ("dropout", [0.1, 0.2, 0.3])])
def test_a_list_must_have_one_entry_a_hidden_layer(name: str, given: list[object]) -> None:
    with pytest.raises(InputError, match=f"{name} has {len(given)} entries for 2 hidden layers"):
        Network.of(2, (4, 4), 1, **{name: given})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("inputs", "layers", "message"),
    [
        (0, (Layer(1, "relu"),), "inputs is 0"),
        (2.0, (Layer(1, "relu"),), "inputs is 2.0"),
        (True, (Layer(1, "relu"),), "inputs is True"),
        (1, (), "layers is empty"),
        (1, (Layer(0, "relu"), Layer(1, "relu")), "hidden layer 1 has 0 neurons"),
        (1, (Layer(2, "relu"), Layer(-3, "relu"), Layer(1, "relu")), "hidden layer 2 has -3 neurons"),
        (1, (Layer(1.5, "relu"),), "the output layer has 1.5 neurons"),  # type: ignore[arg-type]
        (1, (Layer(1, "rleu"),), "the activation of the output layer is 'rleu', .* Did you mean 'relu'"),
        (1, (Layer(2, "softmax"), Layer(1, "relu")), "hidden layer 1 .* softmax, which only outputs"),
        (1, (Layer(2, "exponential"), Layer(1, "relu")), "exponential, which only outputs"),
        (1, (Layer(2, "relu", 1.0), Layer(1, "relu")), "dropout rate of hidden layer 1 is 1.0"),
        (1, (Layer(2, "relu", -0.1), Layer(1, "relu")), "dropout rate of hidden layer 1 is -0.1"),
        (1, (Layer(2, "relu", float("nan")), Layer(1, "relu")), "dropout rate of hidden layer 1 is nan"),
        (1, (Layer(2, "relu"), Layer(1, "relu", 0.5)), "the output layer has a dropout rate"),
    ],
)
def test_a_fault_is_named(inputs: int, layers: tuple[Layer, ...], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        Network(inputs, layers)
    assert len(caught.value.faults) == 1


def test_all_faults_come_in_one_message() -> None:
    with pytest.raises(InputError) as caught:
        Network.of(0, (4, -3), 0, activation=("rleu", "softmax"), dropout=(0.0, 1.5))
    faults = caught.value.faults
    assert len(faults) == 6
    assert str(caught.value) == "\n".join(faults)
    for part in ("inputs is 0", "'relu'", "-3 neurons", "softmax", "1.5", "the output layer has 0"):
        assert any(part in fault for fault in faults), part


def test_widths_may_be_numpys_whole_numbers() -> None:
    network = Network.of(np.int64(3), np.array([4, 5]), np.int32(1), dropout=np.float32(0.5))  # type: ignore[arg-type]
    assert network == Network.of(3, (4, 5), 1, dropout=0.5)
    assert [type(layer.width) for layer in network.layers] == [int, int, int]
    assert type(network.inputs) is int
