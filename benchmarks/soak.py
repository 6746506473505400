"""A server under a mix of requests for a long time: its memory, open files and threads must not grow.

    python benchmarks/soak.py [--minutes 60] [--every 60] [--port 8811] [--json FILE]

``glassnet serve`` serves one of two models of the bundled penguins; the file is replaced by the other one every few
seconds. Clients send, at the same time and without a pause: single rows, among them rows with words that the server has
never got and heads that differ each time; many rows in JSON and in Arrow; intervals, explanations and requests of the
V2 protocol; requests that are wrong; and there are clients who send slowly, stop amid a request, vanish before the
answer, or do not read it. Each answer is compared with those of the two models. A line is printed for each interval; in
the end there is the growth from the first tenth to the last, and what is open when all clients are gone. The exit code
is 1 if an answer was wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
from side_by_side import save, table

ARROW = "application/vnd.apache.arrow.stream"
SECONDS = 2.0  # that the server gives clients
SWAP_SECONDS = 5.0
SHOWN = 5  # wrong answers, and errors in the log
Row = dict[str, Any]
Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter


def as_arrow(rows: list[Row]) -> bytes:
    content, sink = pa.Table.from_pylist(rows), pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, content.schema) as writer:
        writer.write_table(content)
    found: bytes = sink.getvalue().to_pybytes()
    return found


def request(path: str, body: bytes = b"", method: str = "POST", **headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "host: localhost", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def answer(reader: Reader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return int(head.split()[1]), await reader.readexactly(length)


def predictions(model: Any, rows: list[Row]) -> Iterator[dict[str, Any]]:
    """What the server must answer for each row."""
    names, shares = [*map(str, model.classes)], model.predict_proba(rows).tolist()
    for label, own in zip(model.predict(rows).tolist(), shares, strict=True):
        yield {"prediction": label, "probabilities": dict(zip(names, own, strict=True))}


class Soak:
    """The clients, and how many answers of which kind there were."""

    def __init__(self, port: int, rows: list[Row], models: list[Any], path: Path) -> None:
        self.port, self.rows, self.models, self.path = port, rows, models, path
        self.draw = random.Random(1)
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.running = True
        self.expected = [list(predictions(model, rows)) for model in models]

    def check(self, kind: str, right: bool, found: object) -> None:
        self.counts[kind] += 1
        if not right:
            self.wrong.append(f"{kind}: {found!r:.500}")
            if len(self.wrong) <= SHOWN:
                print(f"  wrong: {self.wrong[-1]}", flush=True)

    async def connected(self, client: Callable[[Reader, Writer], Awaitable[None]]) -> None:
        """A client that connects again whenever its connection ends."""
        while self.running:
            with suppress(OSError, EOFError, asyncio.IncompleteReadError):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                try:
                    while self.running and self.draw.random() < 0.999:
                        await client(reader, writer)
                        await writer.drain()
                finally:
                    writer.close()

    async def ask(self, reader: Reader, writer: Writer, sent: bytes) -> tuple[int, Any]:
        writer.write(sent)
        status, body = await answer(reader)
        return status, json.loads(body) if body[:1] in b"{[" else body

    # -- clients that do what they should

    async def one(self, reader: Reader, writer: Writer) -> None:
        at = self.draw.randrange(len(self.rows))
        status, found = await self.ask(
            reader, writer, request("/predict", json.dumps(self.rows[at]).encode())
        )
        self.check(f"one row {status}", status == 503 or found in [own[at] for own in self.expected], found)

    async def new_words(self, reader: Reader, writer: Writer) -> None:
        """Words and heads that the server has never got."""
        row = self.draw.choice(self.rows) | {
            "island": f"island {self.draw.random()}",
            str(self.draw.random()): 1,
        }
        sent = request("/predict", json.dumps(row).encode(), x_request_id=str(self.draw.random()))
        status, found = await self.ask(reader, writer, sent)
        self.check(
            f"new words {status}", status == 503 or (status == 200 and len(found["notes"]) == 2), found
        )

    async def many(self, reader: Reader, writer: Writer) -> None:
        first = self.draw.randrange(len(self.rows) - 100)
        sent = request("/predict", json.dumps(self.rows[first : first + 100]).encode())
        status, found = await self.ask(reader, writer, sent)
        expected = [[one["prediction"] for one in own[first : first + 100]] for own in self.expected]
        self.check(f"100 rows {status}", status == 503 or found["predictions"] in expected, found)

    async def arrow(self, reader: Reader, writer: Writer) -> None:
        first = self.draw.randrange(len(self.rows) - 50)
        writer.write(request("/predict", as_arrow(self.rows[first : first + 50]), content_type=ARROW))
        status, body = await answer(reader)
        found = pa.ipc.open_stream(body).read_all()["species"].to_pylist() if status == 200 else body
        expected = [[one["prediction"] for one in own[first : first + 50]] for own in self.expected]
        self.check(f"Arrow {status}", status == 503 or found in expected, found)

    async def others(self, reader: Reader, writer: Writer) -> None:
        row = self.draw.choice(self.rows)
        body, columns = json.dumps(row).encode(), [
            {"name": name, "shape": [1], "datatype": "BYTES", "data": [str(own)]} for name, own in row.items()
        ]  # fmt: skip
        sent = self.draw.choice([
            request("/predict?interval=0.8", body), request("/explain", body),
            request("/explain?what=arithmetic", body),
            request("/v2/models/soak/infer", json.dumps({"inputs": columns}).encode()),
            request("/metrics", method="GET"), request("/openapi.json", method="GET"), request("/models", method="GET"),
        ])  # fmt: skip
        status, found = await self.ask(reader, writer, sent)
        self.check(f"others {status}", status in (200, 503), found)

    async def wrong_requests(self, reader: Reader, writer: Writer) -> None:
        body = json.dumps(self.draw.choice(self.rows)).encode()
        at = self.draw.randrange(len(body))
        allowed, sent = self.draw.choice([
            ((400,), request("/predict", body[:at])),
            ((200, 400, 422), request("/predict", body[:at] + bytes([self.draw.randrange(256)]) + body[at + 1 :])),
            ((422,), request("/predict", b'{"island": 1}')),
            ((422,), request("/predict", body.replace(b'"year": 200', b'"year": "never", "x": 200'))),
            ((400, 422), request("/predict", as_arrow(self.rows[:9])[:300], content_type=ARROW)),
            ((404,), request(f"/{self.draw.random()}", body)),
            ((413,), request("/predict", b"[" + b"1," * 40_000 + b"1]")),
            ((400,), b"\0\1\2 nothing\r\n\r\n"),
        ])  # fmt: skip
        writer.write(sent)
        status, _ = await answer(reader)
        self.check(f"wrong {status}", status in (*allowed, 503), (sent, status))
        if status in (413,) or sent.startswith(b"\0"):
            raise EOFError  # the server closes the connection

    # -- clients that do not

    async def slow(self, reader: Reader, writer: Writer) -> None:
        """Sends byte by byte, or nothing, until it is cut off."""
        sent = request("/predict", json.dumps(self.rows[0]).encode())
        silent = self.draw.random() < 0.5
        start = time.perf_counter()
        with suppress(OSError):
            for at in range(len(sent) // 2):
                if not silent:
                    writer.write(sent[at : at + 1])
                    await writer.drain()
                with suppress(TimeoutError):
                    if await asyncio.wait_for(reader.read(1), 0.1) == b"":
                        break
        took = time.perf_counter() - start
        self.check("slow, cut off", took < 3 * SECONDS + 2, f"{took:.1f} s")
        raise EOFError

    async def vanishing(self, reader: Reader, writer: Writer) -> None:
        """Is gone before the answer."""
        writer.write(request("/predict", json.dumps(self.rows[: self.draw.choice([1, 200])]).encode()))
        await asyncio.sleep(self.draw.random() / 100)
        self.counts["vanished"] += 1
        writer.transport.abort()
        raise EOFError

    async def unread(self, reader: Reader, writer: Writer) -> None:
        """Sends requests and reads no answer, until it is cut off."""
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        sent = request("/predict", json.dumps(self.rows[0]).encode()) * 100
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(30):
                for _ in range(5000):
                    writer.write(sent)
                    await writer.drain()
        self.counts["unread, cut off"] += 1
        writer.transport.abort()
        raise EOFError

    async def swap(self) -> None:
        at = 0
        while self.running:
            await asyncio.sleep(SWAP_SECONDS)
            at += 1
            await asyncio.to_thread(self.models[at % 2].save, self.path)
            self.counts["models replaced"] += 1

    async def run(self, server: psutil.Process, seconds: float, every: float) -> list[dict[str, Any]]:
        clients = [self.one] * 6 + [self.new_words, self.many, self.arrow, self.others, self.wrong_requests]
        clients += [self.slow] * 5 + [self.vanishing, self.unread]
        tasks = [asyncio.create_task(self.connected(client)) for client in clients]
        tasks.append(asyncio.create_task(self.swap()))
        samples, start = list[dict[str, Any]](), time.perf_counter()
        print("  seconds      MB  files  threads  requests  wrong")
        while time.perf_counter() - start < seconds:
            await asyncio.sleep(min(every, seconds))
            samples.append(self.sample(server, time.perf_counter() - start))
        self.running = False
        _, pending = await asyncio.wait(tasks, timeout=10)
        for task in pending:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(2 * SECONDS)
        samples.append(self.sample(server, time.perf_counter() - start))
        return samples

    def sample(self, server: psutil.Process, seconds: float) -> dict[str, Any]:
        found = {
            "seconds": round(seconds),
            "MB": server.memory_info().rss / 1e6,
            "files": server.num_fds(),
            "threads": server.num_threads(),
            "requests": sum(self.counts.values()),
            "wrong": len(self.wrong),
        }
        print(
            "{seconds:9} {MB:7.1f} {files:6} {threads:8} {requests:9} {wrong:6}".format(**found), flush=True
        )
        return found


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--every", type=float, default=60.0, help="seconds between lines")
    parser.add_argument("--port", type=int, default=8811)
    parser.add_argument("--json", type=Path, help="file for all results")
    options = parser.parse_args()

    import glassnet
    from glassnet.tables import penguins_path, read_table

    read = read_table(penguins_path()).to_arrow().to_pylist()
    rows = [row for row in read if None not in row.values()]
    for row in rows:
        del row["species"]
    models = [
        glassnet.train(penguins_path(), "species", epochs=10, seed=seed, progress=False) for seed in (1, 2)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "soak.glassnet"
        models[0].save(path)
        command = [sys.executable, "-m", "glassnet", "serve", str(path), "--port", str(options.port)]
        command += ["--timeout", str(SECONDS), "--max-body", "60000", "--concurrency", "64"]
        log = Path(folder) / "log"
        with open(log, "wb") as stderr:
            server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, env=os.environ)
        try:
            assert server.stdout is not None
            server.stdout.readline()
            soak = Soak(options.port, rows, models, path)
            process = psutil.Process(server.pid)
            soak.sample(process, 0)
            samples = asyncio.run(soak.run(process, options.minutes * 60, options.every))
        finally:
            server.terminate()
            code = server.wait()
        errors = [line for line in log.read_text().splitlines() if "Traceback" in line or "Error" in line]
        return summary(soak, samples, code, errors, options.json)


def summary(
    soak: Soak, samples: list[dict[str, Any]], code: int, errors: list[str], path: Path | None
) -> int:
    table("Answers", ["", "count"], [[name, f"{count:,}"] for name, count in sorted(soak.counts.items())])
    part = max(1, (len(samples) - 1) // 10)
    early, late = samples[:part], samples[-1 - part : -1]
    for what in ("MB", "files", "threads"):
        first, last = (max(own[what] for own in each) for each in (early, late))
        print(f"{what}: {first:.1f} at first, {last:.1f} at the end, {samples[-1][what]:.1f} without clients")
    print(
        f"errors in the log: {len(errors)}; wrong answers: {len(soak.wrong)}; exit code of the server: {code}"
    )
    for text in errors[:SHOWN]:
        print(f"  {text}")
    save({"samples": samples, "counts": soak.counts, "wrong": soak.wrong, "errors": errors}, path)
    return 1 if soak.wrong or errors or code else 0


if __name__ == "__main__":
    sys.exit(main())
