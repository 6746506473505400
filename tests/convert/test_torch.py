"""``from_torch`` and ``to_torch``: the same predictions in both directions."""

from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet.errors import InputError, InputTypeError
from glassnet.tables import penguins_path

torch = pytest.importorskip("torch", reason="PyTorch is not installed", exc_type=ImportError)
nn = torch.nn

INPUTS = np.random.default_rng(0).normal(size=(50, 4))
CLOSE = {torch.float32: 1e-6, torch.float64: 1e-12}


def returned(module: Any, inputs: Any = INPUTS) -> Any:
    dtype = next(module.parameters()).dtype
    with torch.no_grad():
        return module.eval()(torch.tensor(np.asarray(inputs), dtype=dtype)).double().numpy()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    "activation",
    [
        nn.ReLU(), nn.Tanh(), nn.Sigmoid(), nn.ELU(), nn.SELU(), nn.LeakyReLU(), nn.GELU("tanh"), nn.SiLU(), nn.Mish(),
        nn.Softplus(), nn.Identity(),
    ],
    ids=str,
)  # fmt: skip
def test_numbers_are_what_the_module_returns(activation: Any, dtype: Any) -> None:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(4, 8), activation, nn.Dropout(0.5), nn.Linear(8, 2, bias=False)).to(
        dtype
    )
    model = glassnet.from_torch(module, columns=["a", "b", "c", "d"], target=["one", "two"])
    found = model.predict({name: INPUTS[:, at] for at, name in enumerate("abcd")})
    assert np.abs(found - returned(module)).max() <= CLOSE[dtype]
    assert model.network.layers[0].dropout == 0.5
    assert "Sequential of PyTorch" in repr(model)
    again = glassnet.from_torch(model.to_torch())
    assert np.array_equal(again.learnt.vector, model.learnt.vector)


def test_classes_from_sums_and_from_probabilities() -> None:
    torch.manual_seed(1)
    body = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3)).double()
    expected = returned(nn.Sequential(body, nn.Softmax(dim=1)))
    for end in ([], [nn.Softmax(dim=1)], [nn.LogSoftmax(dim=-1)]):
        model = glassnet.from_torch(nn.Sequential(nn.Sequential(body), *end), classes=["b", "c", "a"])
        assert model.classes.tolist() == ["a", "b", "c"]
        assert np.abs(model.predict_proba(INPUTS)[:, [1, 2, 0]] - expected).max() <= 1e-12
    assert glassnet.from_torch(nn.Sequential(body, nn.Softmax(dim=1))).classes.tolist() == [0, 1, 2]


def test_two_classes_in_either_order_and_several_targets() -> None:
    torch.manual_seed(2)
    module = nn.Sequential(nn.Linear(4, 1), nn.Sigmoid()).double()
    for labels, place in ((["no", "yes"], 1), (["yes", "no"], 0)):
        model = glassnet.from_torch(module, classes=labels)
        assert np.abs(model.predict_proba(INPUTS)[:, place] - returned(module)[:, 0]).max() <= 1e-15
    assert (
        np.abs(glassnet.from_torch(module, classes=()).predict(INPUTS) - returned(module)[:, 0]).max()
        <= 1e-15
    )
    module = nn.Sequential(nn.Linear(4, 2), nn.Sigmoid()).double()
    several = glassnet.from_torch(module, target=["flu", "cold"])
    assert several.predict(INPUTS).tolist() == (returned(module) > 0.5).astype(int).tolist()


def test_rows_give_the_statistics() -> None:
    module = nn.Sequential(nn.Linear(4, 1)).double()
    model = glassnet.from_torch(module, (INPUTS, INPUTS[:, 0]))
    assert model.stats is not None
    assert model.baseline == pytest.approx([INPUTS[:, 0].mean()])


@pytest.mark.parametrize(
    ("settings", "target"),
    [
        ({"members": 3, "hidden": (8,), "dropout": 0.1}, "species"),
        ({"members": 2, "hidden": (8,), "activation": "silu", "dtype": "float64"}, "sex"),
        ({"recipe": "balanced", "hidden": (8,), "members": 2}, "body_mass_g"),
        ({"hidden": (), "output_activation": "softplus"}, "body_mass_g"),
    ],
)
def test_a_trained_model_predicts_the_same_in_pytorch(settings: dict[str, Any], target: str) -> None:
    model = glassnet.train(penguins_path(), target, epochs=4, seed=0, **settings)
    encoded = model.encode(penguins_path())
    found = returned(model.to_torch(), encoded.inputs)
    if model.target.classes is None:
        assert np.allclose(found[:, 0], model.predict(encoded), rtol=1e-6)
    else:
        expected = model.predict_proba(encoded)[:, -found.shape[1] :]
        assert np.abs(found - expected).max() <= (2e-6 if model.dtype == np.float32 else 1e-12)


def test_all_that_cannot_be_converted_is_named_at_once() -> None:
    module = nn.Sequential(
        nn.Tanh(), nn.Linear(4, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Tanh(), nn.GELU(), nn.Linear(3, 3).half()
    )
    with pytest.raises(InputError) as caught:
        glassnet.from_torch(module)
    for word in (
        "before the first layer",
        "BatchNorm1d",
        "behind another activation",
        "GELU",
        "module.float()",
    ):
        assert word in str(caught.value)
    with pytest.raises(InputTypeError, match=r"must be a torch\.nn\.Sequential"):
        glassnet.from_torch(nn.Linear(2, 1))
    with pytest.raises(InputError, match=r"columns has 1 names.*\n.*classes has 3 labels"):
        glassnet.from_torch(nn.Sequential(nn.Linear(2, 1)), columns=["a"], classes=["a", "b", "c"])
    model = glassnet.train((INPUTS, np.exp(INPUTS[:, 0])), output_activation="exponential", epochs=1)
    with pytest.raises(InputError, match="exponential is none of PyTorch's modules"):
        model.to_torch()
