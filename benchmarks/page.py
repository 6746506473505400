"""Figures of the page in Chromium: frames, scrubbing, reports, memory.

    python benchmarks/page.py [--seconds 10] [--repeats 3] [--json FILE]

It needs Playwright and Chromium (or the variable CHROMIUM with its path), and an idle machine. Frame times are the
distances of animation frames in the browser. A headless Chromium has no graphics card: it draws with the processor, so
its frames are slower than those of a browser with one; the name of its renderer is among the figures.

What an open page costs a training is measured by benchmarks/open_page.py.

The network 784-512-256-10 is trained on random rows, since only its size matters here.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import sync_playwright

import glassnet
from glassnet.page.live import Server
from glassnet.page.session import Session
from glassnet.page.sources import Source, described_upload, table_source, worked_source
from glassnet.tables import read_table

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FRAMES = """(milliseconds) => new Promise((done) => {
  const times = [];
  const end = performance.now() + milliseconds;
  const frame = (now) => { times.push(now); now < end ? requestAnimationFrame(frame) : done(times); };
  requestAnimationFrame(frame);
})"""
SCRUB = """(steps) => new Promise((done) => {
  const slider = document.querySelector(".timeline input");
  const times = [];
  const frame = (now) => {
    times.push(now);
    if (times.length > steps) return done(times);
    slider.value = Math.round((Number(slider.max) * times.length) / steps);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})"""
RENDERER = """() => {
  const context = document.createElement("canvas").getContext("webgl");
  const facts = context?.getExtension("WEBGL_debug_renderer_info");
  return facts ? context.getParameter(facts.UNMASKED_RENDERER_WEBGL) : "no WebGL: drawn by the processor";
}"""


@contextmanager
def served(source: Source) -> Iterator[Server]:
    with Server(Session(glassnet.train, source), port=0) as server:
        server.start()
        yield server


@contextmanager
def opened(browser: Any, url: str) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector("#view > *:not(.empty)")
    yield page
    context.close()


def image_source(rows: int, epochs: int) -> Source:
    """Random rows for the network 784-512-256-10."""
    rng = np.random.default_rng(0)
    table: dict[str, Any] = {
        f"pixel {at}": column for at, column in enumerate(rng.random((784, rows), np.float32))
    }
    table["digit"] = rng.integers(0, 10, rows).astype(str)
    source = table_source(described_upload("images.csv", read_table(table), "digit"), "digit")
    return with_settings(source, hidden=[512, 256], epochs=epochs, patience=None, batch_size=64)


def tabular_source(rows: int, epochs: int) -> Source:
    rng = np.random.default_rng(1)
    table: dict[str, Any] = {f"x{at}": column for at, column in enumerate(rng.normal(size=(12, rows)))}
    table["y"] = table["x0"] * table["x1"] + table["x2"]
    source = table_source(described_upload("tabular.csv", read_table(table), "y"), "y")
    return with_settings(source, hidden=[64, 32], epochs=epochs, patience=None)


def with_settings(source: Source, **settings: Any) -> Source:
    source.settings.update(settings)
    return source


def frame_times(times: list[float]) -> dict[str, float]:
    """Milliseconds between frames."""
    gaps = np.diff(times)
    return {
        "frames": len(gaps),
        "median ms": round(float(np.median(gaps)), 2),
        "95th percentile ms": round(float(np.quantile(gaps, 0.95)), 2),
        "longest ms": round(float(gaps.max()), 1),
    }


def training_frames(browser: Any, seconds: float) -> dict[str, float]:
    """Frames while 784-512-256-10 trains as fast as it can."""
    with served(image_source(1000, 1000)) as server, opened(browser, server.url) as page:
        server.session.control("finish")
        page.wait_for_timeout(1500)
        found = frame_times(page.evaluate(FRAMES, 1000 * seconds))
        server.session.control("stop")
    return found


def scrubbing(browser: Any, steps: int = 1000) -> dict[str, float]:
    """Frames while the slider moves through 1,000 recorded epochs of the worked example, one after the other."""
    with served(with_settings(worked_source(), epochs=16_000)) as server, opened(browser, server.url) as page:
        finish(server)
        page.wait_for_selector(".ended")
        page.locator(".timeline input").focus()
        page.keyboard.press("Home")  # which fetches all recorded epochs
        page.wait_for_timeout(1500)
        found = frame_times(page.evaluate(SCRUB, steps))
        recorded = page.evaluate("Number(document.querySelector('.timeline input').max)")
    return {"recorded epochs": recorded, **found}


def history_memory(browser: Any) -> dict[str, float]:
    """Memory of the tab with 10,000 epochs of history and 1,000 recorded epochs."""
    with served(worked_source()) as server, opened(browser, server.url) as page:
        finish(server)
        page.wait_for_selector(".ended")
        page.locator(".timeline input").focus()
        page.keyboard.press("Home")
        page.wait_for_timeout(1500)
        tools = page.context.new_cdp_session(page)
        tools.send("HeapProfiler.collectGarbage")
        tools.send("Performance.enable")
        metrics = {own["name"]: own["value"] for own in tools.send("Performance.getMetrics")["metrics"]}
        epochs = server.session.run.epoch
    return {"epochs": epochs, "heap MB": round(metrics["JSHeapUsedSize"] / 1e6, 1)}


def report(browser: Any, repeats: int) -> dict[str, Any]:
    """Size of the report of a table of 20,000 rows, and the time until it is drawn."""
    rng = np.random.default_rng(2)
    table: dict[str, Any] = {
        f"column {at}": column for at, column in enumerate(rng.normal(size=(14, 20_000)))
    }
    table["y"] = table["column 0"] * table["column 1"]
    model = glassnet.train(table, "y", hidden=(64, 32), epochs=20, snapshots=100, seed=1, progress=False)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        started = time.perf_counter()
        model.report(path, table)
        written = time.perf_counter() - started
        seconds = []
        for _ in range(repeats):
            started = time.perf_counter()
            with opened(browser, path.as_uri()) as page:
                seconds.append(time.perf_counter() - started)
                page.get_by_role("tab", name="Judge it").click()
                said = page.locator(".scores h2").last.inner_text()
        size = path.stat().st_size
    return {
        "MB": round(size / 1e6, 2),
        "seconds to open": round(statistics.median(seconds), 3),
        "seconds to write": round(written, 2),
        "said": said,
    }


def finish(server: Server) -> float:
    """Run the training to its end; returns its seconds."""
    server.session.control("finish")
    while server.model is None:
        assert server.session.run.error is None, server.session.run.error
        time.sleep(0.01)
    return float(server.model.history.seconds)


def first_load() -> dict[str, float]:
    """Bytes of everything that the page loads before its data."""
    with served(worked_source()) as server:
        asked = urllib.request.Request(server.url, headers={"accept-encoding": "gzip"})
        with urllib.request.urlopen(asked) as answer:
            sent = answer.read()
    return {"compressed KB": round(len(sent) / 1000, 1), "KB": round(len(gzip.decompress(sent)) / 1000, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--seconds", type=float, default=10.0, help="of recorded frames while a network trains"
    )
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--threads", type=int, default=1, help="of the engine; the browser needs a core as well"
    )
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    os.environ["GLASSNET_THREADS"] = str(options.threads)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--headless", "--no-sandbox"])
        with opened_blank(browser) as page:
            renderer = page.evaluate(RENDERER)
        found = {
            "browser": f"Chromium {browser.version}, {renderer}",
            "processors": os.cpu_count(),
            "threads of the engine": options.threads,
            "first load": first_load(),
            "frames while 784-512-256-10 trains": training_frames(browser, options.seconds),
            "frames of scrubbing": scrubbing(browser),
            "memory of 10,000 epochs": history_memory(browser),
            "report of 20,000 rows": report(browser, options.repeats),
        }
        browser.close()
    text = json.dumps(found, indent=2)
    print(text)
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")


@contextmanager
def opened_blank(browser: Any) -> Iterator[Any]:
    page = browser.new_page()
    yield page
    page.close()


if __name__ == "__main__":
    main()
