"""The place of a process, as each launcher says it."""

from __future__ import annotations

import pytest

from glassnet.distributed import Place, find_place, start
from glassnet.errors import SettingsError

LAUNCHERS = {
    "torchrun": (
        {"RANK": "1", "WORLD_SIZE": "4", "MASTER_ADDR": "n1", "MASTER_PORT": "29500", "LOCAL_RANK": "1"},
        ("n1:29500", 4, 1, 1),
    ),
    "torchrun's own port is taken": (
        {"RANK": "0", "WORLD_SIZE": "2", "MASTER_ADDR": "n1", "MASTER_PORT": "5", "TORCHELASTIC_RUN_ID": "x"},
        ("n1:6", 2, 0, None),
    ),
    "Slurm": (
        {"SLURM_JOB_ID": "7", "SLURM_PROCID": "3", "SLURM_STEP_NUM_TASKS": "8", "SLURM_LOCALID": "1"},
        (None, 8, 3, 1),
    ),
    "Kubernetes": (
        {"JOB_COMPLETION_INDEX": "2", "WORLD_SIZE": "3", "MASTER_ADDR": "job-0.svc", "MASTER_PORT": "1234"},
        ("job-0.svc:1234", 3, 2, None),
    ),
    "another host of MPICH": ({"PMI_RANK": "1", "PMI_SIZE": "2", "MPI_LOCALNRANKS": "1"}, (None, 2, 1, None)),
}


@pytest.mark.parametrize("name", LAUNCHERS)
def test_the_variables_of_launchers(name: str) -> None:
    variables, (address, processes, rank, local) = LAUNCHERS[name]
    found = find_place(variables)
    assert found is not None
    assert (found.address, found.processes, found.rank, found.local_rank) == (address, processes, rank, local)


@pytest.mark.parametrize(
    ("more", "host"),
    [
        ({"PMIX_NAMESPACE": "prterun-big-node-4711@1", "OMPI_COMM_WORLD_LOCAL_SIZE": "1"}, "big-node"),
        ({"PMIX_NAMESPACE": "prterun-node-4711@1", "OMPI_COMM_WORLD_LOCAL_SIZE": "2"}, "127.0.0.1"),
        ({"OMPI_MCA_orte_hnp_uri": "15.0;tcp://10.96.0.1,10.148.0.1:34911"}, "10.96.0.1"),
    ],
)
def test_open_mpi_of_both_generations(more: dict[str, str], host: str) -> None:
    """All processes of a job get the same port, and those of another job another one."""
    ranks = [
        find_place({"OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": str(rank), **more})
        for rank in (0, 1)
    ]
    assert [own.rank for own in ranks if own] == [0, 1]
    (address,) = {own.address for own in ranks if own}
    assert address is not None
    assert address.partition(":")[0] == host
    if "PMIX_NAMESPACE" in more:
        other = {**more, "PMIX_NAMESPACE": more["PMIX_NAMESPACE"].replace("4711", "4712")}
        found = find_place({"OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "0", **other})
        assert found is not None
        assert found.address != address


def test_without_a_launcher_there_is_no_place() -> None:
    assert find_place({}) is None


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"RANK": "2", "WORLD_SIZE": "2"}, "process 2 of 2"),
        ({"RANK": "one", "WORLD_SIZE": "2"}, "not a number"),
    ],
)
def test_variables_that_cannot_be_are_refused(variables: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        find_place(variables)


def test_what_is_missing_or_contradicts_the_launcher_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "RANK",
        "WORLD_SIZE",
        "OMPI_COMM_WORLD_SIZE",
        "PMI_RANK",
        "SLURM_JOB_ID",
        "JOB_COMPLETION_INDEX",
    ):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(
        SettingsError, match="processes, rank, address of the processes: no launcher was found"
    ):
        start()
    with pytest.raises(SettingsError, match="rank, address of"):
        start(processes=2)
    with pytest.raises(SettingsError, match="rank is 2 of 2 processes"):
        start("127.0.0.1:1", 2, 2)
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(SettingsError, match="processes is 3, but"):
        start(processes=3)
    with pytest.raises(SettingsError, match="address of the processes"):
        start()


def test_a_process_may_train_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setattr("glassnet.distributed.connection._place", None)
    assert start(processes=1) == Place("start", None, 1, 0)
