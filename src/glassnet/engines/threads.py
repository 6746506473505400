"""How many threads the engines use in this process.

Workers of joblib's loky, of Dask and of Ray share the machine with others: each of these libraries tells its workers by
the environment variable ``OMP_NUM_THREADS`` how many threads are theirs.
"""

from __future__ import annotations

import os

from glassnet.errors import SettingsError

try:
    from glassnet.engines._native import processors as processors
except ImportError:  # without the native core

    def processors() -> int:
        affinity = getattr(os, "sched_getaffinity", None)
        return len(affinity(0)) if affinity else os.cpu_count() or 1


def most_threads() -> int:
    """The number of threads that compute at once in this process, if no setting says otherwise.

    That is ``GLASSNET_THREADS``. Without this environment variable, it is the number of processors that the process may
    use, by its affinity and the quota of its control group, or ``OMP_NUM_THREADS`` if that is smaller.

    Raises:
        SettingsError: ``GLASSNET_THREADS`` is not a number of threads.
    """
    requested = os.environ.get("GLASSNET_THREADS")
    if requested:
        threads = _integer(requested)
        if threads < 1:
            raise SettingsError(f"GLASSNET_THREADS is {requested!r}, but must be an integer, at least 1.")
        return threads
    # OpenMP takes a list, with an entry for each level of nesting; it ignores what is not a number of threads
    limit = _integer(os.environ.get("OMP_NUM_THREADS", "").partition(",")[0])
    return min(processors(), limit) if limit >= 1 else processors()


def _integer(text: str) -> int:
    """The integer that ``text`` spells; 0 if it does not."""
    try:
        return int(text)
    except ValueError:
        return 0
