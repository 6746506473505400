"""The pictures of the page in its documentation: drawn here, and kept in docs/ with GLASSNET_REDRAW=1."""

import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

from browser import Tab, chromium
from glassnet.page.sources import Source, penguin_source, toy_source
from page_server import served

DOCS = Path(__file__).parents[2] / "docs"


def network(tab: Tab) -> None:
    tab.page.locator('[data-place="2:1"]').click()
    tab.wait("document.querySelector('[data-test=z]')")


def use(tab: Tab) -> None:
    tab.show("Use it")
    tab.page.get_by_label("bill_length_mm", exact=True).fill("47")


def judge(tab: Tab) -> None:
    tab.show("Judge it")
    tab.page.locator(".confusion .cell.wrong:not([disabled])").first.click()


PICTURES: dict[str, tuple[Source, dict[str, Any], Callable[[Tab], None]]] = {
    "page-network.png": (toy_source("circles", rows=300), {"epochs": 40}, network),
    "page-use.png": (penguin_source(), {"epochs": 20}, use),
    "page-judge.png": (penguin_source(), {"epochs": 8}, judge),
}


def test_the_documentation_has_pictures_of_the_page(tmp_path: Path) -> None:
    text = (DOCS / "page.md").read_text(encoding="utf-8")
    folder = DOCS if os.environ.get("GLASSNET_REDRAW") else tmp_path
    with chromium() as browser:
        for name, (source, settings, look) in PICTURES.items():
            with served(source) as server:
                server.session.start({"settings": settings})
                server.session.control("finish")
                tab = Tab(browser, server.url)
                tab.wait("document.querySelector('.ended')")
                look(tab)
                tab.page.mouse.move(0, 0)
                tab.page.wait_for_timeout(300)
                tab.page.screenshot(path=folder / name)
                assert tab.faults == []
                tab.close()
            assert f"]({name})" in text
            assert size_of(folder / name) == size_of(DOCS / name) == (1280, 900)


def size_of(path: Path) -> tuple[int, int]:
    """Width and height of a PNG file."""
    head = path.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", head[16:24])
