"""The report in Chromium: every view, at every width, in both themes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet
from browser import Tab, as_number, chromium, has_axe, missing
from page_models import example

VIEWS = ("Network", "Walk a row", "Use it", "Judge it", "Columns", "Doctor", "Model card", "Take away")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as own:
        yield own


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("reports")
    urls = {}
    for name in ("penguins", "several targets", "several networks"):
        model, table = example(name)
        model.report(folder / f"{name}.html", table)
        urls[name] = (folder / f"{name}.html").as_uri()
    return urls


def test_accessibility_is_checked() -> None:
    if not has_axe():
        missing("axe-core is not installed (npm ci installs it)")


@pytest.mark.parametrize(("width", "theme"), [(360, "light"), (1280, "dark")])
def test_every_view_fits_and_is_accessible(
    browser: Any, reports: dict[str, str], width: int, theme: str
) -> None:
    tab = Tab(browser, reports["penguins"], width, theme)
    for view in VIEWS:
        tab.show(view)
        if view == "Network":
            tab.page.locator('[data-place="1:1"]').click()
        if view == "Judge it":
            tab.page.locator(".confusion .cell:not([disabled])").first.click()
        assert tab.fits(), view
        assert tab.violations() == [], view
    assert tab.faults == []
    tab.close()


def test_a_neuron_can_be_recomputed_from_what_is_shown(browser: Any, reports: dict[str, str]) -> None:
    tab = Tab(browser, reports["penguins"])
    tab.page.locator('[data-place="1:2"]').click()
    more = tab.page.locator(".inspector .terms .link")
    if more.count():
        more.first.click()
    rows = tab.page.locator(".inspector .arithmetic tbody tr").all_inner_texts()
    cells = [[part for part in row.split("\t") if part.strip()] for row in rows]
    total = 0.0
    for row in cells[:-1]:
        value, weight, product = as_number(row[1]), as_number(row[3]), as_number(row[5])
        assert product == pytest.approx(value * weight, abs=2e-4)
        total += product
    assert cells[-1][0] == "bias"
    total += as_number(cells[-1][-1])
    z = tab.number("[data-test=z]")
    assert z == pytest.approx(total, abs=2e-4)
    assert tab.number("[data-test=a]") == pytest.approx(max(z, 0), abs=1e-4)
    tab.page.locator('[data-place="3:1"]').click()  # softmax, for which all outputs are needed
    rows = [row.split("\t") for row in tab.page.locator(".arithmetic .grid tbody tr").all_inner_texts()]
    powers = [as_number(power) for _, _, power, _ in rows]
    assert sum(powers[:-1]) == pytest.approx(powers[-1], rel=1e-3)
    assert tab.number("[data-test=a]") == pytest.approx(powers[1] / powers[-1], rel=1e-3, abs=1e-4)
    tab.close()


def test_a_weight_is_changed_by_hand_and_taken_back(browser: Any, reports: dict[str, str]) -> None:
    tab = Tab(browser, reports["penguins"])
    tab.page.locator('[data-place="3:0"]').click()
    row = tab.page.locator(".arithmetic tbody tr").first
    before = tab.number("[data-test=z]")
    _, value, _, weight, *_ = row.inner_text().split("\t")
    row.get_by_role("button").click()
    assert tab.violations() == []
    tab.page.keyboard.type(str(as_number(weight) - 2))
    tab.page.keyboard.press("Enter")
    tab.wait("document.querySelector('.banner')?.textContent.startsWith('1 parameter changed by hand')")
    assert tab.number("[data-test=z]") == pytest.approx(before - 2 * as_number(value), abs=2e-4)
    assert tab.violations() == []
    assert tab.fits()
    tab.press("take back")
    assert tab.number("[data-test=z]") == before
    assert not tab.page.locator(".banner").count()
    assert tab.faults == []
    tab.close()


def test_the_plane_shows_the_neuron_that_is_selected(browser: Any, reports: dict[str, str]) -> None:
    tab = Tab(browser, reports["penguins"])
    assert tab.text(".surface h2") == "Output over two columns"
    of_output = tab.page.locator(".surface image").get_attribute("href")
    tab.page.locator('[data-place="1:2"]').click()
    assert tab.text(".surface h2") == "Neuron 3 of hidden layer 1 over two columns"
    assert tab.page.locator(".surface image").get_attribute("href") != of_output
    tab.close()


def test_it_predicts_in_the_page_what_python_predicts(browser: Any, reports: dict[str, str]) -> None:
    model, table = example("penguins")
    tab = Tab(browser, reports["penguins"])
    said = []
    for row in range(0, 340, 60):
        tab.page.get_by_label("Number of the row").fill(str(row))
        tab.page.keyboard.press("Enter")
        tab.show("Use it")
        said.append(tab.text("[data-test=prediction]"))
        tab.show("Network")
    assert said == model.predict(table)[range(0, 340, 60)].tolist()
    tab.show("Use it")
    tab.page.get_by_label("body_mass_g", exact=True).fill("99000")
    assert "Outside the training range: body_mass_g" in tab.text(".answer")
    tab.close()


def test_numbers_are_predicted_in_their_units(browser: Any, reports: dict[str, str]) -> None:
    model, table = example("several targets")
    tab = Tab(browser, reports["several targets"])
    tab.show("Use it")
    shown = [as_number(text) for text in tab.page.locator("[data-test=prediction]").all_inner_texts()]
    np.testing.assert_allclose(shown, model.predict(table)[0], rtol=1e-3)
    tab.show("Judge it")
    tab.page.get_by_text("list the largest errors").click()
    tab.page.locator(".rows-table .link").first.click()
    assert tab.text(".walk-step h2") == "The row becomes inputs"
    assert tab.faults == []
    tab.close()


def test_of_several_networks_one_is_shown_and_the_mean_predicts(
    browser: Any, reports: dict[str, str]
) -> None:
    model, table = example("several networks")
    inputs = model.encode(table).inputs[:1]
    tab = Tab(browser, reports["several networks"])
    assert "3 networks" in tab.text(".top h1")
    assert "this is network 0" in tab.text(".net-card .note")
    tab.page.locator("[data-test=member]").select_option("2")
    assert "this is network 2" in tab.text(".net-card .note")
    assert tab.text(".curves h2") == "Error over training, network 2"
    last = f"{len(model.members[0].network.layers)}:0"
    tab.page.locator(f'[data-place="{last}"]').click()
    shown = float(model.member(2).outputs(inputs)[0, 0])
    assert tab.number("[data-test=a]") == pytest.approx(shown, abs=1e-4)
    tab.show("Walk a row")
    tab.wait("document.querySelector('.walk-slider input')")
    while tab.text(".walk-step h2") != "The mean of 3 networks":
        tab.press("next step →")
    rows = [line.split("\t") for line in tab.page.locator(".walk-card tbody tr").all_inner_texts()]
    each = [float(model.member(number).outputs(inputs)[0, 0]) for number in range(3)]
    assert [name for name, _ in rows] == ["network 0", "network 1", "network 2 (shown)", "mean"]
    assert [as_number(own) for _, own in rows] == pytest.approx([*each, sum(each) / 3], abs=1e-5)
    tab.press("next step →")
    probability = float(model.predict_proba(table)[0, 1])
    said = tab.page.locator(".walk-card tbody tr").nth(1).inner_text().split("\t")[2]
    assert as_number(said) == pytest.approx(100 * probability, abs=0.51)
    tab.show("Use it")
    assert "The mean of 3 networks" in tab.text(".answer")
    tab.show("Judge it")
    scores = tab.page.locator(".scores", has_text="validation rows")
    assert "not trained on it" in scores.inner_text()
    assert model.validation is not None
    assert f"{model.validation.metrics['accuracy']:.3f}" in scores.inner_text()
    assert tab.violations() == []
    assert tab.faults == []
    tab.close()


def test_a_row_is_walked_forward_and_backward_with_the_keyboard(
    browser: Any, reports: dict[str, str]
) -> None:
    tab = Tab(browser, reports["penguins"])
    tab.show("Walk a row")
    tab.page.locator(".walk-step").click()
    titles = set()
    for _ in range(70):
        titles.add(tab.text(".walk-step h2"))
        tab.page.keyboard.press("ArrowRight")
    assert "The prediction" in titles
    assert "The loss" in titles
    assert "Neuron 1 of hidden layer 1: gradient and next change" in titles
    assert tab.faults == []
    tab.close()


def test_the_training_can_be_scrubbed(browser: Any, reports: dict[str, str]) -> None:
    model, _ = example("penguins")
    tab = Tab(browser, reports["penguins"])
    kept = tab.number("[data-test=loss]")
    slider = tab.page.locator(".timeline input")
    slider.focus()
    for _ in range(3):
        tab.page.keyboard.press("ArrowLeft")
    shown = tab.number("[data-test=loss]")
    assert shown > kept
    assert np.abs(model.history.loss - shown).min() < 1e-4
    tab.close()


def test_names_and_values_are_shown_as_text(browser: Any, tmp_path: Path) -> None:
    name = "<img src=x onerror=alert(1)>"
    table = {
        name: [f"</script><script>alert({at % 3})</script>" for at in range(30)],
        "n": list(range(30)),
        "y": ["<b>a</b>" if at % 3 else "b" for at in range(30)],
    }
    model = glassnet.train(table, "y", hidden=(3,), epochs=2, seed=0)
    model.report(tmp_path / "report.html", table)
    tab = Tab(browser, (tmp_path / "report.html").as_uri())
    for view in VIEWS:
        tab.show(view)
    tab.show("Use it")
    assert name in tab.text(".form")
    assert tab.page.locator(".gn img, .gn b:has-text('a') b").count() == 0
    assert tab.faults == []
    tab.close()


def test_a_large_network_is_drawn_in_part_and_says_so(browser: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(300, 60))
    model = glassnet.train(
        (inputs, inputs[:, :3].argmax(axis=1)),
        hidden=(96, 48),
        epochs=2,
        seed=0,
        progress=False,
        recipe="single",
    )
    model.report(tmp_path / "report.html", inputs)
    tab = Tab(browser, (tmp_path / "report.html").as_uri())
    assert "of 10,512 connections" in tab.text(".omitted")
    assert "+ 82 more" in str(tab.page.locator("svg.net").text_content())
    tab.page.locator('[data-place^="1:"]').first.click()
    for number in range(1, 97, 8):  # also those that were not drawn
        tab.page.get_by_label("Number of the neuron, from 1").fill(str(number))
        tab.page.keyboard.press("Enter")
        assert tab.text(".neuron-card h2") == f"Neuron {number} of hidden layer 1"
        assert tab.page.locator(f'[data-place="1:{number - 1}"]').get_attribute("aria-pressed") == "true"
    tab.page.get_by_label("Next neuron").click()
    assert tab.text(".neuron-card h2") == "Neuron 90 of hidden layer 1"
    tab.show("Walk a row")
    assert tab.fits()
    assert tab.faults == []
    tab.close()


def test_many_classes_with_long_names_fit(browser: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    codes = np.arange(300) % 30
    table: dict[str, Any] = {
        f"a column with a long name {at}": rng.normal(size=300) + codes for at in range(60)
    }
    table["kind"] = [f"class with a long name {code}" for code in codes]
    model = glassnet.train(table, "kind", hidden=(20, 10), epochs=2, seed=1, recipe="single")
    model.report(tmp_path / "many.html", table)
    tab = Tab(browser, (tmp_path / "many.html").as_uri(), 360, "light")
    for view in VIEWS:
        tab.show(view)
        assert tab.fits(), view
    tab.show("Network")
    drawn = tab.page.locator(".output-name")
    drawn.first.wait_for()  # the network is drawn after the view is there
    names = drawn.all_text_contents()
    assert len(names) == len(set(names)) > 5
    assert all("…" in name for name in names)
