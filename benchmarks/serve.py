"""The server against FastAPI with scikit-learn: predictions of one row a second, and what happens beyond the capacity.

    python benchmarks/serve.py [--rounds 5] [--seconds 3] [--connections 32] [--soak 0] [--json FILE]

Both servers predict the species of the bundled penguins from rows in JSON, with a network of the same size: uvicorn
with uvloop and httptools, one process, bound to the first core. A load generator in a process of its own, bound to
the last core, keeps a number of connections busy: each sends its next request when it has the whole answer to the
last one, and compares the answer with the expected one. So the generator takes nothing of the server's core, and a
rate is that of one core; ``generator %`` is how busy the core of the generator was. The servers are loaded in turns.
The rate for each second that the server computed is shown, too: it is that of a core on which no other program runs.

Then the generator keeps ten times as many connections busy as the server has requests at a time: every answer must be
right or a refusal with status 503, and the memory of the server before and after is shown. ``--soak`` loads it for so
many seconds more, with its memory before and after. Last, the server is ended under load: no request may be without an
answer (``lost``).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from side_by_side import present, save, table

HIDDEN = (128, 64)
HEAD = "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
CONCURRENCY = 100  # of the server


def rows() -> list[dict[str, Any]]:
    from glassnet.tables import penguins_path, read_table

    read = read_table(penguins_path()).to_arrow().to_pylist()
    return [
        {name: own for name, own in row.items() if name != "species"}
        for row in read
        if None not in row.values()
    ]


# -- the servers


def fastapi_application() -> Any:
    """A scikit-learn pipeline behind FastAPI, as its documentation shows it, with a checked row."""
    import pandas as pd
    from fastapi import FastAPI
    from pydantic import BaseModel
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    from glassnet.tables import penguins_path

    data = pd.read_csv(penguins_path()).dropna()
    encoder = make_column_transformer(
        (StandardScaler(), make_column_selector(dtype_include="number")),
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
    )
    model = make_pipeline(encoder, MLPClassifier(HIDDEN, max_iter=50, random_state=0))
    model.fit(data.drop(columns="species"), data["species"])

    class Row(BaseModel):
        island: str
        bill_length_mm: float
        bill_depth_mm: float
        flipper_length_mm: float
        body_mass_g: float
        sex: str
        year: int

    application = FastAPI()

    async def predict(row: Row) -> dict[str, Any]:
        shares = model.predict_proba(pd.DataFrame([row.model_dump()]))[0]
        labels = model.classes_.tolist()
        return {
            "prediction": labels[shares.argmax()],
            "probabilities": dict(zip(labels, shares.tolist(), strict=True)),
        }

    predict.__annotations__["row"] = Row
    application.post("/predict")(predict)
    return application


def serve_fastapi(port: int) -> None:
    import warnings

    import uvicorn

    warnings.filterwarnings("ignore")
    uvicorn.run(fastapi_application(), port=port, log_level="warning", access_log=False)


def started(command: list[str], port: int) -> subprocess.Popen[bytes]:
    """A server on the first core, which answers."""
    own = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, "GLASSNET_THREADS": "1"})
    psutil.Process(own.pid).cpu_affinity([0])
    while True:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port)).close()
            return own
        if own.poll() is not None:
            raise SystemExit(f"the server {command} has ended")
        time.sleep(0.1)


# -- the load


class Client(asyncio.Protocol):
    """A connection that is kept busy."""

    def __init__(self, load: Load, number: int) -> None:
        self.load, self.number, self.answer, self.since = load, number, b"", 0.0
        self.silent = True

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.send()

    def send(self) -> None:
        self.number = (self.number + 1) % len(self.load.requests)
        self.since = time.perf_counter()
        self.load.waiting += 1
        self.transport.write(self.load.requests[self.number])

    def data_received(self, data: bytes) -> None:
        self.load.silent -= self.silent
        self.silent = False
        expected = self.load.ends[self.number]
        if (
            not self.answer
            and expected
            and data.startswith(b"HTTP/1.1 200 OK\r\n")
            and data.endswith(expected)
        ):
            self.load.waiting -= 1  # as below, in less time, so that the generator is faster than the server
            self.load.times.append(time.perf_counter() - self.since)
            if self.load.running and b"connection: close" not in data:
                self.send()
            else:
                self.transport.close()
            return
        self.answer += data
        head, separator, body = self.answer.partition(b"\r\n\r\n")
        if not separator or len(body) < int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]):
            return
        self.load.waiting -= 1
        self.load.count(self.number, head, body, time.perf_counter() - self.since)
        self.answer = b""
        if self.load.running and b"connection: close" not in head:
            self.send()
        else:
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self.load.open -= 1


class Load:
    """What the generator sends, and what it counts. Without ``expected`` any answer with status 200 is right."""

    def __init__(self, path: str, bodies: list[str], expected: list[str]) -> None:
        heads = [HEAD.format(path=path, length=len(body)) for body in bodies]
        self.requests = [(head + body).encode() for head, body in zip(heads, bodies, strict=True)]
        self.expected = [body.encode() for body in expected]
        self.ends = [b"\r\n\r\n" + body for body in self.expected] or [b""] * len(bodies)
        self.running, self.waiting, self.open, self.silent = True, 0, 0, 0
        self.reset()

    def reset(self) -> None:
        self.times: list[float] = []
        self.refused = self.wrong = 0

    def count(self, number: int, head: bytes, body: bytes, seconds: float) -> None:
        if head.startswith(b"HTTP/1.1 503") and b"retry-after" in head:
            self.refused += 1
        elif not head.startswith(b"HTTP/1.1 200") or (self.expected and body != self.expected[number]):
            self.wrong += 1
        else:
            self.times.append(seconds)

    async def run(self, port: int, server: int, connections: int, seconds: float) -> dict[str, Any]:
        """The figures of so many seconds, once each connection had an answer; ``server`` is its process."""
        loop, process = asyncio.get_running_loop(), psutil.Process(server)
        for number in range(connections):
            self.open += 1
            self.silent += 1
            await loop.create_connection(lambda at=number: Client(self, at), "127.0.0.1", port)
        end = time.perf_counter() + 30
        while self.silent and time.perf_counter() < end:
            await asyncio.sleep(0.05)
        self.reset()
        print("loaded", flush=True)
        start, used, own = time.perf_counter(), sum(process.cpu_times()[:2]), time.process_time()
        while time.perf_counter() - start < seconds and self.open:
            await asyncio.sleep(0.05)
        took, times = time.perf_counter() - start, sorted(self.times)
        with suppress(psutil.NoSuchProcess):  # as when it was to end
            used = sum(process.cpu_times()[:2]) - used
        found = {"answers": len(times), "rate": len(times) / took, "refused": self.refused, "wrong": self.wrong,
                 "core": used, "generator": (time.process_time() - own) / took}  # fmt: skip
        if times:
            found |= {"p50": times[len(times) // 2], "p99": times[int(len(times) * 0.99)]}
        self.running = False
        end = time.perf_counter() + 5
        while self.open and time.perf_counter() < end:
            await asyncio.sleep(0.05)
        return {**found, "lost": self.waiting}


def generate(given: dict[str, Any]) -> None:
    import uvloop

    load = Load(given["path"], given["bodies"], given["expected"])
    print(
        json.dumps(
            uvloop.run(load.run(given["port"], given["server"], given["connections"], given["seconds"]))
        )
    )


def loaded(
    server: subprocess.Popen[bytes],
    given: dict[str, Any],
    connections: int,
    seconds: float,
    end: bool = False,
) -> dict[str, Any]:
    """The figures of the generator, with the server's use of its core and its memory before and after."""
    process = psutil.Process(server.pid)
    memory = process.memory_info().rss
    generator = subprocess.Popen(
        [sys.executable, __file__, "--generate"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    psutil.Process(generator.pid).cpu_affinity([(os.cpu_count() or 1) - 1])
    assert generator.stdin is not None
    generator.stdin.write(
        json.dumps({**given, "server": server.pid, "connections": connections, "seconds": seconds})
    )
    generator.stdin.close()
    assert generator.stdout is not None
    generator.stdout.readline()  # it has begun to count
    found: dict[str, Any] = {}
    if end:
        time.sleep(seconds / 2)
        start = time.perf_counter()
        server.send_signal(signal.SIGTERM)
        found = {"exit": server.wait(), "exit seconds": time.perf_counter() - start}
    found |= json.loads(generator.stdout.read())
    if not end:
        found |= {"memory before": memory, "memory after": process.memory_info().rss}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--soak", type=float, default=0.0, help="seconds")
    parser.add_argument("--json", type=Path, help="file for all results")
    parser.add_argument("--generate", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--fastapi", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.generate:
        generate(json.load(sys.stdin))
    elif options.fastapi:
        serve_fastapi(options.fastapi)
    else:
        compare(options)


def compare(options: argparse.Namespace) -> None:
    import glassnet
    from glassnet.serve.http import to_json
    from glassnet.serve.served import Served
    from glassnet.tables import penguins_path

    folder = tempfile.TemporaryDirectory()
    path = Path(folder.name) / "penguins.glassnet"
    model = glassnet.train(penguins_path(), "species", hidden=list(HIDDEN), seed=1, progress=False)
    model.save(path)
    bodies = [json.dumps(row) for row in rows()]
    own = Served("penguins", model)
    answers = [to_json(own.predict_row(row)).decode() for row in rows()]
    work = {"path": "/predict", "bodies": bodies}
    command = [
        sys.executable,
        "-m",
        "glassnet",
        "serve",
        str(path),
        "--concurrency",
        str(CONCURRENCY),
        "--port",
        "8801",
    ]
    servers = {"glassnet": started(command, 8801)}
    given = {"glassnet": {**work, "port": 8801, "expected": answers}}
    if present("fastapi") is not None:
        servers["FastAPI"] = started([sys.executable, __file__, "--fastapi", "8802"], 8802)
        given["FastAPI"] = {**work, "port": 8802, "expected": []}
    rounds: dict[str, list[dict[str, Any]]] = {name: [] for name in servers}
    for _ in range(options.rounds):
        for name, server in servers.items():
            rounds[name].append(loaded(server, given[name], options.connections, options.seconds))
    results: dict[str, Any] = {name: summary(each) for name, each in rounds.items()}
    ours = results["glassnet"]["rate"]
    lines = [
        [name, f"{own['rate']:,.0f}", f"{own['core rate']:,.0f}", f"{own['p50'] * 1e3:.2f}", f"{own['p99'] * 1e3:.2f}",
         f"{ours / own['rate']:.1f}", f"{own['wrong']}", f"{100 * own['generator']:.0f}"]
        for name, own in results.items()
    ]  # fmt: skip
    heads = [
        "",
        "rows/s",
        "rows/s of core time",
        "p50 ms",
        "p99 ms",
        "glassnet is times",
        "wrong",
        "generator %",
    ]
    table(f"One row a request, {options.connections} connections", heads, lines)

    server, own_work = servers["glassnet"], given["glassnet"]
    results["overload"] = loaded(server, own_work, 10 * CONCURRENCY, options.seconds)
    overload = results["overload"]
    grown = overload["memory after"] / overload["memory before"] - 1
    print(
        f"\nOverload, {10 * CONCURRENCY} connections: {overload['rate']:,.0f} answers/s, "
        f"{overload['rate'] / ours:.0%} of those above; {overload['refused']:,} requests were refused with 503; "
        f"{overload['wrong']} answers were wrong; the memory grew by {grown:.1%}."
    )
    if options.soak:
        results["soak"] = loaded(server, own_work, options.connections, options.soak)
    results["end"] = loaded(server, own_work, options.connections, options.seconds, end=True)
    for name in [name for name in ("overload", "soak", "end") if name in results]:
        shown = {
            what: round(value, 4) if isinstance(value, float) else value
            for what, value in results[name].items()
        }
        print(f"\n{name}: {shown}")
    for other in servers.values():
        other.terminate()
    save(results, options.json)


def summary(rounds: list[dict[str, Any]]) -> dict[str, float]:
    found = {
        name: statistics.median(own[name] for own in rounds) for name in ("rate", "p50", "p99", "generator")
    }
    found["core rate"] = sum(own["answers"] for own in rounds) / sum(own["core"] for own in rounds)
    found["wrong"] = sum(own["wrong"] for own in rounds)
    return found


if __name__ == "__main__":
    main()
