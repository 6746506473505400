"""What an open page costs a training: its seconds with the page closed, with a reader, and with Chromium, in turns.

    python benchmarks/open_page.py [--repeats 3] [--seconds 10] [--threads 1 2] [--json FILE]

The reader is a process without a browser that asks for what the page asks for: it shows what the server costs. Chromium
(found as by benchmarks/page.py) draws on the same processors. In each turn the page is open and idle when training
begins, and the same epochs are trained, of a number that takes about so many seconds. Seconds are those of the training
loop, without what the page shows at the end. Beside them are seconds of CPU, which other work on the machine does not
change much: those of this process, which trains and serves, and those of the reader or of all of Chromium's processes.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import sync_playwright

from glassnet.page.live import Server
from glassnet.page.sources import Source
from page import CHROMIUM, image_source, opened, served, tabular_source

TICKS = os.sysconf("SC_CLK_TCK")
Make = Callable[[int], Source]


def read(url: str) -> None:
    """Ask a live page's server for all that the page asks for, until it ends."""
    parts = urlsplit(url)
    base, token = f"{parts.scheme}://{parts.netloc}", parse_qs(parts.query)["token"][0]

    def get(path: str) -> Any:
        return urllib.request.urlopen(urllib.request.Request(base + path, headers={"x-token": token}))

    run = json.loads(get("/state").read())["run"]
    print("ready", flush=True)
    epoch = -1
    for line in get(f"/events?run={run['id']}&from=0"):
        if line.startswith(b"data:"):
            told = json.loads(line[5:])
            if told["epoch"] != epoch:
                epoch = told["epoch"]
                get(f"/parameters?run={told['id']}").read()


@contextmanager
def reader(url: str) -> Iterator[Callable[[], float]]:
    """A reader in a process of its own; yields what tells its seconds of CPU."""
    command = [sys.executable, __file__, "--read", url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield lambda: cpu_seconds(process.pid)
        process.terminate()


@contextmanager
def chromium(browser: Any, url: str) -> Iterator[Callable[[], float]]:
    with opened(browser, url) as page:
        page.wait_for_timeout(3000)  # until it is idle
        processes = browser_processes()
        yield lambda: sum(map(cpu_seconds, processes))


@contextmanager
def nobody(url: str) -> Iterator[Callable[[], float]]:
    yield lambda: 0.0


def cpu_seconds(pid: int) -> float:
    """Seconds of CPU of a process, 0 if it has ended."""
    try:
        facts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(facts[11]) + int(facts[12])) / TICKS


def browser_processes() -> list[int]:
    """All processes below this one whose program is Chromium."""
    parents, names = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            head, _, rest = (folder / "stat").read_text().rpartition(")")
        except OSError:
            continue
        pid = int(folder.name)
        names[pid], parents[pid] = head.partition("(")[2], int(rest.split()[1])

    def is_below(pid: int) -> bool:
        while pid in parents:
            pid = parents[pid]
            if pid == os.getpid():
                return True
        return False

    return [pid for pid, name in names.items() if "chrom" in name and is_below(pid)]


def trained(server: Server, client_cpu: Callable[[], float]) -> dict[str, float]:
    """Run the training to its end; its seconds, and seconds of CPU up to the last half second."""
    started = time.perf_counter(), time.process_time(), client_cpu()
    last = started
    server.session.control("finish")
    while (model := server.model) is None:
        assert server.session.run.error is None, server.session.run.error
        time.sleep(0.05)
        if time.perf_counter() - last[0] > 0.5 and server.model is None:
            last = time.perf_counter(), time.process_time(), client_cpu()
    elapsed = max(last[0] - started[0], 1e-9)
    return {
        "seconds": float(model.history.seconds),
        "own CPU, % of a core": 100 * (last[1] - started[1]) / elapsed,
        "client CPU, % of a core": 100 * (last[2] - started[2]) / elapsed,
    }


def epochs_for(make: Make, seconds: float) -> int:
    """About how many epochs take so many seconds."""
    probe = 20
    with served(make(probe)) as server:
        taken = trained(server, lambda: 0.0)["seconds"]
    return max(int(probe * seconds / taken), 1)


def slowdown(browser: Any, make: Make, seconds: float, repeats: int) -> dict[str, Any]:
    """Seconds of the same training for each kind of client, in turns."""
    clients: dict[str, Callable[[str], Any]] = {
        "closed": nobody,
        "reader": reader,
        "Chromium": lambda url: chromium(browser, url),
    }
    epochs = epochs_for(make, seconds)
    found: dict[str, list[dict[str, float]]] = {name: [] for name in clients}
    for _ in range(repeats):
        for name, client in clients.items():
            with served(make(epochs)) as server, client(server.url) as client_cpu:
                found[name].append(trained(server, client_cpu))
    medians = {
        name: {key: statistics.median(turn[key] for turn in turns) for key in turns[0]}
        for name, turns in found.items()
    }
    closed = medians["closed"]["seconds"]
    return {
        "epochs": epochs,
        **{
            name: {
                **{key: round(value, 2) for key, value in own.items()},
                "slowdown %": round(100 * (own["seconds"] / closed - 1), 1),
                "all seconds": [round(turn["seconds"], 2) for turn in found[name]],
            }
            for name, own in medians.items()
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0, help="that a training takes, about")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="of the engine")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--read", metavar="URL", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        read(options.read)
        return
    networks: dict[str, Make] = {
        "784-512-256-10": lambda epochs: image_source(1000, epochs),
        "12-64-32-1": lambda epochs: tabular_source(5000, epochs),
    }
    found: dict[str, Any] = {"processors": os.cpu_count()}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--headless", "--no-sandbox"])
        for threads in options.threads:
            os.environ["GLASSNET_THREADS"] = str(threads)
            for name, make in networks.items():
                title = f"{name}, threads of the engine: {threads}"
                found[title] = slowdown(browser, make, options.seconds, options.repeats)
                print(title, json.dumps(found[title], indent=2), flush=True)
        browser.close()
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
