"""Which process of how many this one is: from the variables that launchers set."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from zlib import crc32

from glassnet.errors import SettingsError

LOCAL = "127.0.0.1"
LOST = 75  # the exit code of a process without the others: EX_TEMPFAIL of sysexits.h, try again
PARENT = "GLASSNET_PARENT"  # a process ends when the one of this number does
FIRST_PORT, PORTS = 61440, 4096  # as JAX chooses them where the launcher names none


@dataclass(frozen=True)
class Place:
    """The place of a process among those that train together.

    Attributes:
        launcher: who started the processes.
        address: the host and the port of process 0; ``None`` if the launcher does not say, or if JAX finds it.
        processes: their number.
        rank: the number of this one, from 0.
        local_rank: its number among those on this machine; ``None`` if it is not known.
    """

    launcher: str
    address: str | None
    processes: int
    rank: int
    local_rank: int | None = None


def find_place(variables: Mapping[str, str] | None = None) -> Place | None:
    """The place of this process, from the variables of torchrun, Slurm, Open MPI, MPICH or Kubernetes.

    Args:
        variables: by default those of the environment.

    Returns:
        ``None`` if there is no launcher.

    Raises:
        SettingsError: the variables contradict each other, or are no numbers.
    """
    given = os.environ if variables is None else variables
    for own in (_torchrun, _open_mpi, _slurm, _mpich, _kubernetes):
        try:
            place = own(given)
        except ValueError as error:
            raise SettingsError(f"a variable of the launcher is not a number: {error}.") from None
        if place is None:
            continue
        if not 0 <= place.rank < place.processes:
            raise SettingsError(
                f"{place.launcher} says that this is process {place.rank} of {place.processes}, but they count from "
                f"0 to {place.processes - 1}. Repair its variables, or pass address, processes and rank."
            )
        return place
    return None


def _number(variables: Mapping[str, str], name: str) -> int | None:
    return int(variables[name]) if name in variables else None


def _torchrun(variables: Mapping[str, str]) -> Place | None:
    if not {"RANK", "WORLD_SIZE"} <= set(variables):
        return None
    host, port = variables.get("MASTER_ADDR"), int(variables.get("MASTER_PORT", FIRST_PORT))
    port += "TORCHELASTIC_RUN_ID" in variables  # torchrun itself listens at the port that it names
    address = None if host is None else f"{host}:{port}"
    rank, size = int(variables["RANK"]), int(variables["WORLD_SIZE"])
    return Place("the variables RANK and WORLD_SIZE", address, size, rank, _number(variables, "LOCAL_RANK"))


def _open_mpi(variables: Mapping[str, str]) -> Place | None:
    size = _number(variables, "OMPI_COMM_WORLD_SIZE")
    if size is None:
        return None
    job = variables.get("PMIX_NAMESPACE", variables.get("OMPI_MCA_ess_base_jobid", ""))
    host = None
    if _number(variables, "OMPI_COMM_WORLD_LOCAL_SIZE") == size:
        host = LOCAL
    elif "OMPI_MCA_orte_hnp_uri" in variables:  # Open MPI 4: 1531576320.0;tcp://10.96.0.1,10.148.0.1:34911
        host = variables["OMPI_MCA_orte_hnp_uri"].partition("://")[2].partition(":")[0].partition(",")[0]
    elif job.startswith("prterun-"):  # Open MPI 5: prterun-HOST-PID@1, of the host of mpirun
        host = job.removeprefix("prterun-").rpartition("-")[0]
    address = f"{host}:{_port(job or str(os.getppid()))}" if host else None
    rank = int(variables["OMPI_COMM_WORLD_RANK"])
    return Place("Open MPI", address, size, rank, _number(variables, "OMPI_COMM_WORLD_LOCAL_RANK"))


def _slurm(variables: Mapping[str, str]) -> Place | None:
    if not {"SLURM_JOB_ID", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS"} <= set(variables):
        return None
    local = _number(variables, "SLURM_LOCALID")
    return Place("Slurm", None, int(variables["SLURM_STEP_NUM_TASKS"]), int(variables["SLURM_PROCID"]), local)


def _mpich(variables: Mapping[str, str]) -> Place | None:
    """MPICH and Intel MPI."""
    if not {"PMI_RANK", "PMI_SIZE"} <= set(variables):
        return None
    size = int(variables["PMI_SIZE"])
    alone = _number(variables, "MPI_LOCALNRANKS") == size
    address = f"{LOCAL}:{_port(str(os.getppid()))}" if alone else None
    return Place("MPICH", address, size, int(variables["PMI_RANK"]), _number(variables, "MPI_LOCALRANKID"))


def _kubernetes(variables: Mapping[str, str]) -> Place | None:
    """An indexed job whose pods have a subdomain; the number of processes is in WORLD_SIZE."""
    rank, size = _number(variables, "JOB_COMPLETION_INDEX"), _number(variables, "WORLD_SIZE")
    if rank is None or size is None:
        return None
    host = variables.get("MASTER_ADDR")
    if host is None:
        name, _, domain = socket.getfqdn().partition(".")
        first = name.rpartition("-")[0] + "-0"
        host = f"{first}.{domain}" if domain else first
    return Place("Kubernetes", f"{host}:{variables.get('MASTER_PORT', FIRST_PORT)}", size, rank)


def _port(job: str) -> int:
    """The same one in all processes of a job."""
    return FIRST_PORT + crc32(job.encode()) % PORTS
