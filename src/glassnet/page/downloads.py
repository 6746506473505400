"""What can be taken away from a live page: the script, the model file, the report."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from glassnet.page.live_run import LiveRun, train_arguments

_HEAD = '''"""Makes the model that was trained on the page again, to the bit."""

import glassnet
'''


def script(run: LiveRun) -> bytes:
    """A Python script that makes the same model again."""
    source = run.source
    given = train_arguments(source, run.settings)
    lines = [_HEAD]
    if "init" in given:
        lines[0] += "from glassnet.lessons.worked_example import start\n"
    lines += [source.code, "", "model = glassnet.train(", "    table,", f"    {source.target!r},"]
    for name, value in given.items():
        text = "[tuple(layer) for layer in start()]" if name == "init" else repr(value)
        lines.append(f"    {name}={text},")
    if source.column_types:
        lines.append(f"    column_types={dict(source.column_types)!r},")
    epochs = run.model.history.epochs
    if run.token.stopped:
        lines = [line.replace(f"epochs={given['epochs']},", f"epochs={epochs},") for line in lines]
    lines += [")", "print(model)", ""]
    return "\n".join(lines).encode()


def model_file(run: LiveRun) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.glassnet"
        run.model.save(path)
        return path.read_bytes()


def report(run: LiveRun) -> bytes:
    from glassnet.page.report import report_html

    return report_html(run.model, run.source.table).encode()


Make = Callable[[LiveRun], bytes]

FILES: dict[str, tuple[str, str, Make]] = {
    "script": ("train.py", "text/x-python", script),
    "model": ("model.glassnet", "application/octet-stream", model_file),
    "report": ("report.html", "text/html", report),
}
