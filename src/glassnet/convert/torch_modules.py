"""Modules of PyTorch for what its own do not do: the mean of several networks, and answers from outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn


class Mean(nn.Module):
    """The mean of the outputs of several networks."""

    def __init__(self, networks: Sequence[nn.Module]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)

    def forward(self, inputs: Any) -> Any:
        """Outputs (N, O) for inputs (N, I)."""
        return torch.stack([network(inputs) for network in self.networks]).mean(dim=0)


class Units(nn.Module):
    """``outputs * scale + mean``, kept from ``lowest`` to ``highest``: numbers in the units of the targets."""

    def __init__(self, scale: Any, mean: Any, lowest: Any, highest: Any) -> None:
        super().__init__()
        for name, own in (("scale", scale), ("mean", mean), ("lowest", lowest), ("highest", highest)):
            self.register_buffer(name, own)

    def forward(self, outputs: Any) -> Any:
        """Numbers (N, O) for outputs (N, O)."""
        return torch.clamp(outputs * self.scale + self.mean, self.lowest, self.highest)


class Temperature(nn.Module):
    """Probabilities with a temperature T: the softmax of log(p) / T; of one output, those of it and the rest."""

    def __init__(self, temperature: float, smallest: float) -> None:
        super().__init__()
        self.temperature, self.smallest = temperature, smallest

    def forward(self, outputs: Any) -> Any:
        """Probabilities (N, O) for outputs (N, O)."""
        alone = outputs.shape[1] == 1
        shares = torch.cat([1 - outputs, outputs], dim=1) if alone else outputs
        found = torch.softmax(torch.log(shares.clamp(min=self.smallest)) / self.temperature, dim=1)
        return found[:, 1:] if alone else found
