"""What is read off a model of several networks: of the whole model, or of one network by its number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import glassnet
from glassnet.errors import InputError
from glassnet.tables import penguins_path

FRAME = pd.read_csv(penguins_path())
ROW = FRAME.iloc[[5]]


@pytest.fixture(scope="module")
def model() -> glassnet.Model:
    return glassnet.train(FRAME, "species", hidden=(8, 4), epochs=20, members=3, snapshots=4, seed=1)


@pytest.fixture(scope="module")
def numbers() -> glassnet.Model:
    return glassnet.train(FRAME, "body_mass_g", hidden=8, epochs=20, members=3, seed=1)


def test_the_arithmetic_ends_with_the_mean_of_all_networks(model: glassnet.Model) -> None:
    found = model.explain(ROW)
    assert found.averaging is not None
    inputs = model.encode(ROW).inputs
    for number, outputs in enumerate(found.averaging.outputs):
        np.testing.assert_array_equal(outputs, model.member(number).outputs(inputs)[0])
    np.testing.assert_array_equal(found.averaging.mean, model.outputs(inputs)[0])
    np.testing.assert_array_equal(found.averaging.probabilities, model.predict_proba(ROW)[0])
    assert found.prediction == model.predict(ROW)[0]
    second = model.explain(ROW, member=1)
    np.testing.assert_array_equal(second.outputs, found.averaging.outputs[1])
    assert second.averaging is not None
    assert model.member(1).explain(ROW).averaging is None
    text = second.to_text()
    assert "One row through network 1 of 3" in text
    assert "network 1 (above)" in text
    assert "the temperature" in text
    assert found.to_dict()["averaging"]["member"] == 0


def test_whoever_adds_the_printed_outputs_gets_the_printed_mean(numbers: glassnet.Model) -> None:
    text = numbers.explain(ROW).to_text(digits="all")
    text = text[text.index("The mean of 3") : text.index("Backward pass")]
    lines = [line.split() for line in text.splitlines()]
    outputs = [float(words[-1]) for words in lines if words[:1] == ["network"]]
    (mean,) = [words[1] for words in lines if words[:1] == ["mean"] and len(words) == 2]
    assert float(f"{np.mean(outputs):.{len(mean.strip('-0.').replace('.', ''))}g}") == float(mean)
    (prediction,) = [float(words[-1]) for words in lines if words[:1] == ["body_mass_g"]]
    assert prediction == pytest.approx(numbers.predict(ROW)[0], rel=1e-5)


def test_importances_are_means_with_deviations(model: glassnet.Model) -> None:
    found = model.importances(FRAME, "all")
    each = [model.importances(FRAME, "all", member=number) for number in range(3)]
    for method, values in found.values.items():
        own = np.array([one.values[method] for one in each])
        np.testing.assert_allclose(values, own.mean(axis=0))
        np.testing.assert_allclose(found.errors[method], own.std(axis=0, ddof=1))
    assert found.spread == "the standard deviation over 3 networks"


@pytest.mark.parametrize("kind", ["model", "numbers"])
def test_contributions_are_means_and_sum_to_the_mean_output(kind: str, request: Any) -> None:
    model = request.getfixturevalue(kind)
    found = model.attributions(FRAME.iloc[:4])
    output = None if model.target.classes is None else found.outputs[0]
    each = [
        model.attributions(FRAME.iloc[[0]], output=output, member=number).values[0] for number in range(3)
    ]
    np.testing.assert_allclose(found.values[0], np.mean(each, axis=0), atol=1e-9)
    np.testing.assert_allclose(found.deviations[0], np.std(each, axis=0, ddof=1), atol=1e-9)
    assert np.abs(found.gaps).max() < 1e-3
    assert "± is the standard deviation over the networks" in found.to_text()
    if model.target.classes is None:
        np.testing.assert_allclose(found.predictions, model.predict(FRAME.iloc[:4]), rtol=1e-5)


def test_the_summary_has_means_and_deviations(model: glassnet.Model) -> None:
    found = model.summary()
    each = [model.summary(member=number) for number in range(3)]
    norms = [own.changes[0].after.norm for own in each]
    assert found.changes[0].after.norm == pytest.approx(np.mean(norms))
    assert found.deviations[0].after.norm == pytest.approx(np.std(norms, ddof=1))
    assert each[0].deviations == ()
    assert "means over 3 networks" in found.to_text()


def test_rows_are_near_in_the_hidden_layers_of_all_networks(model: glassnet.Model) -> None:
    found = model.nearest(ROW, FRAME, space="hidden", count=344)
    squares = sum(
        model.nearest(ROW, FRAME, space="hidden", count=344, member=number).distances[
            np.argsort(model.nearest(ROW, FRAME, space="hidden", count=344, member=number).rows)
        ]
        ** 2
        for number in range(3)
    )
    np.testing.assert_allclose(found.distances[np.argsort(found.rows)] ** 2, squares, rtol=1e-5, atol=1e-9)
    assert found.rows[0] == 5


def test_the_doctor_names_the_networks_with_a_problem() -> None:
    model = glassnet.train(
        FRAME,
        "species",
        hidden=(6, 6, 6),
        activation="sigmoid",
        epochs=2,
        members=3,
        learning_rate=1e-6,
        seed=1,
    )
    found = model.doctor(FRAME)
    one = model.doctor(FRAME, member=0)
    assert set(one.names) <= set(found.names)
    assert found.checked == one.checked or set(one.skipped) - set(found.skipped)
    named = [finding for finding in found if "of the 3 networks" in finding.evidence]
    assert named
    for finding in named:
        assert "In network" in finding.evidence
    kinds = [(finding.name, finding.about) for finding in found]
    assert len(set(kinds)) == len(kinds)


def test_models_of_several_networks_are_compared_without_their_weights(model: glassnet.Model) -> None:
    one = model.member(1)
    found = glassnet.compare(one, model, FRAME)
    assert found.predictions["share of rows with the same label"] > 0.5
    assert not found.same_shape
    said = "The models have 1 and 3 networks"
    assert said in found.to_text()
    with pytest.raises(InputError, match=said):
        found.largest()
    assert glassnet.compare(model.member(0), one).same_shape


def test_what_is_of_one_network_says_so_and_takes_its_number(model: glassnet.Model) -> None:
    with pytest.raises(InputError, match=r"has 3 networks, but this needs one.*model\.member\(0\)"):
        model.weight_history(1, 1, 1)
    own = model.weight_history(1, 1, 1, member=2)
    assert own.values[-1] == model.members[2].kept[int(own.epochs[-1])][0]
    assert model.profile("year", FRAME, member=1).partial is not None
    assert model.suggest().advice
    model.draw("network", member=2)
    model.draw("curves")
    for what in ("importances", "confusion"):
        model.draw(what, FRAME)
    with pytest.raises(InputError, match="member is 3, but must be from 0 to 2"):
        model.explain(ROW, member=3)


def test_a_single_network_has_one_member(numbers: glassnet.Model) -> None:
    one = numbers.member(1)
    assert one.explain(ROW, member=0).to_text() == one.explain(ROW).to_text()
    assert one.importances(FRAME, "olden", member=0).errors == {}
    with pytest.raises(InputError, match="must be from 0 to 0"):
        one.doctor(member=1)
