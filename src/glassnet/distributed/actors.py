"""``on_ray``: the processes as actors of Ray."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any, TypeVar

from glassnet.errors import InputError, to_install

Returned = TypeVar("Returned")

RESTARTS = 3


def on_ray(
    function: Callable[..., Returned],
    *args: Any,
    processes: int,
    cluster: str | None = None,
    cpus: float = 1,
    gpus: float = 0,
    restarts: int = RESTARTS,
    **kwargs: Any,
) -> Returned:
    """Call a function, such as ``glassnet.train``, in several actors of Ray that train together.

    >>> train = glassnet.distributed.on_ray                                            # doctest: +SKIP
    >>> model = train(glassnet.train, "/shared/my.csv", "price", processes=4, engine="jax",
    ...               checkpoint="/shared/my.checkpoint")                              # doctest: +SKIP

    If an actor dies, all are started again; with ``checkpoint``, a file that all hosts can write, training then goes on
    from there. The actors are plain ones: Ray's ``JaxTrainer`` leaves workers without GPUs unconnected, so that each
    would train a model of its own.

    Args:
        function: is called in each process, after :func:`start`; with ``args`` and ``kwargs``.
        processes: the number of actors.
        cluster: the address of Ray, such as ``"ray://head:10001"``; by default the one that is connected already, or
            else one that is started on this machine.
        cpus, gpus: of each actor.
        restarts: how often all are started again at most.

    Returns:
        what the function returns in process 0.

    Raises:
        InputError: ``processes`` is not at least 1.
        ImportError: Ray is not installed; the message names the extra.
        ray.exceptions.RayActorError: an actor died once more than ``restarts`` times.
        ray.exceptions.RayTaskError: what the function raised; it is the error's cause.
    """
    if not isinstance(processes, int) or processes < 1:
        raise InputError(f"processes is {processes!r}, but must be a number above 0.")
    try:
        import ray
    except ImportError as error:
        raise ImportError(f"Ray is not installed; install it: {to_install('ray')}.") from error
    if not ray.is_initialized():
        ray.init(address=cluster, log_to_driver=True)
    actor = ray.remote(num_cpus=cpus, num_gpus=gpus, max_restarts=0)(Process)
    for left in reversed(range(restarts + 1)):
        actors = [actor.remote() for _ in range(processes)]
        try:
            address = ray.get(actors[0].address.remote())
            results = [
                own.call.remote(address, processes, rank, function, args, kwargs)
                for rank, own in enumerate(actors)
            ]
            waiting = list(results)
            while waiting:  # the first that fails ends all
                done, waiting = ray.wait(waiting)
                ray.get(done)
            found: Returned = ray.get(results[0])
        except ray.exceptions.RayActorError:
            if not left:
                raise
        else:
            return found
        finally:
            for own in actors:
                ray.kill(own)
    raise AssertionError("unreachable")


class Process:
    """An actor: one of the processes that train together."""

    def address(self) -> str:
        """The address of this host, with a free port."""
        import ray

        host = str(ray.util.get_node_ip_address())
        with socket.socket() as own:
            own.bind((host, 0))
            return f"{host}:{own.getsockname()[1]}"

    def call(
        self,
        address: str,
        processes: int,
        rank: int,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        """What the function returns in process 0; ``None`` in the others."""
        from glassnet.distributed.connection import start

        start(address, processes, rank)
        result = function(*args, **kwargs)
        return None if rank else result
