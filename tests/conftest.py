"""What applies to the whole suite: Ctrl-C, a note when the native engine was not tested, and what coverage counts."""

import signal
from pathlib import Path

import pytest

from glassnet import engines

if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):  # as in a background job of a shell, and then in its children
    signal.signal(signal.SIGINT, signal.default_int_handler)

MEASURED = ("net", "engines", "training", "tables")  # packages whose own tests count for the coverage


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    folders = [Path(__file__).parent / package for package in MEASURED]
    for item in items:
        if not any(item.path.is_relative_to(folder) for folder in folders):
            item.add_marker("no_cover")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reason = engines.unavailable("native").get("native")
    if reason is not None:
        skipped = len(terminalreporter.stats.get("skipped", []))
        terminalreporter.write_line(
            f"The native engine was not tested ({skipped} tests or files skipped): {reason}", yellow=True
        )
