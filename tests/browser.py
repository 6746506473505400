"""Chromium for the tests of the page, driven by Playwright; without it, these tests are skipped with the reason."""

import importlib.util
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from effort import LONGEST_WAIT, wait_for

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = Path(__file__).parents[1] / "node_modules" / "axe-core" / "axe.min.js"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

EPOCH = "Number(document.querySelector('[data-test=epoch]').textContent.replaceAll(',', ''))"


@contextmanager
def chromium() -> Iterator[Any]:
    if CHROMIUM is None or importlib.util.find_spec("playwright") is None:
        missing("Playwright and Chromium are not both installed")
    sync_api = importlib.import_module("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS, timeout=1000 * LONGEST_WAIT
        )
        yield browser
        browser.close()


def missing(what: str) -> None:
    """Skip a test because of what is missing; where nothing may be skipped, it fails."""
    reason = f"{what}: the page was not tested in a browser"
    pytest.fail(reason) if os.environ.get("GLASSNET_SKIP_NOTHING") else pytest.skip(reason)


def has_axe() -> bool:
    return AXE.exists()


class Tab:
    """A page in the browser, with what its console said."""

    def __init__(self, browser: Any, url: str, width: int = 1280, theme: str = "light") -> None:
        height = {360: 780, 1280: 900, 1920: 1080}[width]
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme, reduced_motion="reduce"
        )
        self.context.set_default_timeout(1000 * LONGEST_WAIT)
        self.page = self.context.new_page()
        self.faults: list[str] = []  # what its console said, errors of the page included
        self.errors: list[str] = []
        self.page.on("console", self._said)
        self.page.on("pageerror", self._failed)
        self.page.goto(url)
        self.page.wait_for_selector(".gn #view > *:not(.empty)")

    def _said(self, message: Any) -> None:
        if message.type == "error":
            self.faults.append(message.text)

    def _failed(self, error: Any) -> None:
        self.errors.append(str(error))
        self.faults.append(str(error))

    def wait(self, condition: str) -> None:
        """Until the page meets a condition in JavaScript, which its policy forbids to evaluate from within."""
        end = time.monotonic() + LONGEST_WAIT
        met = f"(() => {{ try {{ return !!({condition}) }} catch {{ return false }} }})()"
        while not self.page.evaluate(met):
            assert not self.errors, self.errors
            assert time.monotonic() < end, f"it did not happen: {condition}"
            self.page.wait_for_timeout(20)

    def settle(self, server: Any) -> int:
        """Until a paused training computes nothing more and the page, at its network, shows it; returns its epoch."""
        epoch = at_rest(server)
        self.wait(
            f"{EPOCH} === {epoch} && Number(document.querySelector('svg.net').dataset.epoch) === {epoch}"
        )
        return epoch

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def show(self, view: str) -> None:
        tab = self.page.get_by_role("tab", name=view, exact=True)
        tab.click()
        self.wait(
            f"document.querySelector('#view').getAttribute('aria-labelledby') === {tab.get_attribute('id')!r}"
        )

    def text(self, selector: str) -> str:
        return str(self.page.locator(selector).first.inner_text())

    def number(self, selector: str) -> float:
        return as_number(self.text(selector))

    def fits(self) -> bool:
        """Whether nothing is wider than the screen."""
        return bool(
            self.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        )

    def violations(self) -> list[str]:
        """What axe-core finds wrong with the page as it is shown; nothing without axe-core, see :func:`has_axe`."""
        if not has_axe():
            return []
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{own['id']}: {node['target']} {node['failureSummary'][:300]}"
            for own in found["violations"]
            for node in own["nodes"][:4]
        ]

    def close(self) -> None:
        self.context.close()


def at_rest(server: Any) -> int:
    """Wait until the training that was paused computes nothing more; returns its epoch."""
    run = server.session.run
    wait_for(lambda: run.pace.waits or run.state in ("ended", "failed"))  # the request to pause has arrived
    waited = run.pace.waited
    wait_for(lambda: run.pace.waited > waited or run.state in ("ended", "failed"))
    return run.epoch


def as_number(text: str) -> float:
    """A number as the page writes it."""
    return float(text.replace("−", "-").replace(",", "").replace("+", "").replace("%", "").strip())
