"""The formulas of :mod:`glassnet.net` in the arithmetic of JAX.

The formulas are written once, for NumPy, and JAX has the same functions under the same names. So these are copies of
the modules of :mod:`glassnet.net` in which ``np`` is :mod:`jax.numpy`: a record that is added there is here as well.
"""

from __future__ import annotations

from dataclasses import fields, replace
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

import jax.numpy as jnp

from glassnet.net import Activation, Loss, Optimizer


def _in_jax(name: str, **functions: Any) -> ModuleType:
    """A copy of the module of that name that computes with JAX, and with ``functions`` in place of imported ones."""
    spec = find_spec(f"glassnet.net.{name}")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    vars(module).update(np=jnp, **functions)
    return module


_activations = _in_jax("activations")
_losses = _in_jax("losses", exponential=_activations.exponential)
_optimizers = _in_jax("optimizers")
dropout_masks = _in_jax("dropout").dropout_masks


def activation_of(record: Activation) -> Activation:
    """The activation, for arrays of JAX."""
    return _activations.ACTIVATIONS[record.name]


def loss_of(record: Loss) -> Loss:
    """The loss with its constant, for arrays of JAX."""
    return replace(_losses.LOSSES[record.name], parameter=record.parameter)


def optimizer_of(rule: Optimizer) -> Optimizer:
    """The optimizer with its constants, for arrays of JAX."""
    constants = {own.name: getattr(rule, own.name) for own in fields(rule)}
    return _optimizers.OPTIMIZERS[rule.name](**constants)
