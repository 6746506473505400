"""What applies to the whole suite: the last lines say when the native engine was not tested, and why."""

import pytest

from glassnet import engines


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reason = engines.unavailable().get("native")
    if reason is not None:
        skipped = len(terminalreporter.stats.get("skipped", []))
        terminalreporter.write_line(
            f"The native engine was not tested ({skipped} tests or files skipped): {reason}", yellow=True
        )
