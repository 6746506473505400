"""The JAX engine: the formulas of :mod:`glassnet.net`, compiled by XLA for the CPU or for a GPU.

JAX is imported when this engine is asked for, not before.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from glassnet.engines.checks import check_network, check_run, missing_records, raise_if_missing
from glassnet.engines.inputs import rows_of
from glassnet.engines.protocol import Engine, Predictor, Unavailable
from glassnet.errors import InputError, to_install
from glassnet.net import Network, Objective, Optimizer, Parameters
from glassnet.net.arrays import Array
from glassnet.net.optimizers import Adam, GradientDescent

if TYPE_CHECKING:
    from glassnet.engines.jax_run import JaxRun

# The least multiply-adds of the forward pass of a step for which "auto" takes JAX on a GPU; untested on a GPU. On a CPU
# larger steps take less than twice the time of the native engine's, and smaller ones up to seven times: docs/scale.md.
LEAST_PRODUCTS = 10_000_000


class JaxEngine:
    """XLA, through JAX: on a GPU if JAX sees one."""

    name = "jax"

    def describe(self) -> dict[str, str]:
        import jax

        device = jax.devices()[0]
        count, processes = jax.device_count(), jax.process_count()
        together = f"{count} × " if count > 1 else ""
        together += f"in {processes} processes, " if processes > 1 else ""
        return {
            "engine": self.name,
            "arithmetic": f"XLA, by JAX {jax.__version__}",
            "device": f"{together}{device.platform} ({device.device_kind})",
            "threads": "XLA's own",
        }

    def supports(
        self,
        network: Network,
        objective: Objective | None = None,
        optimizer: Optimizer | None = None,
        dtype: npt.DTypeLike = np.float32,
        sparse: bool = False,
    ) -> str | None:
        missing = missing_records(network, objective or Objective(), optimizer or Adam(), dtype)
        missing += ["sparse inputs"] if sparse else []
        return f"the JAX engine does not have {', '.join(missing)}" if missing else None

    def open_run(
        self,
        network: Network,
        parameters: Parameters,
        objective: Objective | None = None,
        optimizer: Optimizer | None = None,
        *,
        dropout_seed: int = 0,
        threads: int | None = None,
    ) -> JaxRun:
        check_run(network, parameters, objective, optimizer, dropout_seed, threads)
        objective, optimizer = objective or Objective(), optimizer or Adam()
        if not objective.loss.accepts(network.output.activation):
            raise InputError(objective.loss.refusal(network.output.activation))
        raise_if_missing(self.supports(network, objective, optimizer, parameters.dtype))
        from glassnet.engines import jax_group

        return self._run(jax_group.group(), network, parameters, objective, optimizer, int(dropout_seed))

    def _run(self, group: Any, network: Network, parameters: Parameters, *more: Any) -> JaxRun:
        """A run on the devices of ``group``."""
        from glassnet.engines.jax_learner import open_learner
        from glassnet.engines.jax_run import JaxRun

        objective, optimizer, dropout_seed = more
        learner = open_learner(group, network, objective, optimizer, parameters.dtype.name, dropout_seed)
        return JaxRun(learner, network, parameters, optimizer.moment_count)

    def predictor(self, network: Network, parameters: Parameters) -> Predictor:
        check_network(network, parameters)
        raise_if_missing(self.supports(network, dtype=parameters.dtype))
        run = self._run(None, network, parameters, Objective(), GradientDescent(), 0)
        dtype = parameters.dtype

        def predict(inputs: npt.ArrayLike) -> Array:
            rows = rows_of(inputs, network.inputs, dtype)
            return run.predict(np.atleast_2d(rows)).reshape(*rows.shape[:-1], network.outputs)

        return predict


def engine() -> Engine | Unavailable:
    """The JAX engine, or why it cannot be used here. Imports and starts JAX."""
    if find_spec("jax") is None:
        return Unavailable(JaxEngine.name, f"JAX is not installed; install it: {to_install('jax')}.")
    platform = _platform()
    return platform if isinstance(platform, Unavailable) else JaxEngine()


def has_gpu() -> bool:
    """Whether JAX computes on a GPU here. JAX is imported only where its support of some accelerator is installed."""
    if find_spec("jax") is None or find_spec("jax_plugins") is None:
        return False
    return _platform() == "gpu"


def _platform() -> str | Unavailable:
    """The kind of device that JAX computes on, or why it does not start."""
    try:
        import jax

        return str(jax.default_backend())
    except Exception as error:  # of any kind: JAX passes on what its plugins raise
        cause = f"{type(error).__name__}: {error}".removesuffix(": ").rstrip(".")
        chosen = os.environ.get("JAX_PLATFORMS")
        advice = f"JAX_PLATFORMS is {chosen!r}; unset it" if chosen else "repair its installation"
        return Unavailable(JaxEngine.name, f"JAX does not start ({cause}); {advice}.")
