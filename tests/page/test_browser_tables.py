"""Every view of the live page in Chromium: the worked example, the penguins and two tables of many rows."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

from browser import EPOCH, Tab, chromium
from glassnet.page.sources import Source, described_upload, penguin_source, table_source, worked_source
from glassnet.tables import read_table
from page_models import large_table
from page_server import served

VIEWS = (
    "Network",
    "Walk a row",
    "Use it",
    "Judge it",
    "Columns",
    "Doctor",
    "Model card",
    "Your data",
    "Take away",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as own:
        yield own


def source_of(name: str) -> Source:
    if name == "example":
        return worked_source()
    if name == "penguins":
        return penguin_source()
    table = read_table(large_table(name))
    target = "answer" if name == "class" else "value"
    return table_source(described_upload(f"{name}.csv", table, target), target)


@pytest.mark.parametrize(
    ("name", "width", "theme"),
    [
        ("example", 360, "dark"),
        ("penguins", 1920, "dark"),
        ("class", 1280, "light"),
        ("number", 360, "light"),
    ],
)
def test_every_view_of_a_live_page(browser: Any, name: str, width: int, theme: str) -> None:
    source = source_of(name)
    lasting = {**source.settings, "epochs": 100_000, "patience": None}  # it goes on until it is stopped
    with served(replace(source, settings=lasting)) as server:
        tab = Tab(browser, server.url, width, theme)
        assert tab.page.locator(".curves .empty").count() == 1
        tab.press("Play")
        tab.wait(f"{EPOCH} > 3")
        tab.press("Pause")
        tab.settle(server)
        tab.wait("document.querySelector('.chart canvas')")
        tab.press("stop")
        tab.wait("document.querySelector('.ended')")
        for view in VIEWS:
            tab.show(view)
            if view == "Network":
                tab.page.locator('[data-place="1:0"]').click()
                tab.wait("document.querySelector('[data-test=z]')")
            if view in ("Columns", "Doctor", "Model card"):
                tab.wait("!document.querySelector('#view').textContent.includes('being measured')")
            if view == "Use it":
                assert tab.text("[data-test=prediction]")
            if view == "Judge it":
                assert tab.page.locator(".confusion, .scatter").count() == 1
            assert tab.fits(), view
            assert tab.violations() == [], view
        assert tab.faults == []
        tab.close()


def test_a_large_file_is_dropped_trained_on_and_seen_by_a_sample(browser: Any, tmp_path: Path) -> None:
    table = large_table("class")
    lines = zip(
        *([str("" if own is None else own) for own in column] for column in table.values()), strict=True
    )
    path = tmp_path / "people.csv"
    path.write_text("\n".join(",".join(line) for line in [tuple(table), *lines]), encoding="utf-8")
    with served() as server:
        tab = Tab(browser, server.url)
        tab.show("Your data")
        tab.page.locator("input[type=file]").set_input_files(path)
        tab.wait("document.querySelector('.columns-table')")
        assert "people.csv: 12,000 rows, 5 columns" in tab.text("#view")
        tab.page.get_by_label("Type of age").select_option("category")
        tab.page.get_by_label("Type of job").select_option("ignore")
        tab.press("Train")
        tab.wait(f"{EPOCH} > 1")
        types = {each.name: each.type for each in server.session.run.started.schema.columns}
        assert types["age"] == "category"
        assert "job" not in {each.column for each in server.session.run.started.encoder.encoders}
        tab.show("Judge it")
        tab.wait("document.querySelector('.judge-view')?.textContent.includes('of the 12,000 in the table')")
        assert tab.faults == []
        tab.close()


def test_a_reload_in_the_middle_shows_the_same_training(browser: Any) -> None:
    source = penguin_source()
    lasting = {**source.settings, "epochs": 4000, "patience": None}  # it goes on until it is paused
    with served(replace(source, settings=lasting)) as server:
        server.session.control("speed", 5)
        tab = Tab(browser, server.url)
        other = Tab(browser, server.url)
        tab.press("Play")
        tab.wait(f"{EPOCH} > 5")
        tab.page.reload()
        tab.wait(f"{EPOCH} > 10")
        assert server.session.run.state == "playing"
        other.press("Pause")  # a second tab acts on the same training
        tab.wait("document.querySelector('[aria-label=Play]')")
        assert tab.settle(server) == other.settle(server)
        assert tab.text("[data-test=loss]") == other.text("[data-test=loss]")
        tab.close()
        other.close()
        assert server.session.run.state == "paused"  # closed tabs do not end it
        server.session.control("finish")
        again = Tab(browser, server.url)
        again.wait("document.querySelector('.ended')")
        again.close()
