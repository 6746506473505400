"""Running the programs that exports are written for."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence

from glassnet.ship.export.form import ExportFailed, Unavailable

SECONDS = 300.0
SHOWN = 2000  # characters of what a program says of its faults


def output_of(
    command: Sequence[str],
    given: str = "",
    *,
    user: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """What a program writes to standard output when it is ``given`` a text; ``user`` is the account that runs it.

    Raises:
        ExportFailed: it fails, or takes more than five minutes.
    """
    try:
        done = subprocess.run(
            list(command),
            input=given,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=SECONDS,
            user=user,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ExportFailed(f"{command[0]} took more than {SECONDS:.0f} seconds") from None
    if done.returncode:
        raise ExportFailed(f"{command[0]} failed: {(done.stderr or done.stdout).strip()[-SHOWN:]}")
    return done.stdout


def program_named(*names: str) -> str:
    """The path of the first of these programs that is here.

    Raises:
        Unavailable: none is.
    """
    for name in names:
        if found := shutil.which(name):
            return found
    raise Unavailable(f"{' or '.join(names)} is not installed here")
