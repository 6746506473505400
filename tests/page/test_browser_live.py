"""The live page in Chromium: playing, scrubbing, settings, tables, several tabs, a server that goes away."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

from browser import EPOCH, Tab, as_number, chromium
from glassnet.page.sources import penguin_source, toy_source
from page_server import served

PLAY, PAUSE = "Play", "Pause"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as own:
        yield own


def test_the_first_minute_of_a_learner(browser: Any) -> None:
    with served() as server:
        tab = Tab(browser, server.url)
        assert "worked example" in tab.text(".settings")
        tab.press("epoch")
        tab.wait(f"{EPOCH} === 1")
        tab.settle(server)
        first = tab.number("[data-test=loss]")
        tab.press(PLAY)
        tab.wait(f"{EPOCH} > 600")
        tab.press(PAUSE)
        epoch = tab.settle(server)
        assert tab.number("[data-test=loss]") < first
        tab.page.locator('[data-place="1:0"]').click()
        z, a = tab.number("[data-test=z]"), tab.number("[data-test=a]")
        assert a == pytest.approx(1 / (1 + 2.718281828459045**-z), abs=2e-4)
        # a second tab sees the same, a reload too
        other = Tab(browser, server.url, 360, "dark")
        assert other.settle(server) == epoch
        assert other.fits()
        assert other.violations() == []
        other.close()
        tab.page.reload()
        assert tab.settle(server) == epoch
        tab.press("finish")
        tab.wait("document.querySelector('.ended')")
        assert "all epochs done" in tab.text(".ended")
        assert tab.violations() == []
        # back to the start, one step by hand
        tab.page.locator(".timeline input").focus()
        tab.page.keyboard.press("Home")
        tab.wait("document.querySelector('.timeline output').textContent === 'the start'")
        assert tab.faults == []
        tab.close()


def test_two_tabs_control_the_same_training(browser: Any) -> None:
    with served() as server:
        one, other = Tab(browser, server.url), Tab(browser, server.url, 360)
        one.press(PLAY)
        other.wait(f"{EPOCH} > 5")
        other.press(PAUSE)
        epoch = other.settle(server)
        assert one.settle(server) == epoch
        one.press("epoch")
        other.wait(f"{EPOCH} === {epoch + 1}")
        one.close()  # which stops nothing
        other.press(PLAY)
        other.wait(f"{EPOCH} > {epoch + 5}")
        assert one.faults == other.faults == []
        other.close()


def test_a_neuron_is_recomputed_by_hand_from_the_digits_that_are_shown(browser: Any) -> None:
    with served() as server:
        tab = Tab(browser, server.url)
        tab.press(PLAY)
        tab.wait(f"{EPOCH} > 100")
        tab.press(PAUSE)
        tab.settle(server)
        for place, count in (("1:2", 4), ("2:0", 5), ("3:0", 5)):
            tab.page.locator(f'[data-place="{place}"]').click()
            tab.wait(f"document.querySelector('[data-place=\"{place}\"][aria-pressed=true]')")
            rows = tab.page.locator(".arithmetic tbody tr:not(.bias-row)").all_inner_texts()
            assert len(rows) == count
            total = as_number(tab.text(".bias-row").split("\t")[5])
            for row in rows:
                _, value, _, weight, _, product = row.split("\t")[:6]
                made = as_number(value) * as_number(weight)
                assert made == pytest.approx(
                    as_number(product), abs=1e-5 * (1 + abs(made) + abs(as_number(weight)))
                )
                total += as_number(product)
            z, a = tab.number("[data-test=z]"), tab.number("[data-test=a]")
            assert total == pytest.approx(z, abs=1e-4)
            assert 1 / (1 + 2.718281828459045**-z) == pytest.approx(a, abs=1e-4)
        tab.close()


def test_one_step_of_the_optimizer_can_be_recomputed(browser: Any) -> None:
    source = penguin_source()
    with served(replace(source, settings={**source.settings, "optimizer": "gradient_descent"})) as server:
        tab = Tab(browser, server.url)
        for number in (1, 2):
            tab.press("step")
            title = f"Step {number}: batch {number} of 9"
            tab.wait(f"document.querySelector('.step-card h2').textContent.startsWith('{title}')")
        tab.wait("document.querySelector('.meters').textContent.includes('step 2 of 9')")
        rate = as_number(tab.text(".rule").removeprefix("change = ").removesuffix("× g"))
        tab.page.locator('[data-place="2:1"]').click()
        for row in tab.page.locator(".step-table tbody tr").all_inner_texts():
            before, gradient, change, after = map(as_number, row.split("\t")[1:])
            assert change == pytest.approx(rate * gradient, rel=1e-2, abs=1e-7)
            assert after == pytest.approx(before + change, abs=2e-5)
        assert tab.violations() == []
        tab.press("epoch")  # the rest of this one
        tab.wait(f"{EPOCH} === 1")
        assert not tab.page.locator(".step-card").count()
        assert tab.faults == []
        tab.close()


def test_settings_start_again_and_the_link_keeps_them(browser: Any) -> None:
    with served(toy_source("xor", rows=100)) as server:
        tab = Tab(browser, server.url)
        tab.page.locator("[data-setting=activation]").select_option("relu")
        tab.wait("document.querySelector('svg.net').textContent.includes('relu')")
        tab.page.get_by_label("Add a hidden layer").click()
        tab.wait("document.querySelectorAll('.layers input').length === 3")
        tab.page.locator("[data-setting=source]").select_option("toy:circles")
        tab.wait("location.hash.includes('circles')")
        tab.press("other rows")
        tab.wait("location.hash.includes('rows_seed=1')")
        link = tab.page.url
        tab.press("finish")
        tab.wait("document.querySelector('.ended')")
        tab.wait("document.querySelectorAll('svg.net image').length > 10")  # each neuron over the plane
        surface = tab.page.locator(".surface image")
        smooth = surface.get_attribute("href")
        tab.page.get_by_label("the predicted class only").check()
        assert surface.get_attribute("href") != smooth
        tab.page.get_by_label("rows", exact=True).uncheck()
        assert tab.page.locator(".surface .row-dot").count() == 0
        tab.show("Doctor")
        tab.wait("document.querySelector('.doctor-view')?.textContent.includes('Checked: ')")
        assert tab.faults == []
        tab.close()
    with served() as server:
        tab = Tab(browser, f"{server.url}#{link.partition('#')[2]}")
        tab.wait("document.querySelector('.settings')?.textContent.includes('Noise')")
        assert server.session.run.source.about["name"] == "circles"
        assert server.session.run.source.about["seed"] == 1
        assert server.session.run.settings["activation"] == "relu"
        tab.close()


def test_it_is_judged_while_it_learns(browser: Any) -> None:
    with served(toy_source("circles", rows=300)) as server:
        tab = Tab(browser, server.url)
        tab.page.locator(".confusion-card").scroll_into_view_if_needed()  # what nobody sees is not updated
        tab.press(PLAY)
        tab.wait("Number(document.querySelector('[data-test=live-accuracy]').textContent) > 0.95")
        tab.wait("document.querySelectorAll('.chart canvas').length === 1")
        tab.press("accuracy")
        tab.wait("document.querySelector('.curves .note')?.textContent.match(/\\d+/) > 3")
        tab.press(PAUSE)
        tab.settle(server)
        tab.page.locator("[data-test=part]").select_option("validation")
        tab.wait("document.querySelector('.confusion-card').textContent.includes('60 validation rows')")
        tab.page.locator(".confusion .cell.right:not([disabled])").first.click()
        tab.page.locator(".chosen-rows .link").first.click()
        assert tab.text(".walk-step h2") == "The row becomes inputs"
        assert tab.faults == []
        tab.close()
    with served(toy_source("plane", rows=300)) as server:
        tab = Tab(browser, server.url)
        tab.page.locator(".scatter-card").scroll_into_view_if_needed()
        tab.press(PLAY)
        tab.wait("Number(document.querySelector('[data-test=live-r2]').textContent) > 0.9")
        tab.press("residuals")
        tab.press(PAUSE)
        tab.settle(server)
        dot = tab.page.locator(".scatter .dot").first
        dot.scroll_into_view_if_needed()
        box = dot.bounding_box()
        tab.page.mouse.click(box["x"] + 2, box["y"] + 2)
        tab.page.locator(".chosen-rows .link").first.wait_for()
        assert tab.faults == []
        tab.close()


def test_what_is_off_the_screen_waits_until_it_is_seen_or_training_pauses(browser: Any) -> None:
    with served(toy_source("circles", rows=300)) as server:
        tab = Tab(browser, server.url)
        tab.page.locator(".ledger").wait_for()
        before = tab.text(".ledger table")
        changed = f"document.querySelector('.ledger table').innerText !== {before!r}"
        tab.press(PLAY)
        tab.wait(f"{EPOCH} > 5")
        assert tab.text(".ledger table") == before
        tab.page.locator(".ledger").scroll_into_view_if_needed()
        tab.wait(changed)
        tab.page.evaluate("scrollTo(0, 0)")
        tab.press(PAUSE)
        epoch = tab.settle(server)
        seen = tab.text(".ledger table")
        tab.press("epoch")
        tab.wait(f"{EPOCH} === {epoch + 1}")
        tab.settle(server)
        assert tab.text(".ledger table") != seen
        tab.close()


def test_a_remedy_is_applied_and_trained_with(browser: Any) -> None:
    source = penguin_source()
    with served(replace(source, settings={**source.settings, "epochs": 3})) as server:
        tab = Tab(browser, server.url)
        tab.press("finish")
        tab.wait("document.querySelector('.ended')")
        tab.show("Doctor")
        finding = tab.page.locator(".finding", has_text="falling")
        assert "What to do:" in finding.inner_text()
        finding.get_by_role("button", name="Train again with epochs 9").click()
        tab.wait(f"document.querySelector('.meters').textContent.includes('of 9') && {EPOCH} > 0")
        assert server.session.run.settings["epochs"] == 9
        assert tab.faults == []
        tab.close()


def test_a_table_is_dropped_on_the_page(browser: Any, tmp_path: Path) -> None:
    rows = "\n".join(f"{at % 17},{'red' if at % 2 else 'blue'},{at % 17 * 2 + at % 2}" for at in range(200))
    (tmp_path / "my.csv").write_text(f"size,<i>color</i>,price\n{rows}", encoding="utf-8")
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 nonsense")
    with (tmp_path / "big.csv").open("wb") as file:
        file.truncate(100_000_000)
    with served() as server:
        tab = Tab(browser, server.url)
        tab.show("Your data")
        choose = tab.page.locator("input[type=file]")
        choose.set_input_files(tmp_path / "big.csv")
        assert "at most 64 MB" in tab.text("[role=alert]")
        choose.set_input_files(tmp_path / "bad.parquet")
        tab.wait("document.querySelector('[role=alert]')?.textContent.includes('bad.parquet')")
        choose.set_input_files(tmp_path / "my.csv")
        tab.wait("document.querySelector('.columns-table')")
        assert "<i>color</i>" in tab.text(".columns-table")
        assert tab.violations() == []
        tab.press("Train")
        tab.wait("document.querySelector('.settings [data-setting=source]')?.textContent.includes('my.csv')")
        tab.wait(f"{EPOCH} > 2")
        assert tab.faults == [] or all("400" in fault for fault in tab.faults)
        tab.close()


def test_a_training_that_diverges_says_so(browser: Any) -> None:
    with served(toy_source("plane", rows=100)) as server:
        server.session.start(
            {"settings": {"learning_rate": 1e30, "optimizer": "gradient_descent", "activation": "relu",
                          "validation": 0.0}}
        )  # fmt: skip
        tab = Tab(browser, server.url)
        tab.press("finish")
        tab.wait("document.querySelector('.ended.failed')")
        assert "diverged" in tab.text(".ended")
        tab.press("start again")
        tab.wait("!document.querySelector('.ended')")
        tab.close()


def test_a_server_that_goes_away_is_noticed_and_found_again(browser: Any) -> None:
    with served() as server:
        port, token = server.port, server.token
        tab = Tab(browser, server.url)
        tab.press(PLAY)
        tab.wait(f"{EPOCH} > 1")
    tab.wait("document.querySelector('.banner')?.textContent.includes('connection')")
    with served(port=port, token=token):
        tab.wait("!document.querySelector('.banner')")
        tab.press("epoch")
        tab.wait(f"{EPOCH} === 1")
    tab.close()
