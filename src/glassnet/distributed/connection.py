"""``start``: connect this process with those that train with it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from glassnet.distributed.places import Place, find_place
from glassnet.errors import SettingsError, to_install

HEARTBEAT = 20  # seconds; a process that was killed or frozen is then noticed within 30

_place: Place | None = None


def start(
    address: str | None = None,
    processes: int | None = None,
    rank: int | None = None,
    *,
    local_devices: int | list[int] | None = None,
    heartbeat: int = HEARTBEAT,
    timeout: int = 300,
) -> Place:
    """Connect this process with the others, which call this as well, before JAX is used in any other way.

    What is not passed comes from the variables of the launcher: Slurm, Open MPI, MPICH, Kubernetes (an indexed job),
    or ``RANK``, ``WORLD_SIZE``, ``MASTER_ADDR`` and ``MASTER_PORT`` as torchrun sets them. From then on,
    ``glassnet.train`` with ``engine="jax"`` or ``"auto"`` trains one model in all processes. On CPUs they exchange
    numbers by gloo.

    If a process is lost while the others train, each of them says which one, and ends with exit code 75.

    Args:
        address: the host and the port of process 0, such as ``"10.0.0.1:1234"``; the port must be free there.
        processes: their number; 1 for a process that trains alone, whatever a launcher says.
        rank: the number of this one, from 0.
        local_devices: the numbers of the GPUs of this machine that this process uses; by default all, or one for each
            process where the launcher numbers those of a machine.
        heartbeat: the seconds after which a process that gives no sign of life counts as lost.
        timeout: the seconds in which all processes must have called this.

    Returns:
        the place of this process.

    Raises:
        SettingsError: there is no launcher and an argument is missing; the processes are not as many as the launcher
            says; or another number of them is connected already.
        ImportError: JAX is not installed; the message names the extra.
        RuntimeError: from JAX: the others did not call this in time, or JAX was used before.
    """
    global _place
    found = None if None not in (address, processes, rank) or processes == 1 else find_place()
    place = _whole(address, processes, rank, found)
    if place.processes == 1:
        _place = place
        return place
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # no warnings of XLA's about what is set here
    try:
        import jax
    except ImportError as error:
        raise ImportError(f"several processes train with JAX; install it: {to_install('jax')}.") from error
    with _without_output():
        if not jax.distributed.is_initialized():
            _connect(place, local_devices, heartbeat, timeout)
        check_count(place)
        _place = place
        from glassnet.distributed.peers import Peers, watch

        watch(Peers.of_all(heartbeat))
    return place


def _connect(place: Place, local_devices: int | list[int] | None, heartbeat: int, timeout: int) -> None:
    import jax

    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    jax.config.update("jax_enable_recoverability", True)  # else the loss of one ends all without a message
    by_jax = place.address is None
    if local_devices is None and place.local_rank is not None and not by_jax:
        local_devices = [place.local_rank]  # as JAX does with Slurm
    jax.distributed.initialize(
        place.address,
        None if by_jax else place.processes,
        None if by_jax else place.rank,
        local_device_ids=local_devices,
        cluster_detection_method="slurm" if by_jax else "deactivate",
        initialization_timeout=timeout,
        heartbeat_timeout_seconds=heartbeat,
    )


@contextmanager
def _without_output() -> Iterator[None]:
    """Within, nothing is written to standard output: gloo reports its connections there."""
    sys.stdout.flush()
    kept, nothing = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nothing)


def started() -> Place | None:
    """What :func:`start` returned, if it was called."""
    return _place


def check_count(place: Place) -> None:
    """Refuse to train where JAX connects another number of processes than there are.

    Raises:
        SettingsError: with both numbers.
    """
    jax = sys.modules.get("jax")
    count = jax.process_count() if jax is not None and jax.distributed.is_initialized() else 1
    if count != place.processes:
        raise SettingsError(
            f"{place.launcher} started {place.processes} processes, but JAX connects {count}: each would train a "
            "model of its own. Call glassnet.distributed.start() at the beginning of the script, before JAX is used "
            "(with processes=1 for a process that is to train alone)."
        )


def _whole(address: str | None, processes: int | None, rank: int | None, found: Place | None) -> Place:
    """The place, of what was passed and what was found."""
    if processes == 1:
        return Place("start", address, 1, 0)
    if found is not None and processes is not None and processes != found.processes:
        raise SettingsError(
            f"processes is {processes}, but {found.launcher} started {found.processes}; leave it out, or pass "
            "address and rank as well."
        )
    processes = found.processes if found and processes is None else processes
    rank = found.rank if found and rank is None else rank
    address = found.address if found and address is None else address
    needed: dict[str, int | str | None] = {"processes": processes, "rank": rank}
    if found is None or found.launcher != "Slurm":
        needed["address"] = address
    missing = [name for name, value in needed.items() if value is None]
    if missing:
        launcher = "no launcher was found" if found is None else f"{found.launcher} does not tell"
        raise SettingsError(
            f"{', '.join(missing)} of the processes: {launcher}. Pass the address of process 0, such as "
            "'10.0.0.1:1234', the number of processes and the rank, or start the script by srun, mpirun or torchrun."
        )
    assert processes is not None
    assert rank is not None
    if processes < 1 or not 0 <= rank < processes:
        raise SettingsError(f"rank is {rank} of {processes} processes, but must be 0 to {processes - 1}.")
    launcher = "start" if found is None else found.launcher
    return Place(launcher, address, processes, rank, None if found is None else found.local_rank)
