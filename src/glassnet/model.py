"""``Model``: what a person holds after training, and what can be asked of it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from glassnet.trained import TrainedModel

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from glassnet.inside import (
        Arithmetic,
        Attributions,
        Diagnosis,
        Importances,
        Neighbors,
        Profile,
        Summary,
        WeightHistory,
    )


class Model(TrainedModel):
    """A trained network together with the table that it understands.

    Its attributes, and how it predicts and is judged, stand in :class:`~glassnet.trained.TrainedModel`; here is how
    to look inside it, to draw it and to keep it.
    """

    # -- seeing inside

    def summary(self) -> Summary:
        """The layers: shapes, activations and numbers of parameters; and their parameters, initial against learnt.

        For every layer's weights and biases: sum, mean and norm before and after training, and the largest change.
        """
        from glassnet.inside import Summary

        return Summary(self.network, self.initial, self.learnt)

    def explain(self, row: Any, target: Any = None) -> Arithmetic:
        """The arithmetic of one row: every product, sum and activation, and the way back for learning.

        Args:
            row: a dict, a row of a DataFrame, a plain array or list (I,), or a table of one row.
            target: the true value, for the way back; by default that in the row, if it is there.

        Raises:
            InputError: not one row.
            TableError: as :meth:`predict`.
        """
        from glassnet.inside.arithmetic import explain

        return explain(self, row, target)

    def importances(
        self,
        table: Any = None,
        method: str | Sequence[str] = "all",
        *,
        ensemble: Iterable[Model] = (),
        repeats: int = 5,
        seed: int = 0,
    ) -> Importances:
        """How much each column matters, by several measures whose disagreement is shown.

        Args:
            table: rows with their target; permutation and gradient × input are measured on them.
            method: ``"permutation"``, ``"gradient_input"``, ``"garson"``, ``"olden"``, ``"gedeon"``, several of
                them, or ``"all"`` (without rows, the last three, which look at the weights alone).
            ensemble: other models of the same columns, say of other seeds; the means and spreads are over all.
            repeats: how often permutation shuffles each column.
            seed: of the shuffling.
        """
        from glassnet.inside.importances import importances

        return importances([self, *ensemble], table, method, repeats=repeats, seed=seed)

    def profile(self, column: str, table: Any = None, *, points: int = 41, curves: int = 200) -> Profile:
        """How predictions follow one column: Lek's profile, and with rows partial dependence and ICE.

        Args:
            table: rows that keep their other columns while this one runs through its values.
            points: values of a number or a date; of a date fewer, where steps are rounded up to whole weeks or days.
            curves: single rows that get a curve of their own.
        """
        from glassnet.inside.profiles import profile

        return profile(self, column, table, points=points, curves=curves)

    def attributions(
        self, rows: Any, *, baseline: Any = None, output: str | None = None, tolerance: float = 1e-7
    ) -> Attributions:
        """What each column contributed to the predictions of ``rows``: integrated gradients.

        Args:
            baseline: the rows whose mean is where contributions start from; by default the training rows.
            output: the class or target to attribute; by default the class that is predicted.
            tolerance: of the gap between the contributions' sum and what they should sum to.
        """
        from glassnet.inside.attributions import attributions

        return attributions(self, rows, baseline=baseline, output=output, tolerance=tolerance)

    def nearest(self, row: Any, table: Any, count: int = 5, space: str = "inputs") -> Neighbors:
        """The rows of ``table`` that are most like ``row`` to the network; say, the training rows.

        Args:
            space: ``"inputs"``, as they are encoded, or ``"hidden"``, the activations of the last hidden layer.
        """
        from glassnet.inside.neighbors import nearest

        return nearest(self, row, table, count, space)

    def at(self, epoch: int) -> Model:
        """This model as it stood after ``epoch`` epochs: 0, the start; a snapshot; or the epoch that was kept.

        Raises:
            InputError: that epoch was not kept; the message names those that were.
        """
        from glassnet.inside.epochs import at

        return at(self, epoch)

    def weight_history(self, layer: int, source: int | str, neuron: int | str) -> WeightHistory:
        """The values of a single weight during training, after the epochs whose parameters were kept.

        These are the start, the snapshots (see the setting ``snapshots``) and the epoch that was kept.

        Args:
            layer: the number of the layer, from 1.
            source: the input, or the neuron of the layer before, by name or number from 1; or ``"bias"``.
            neuron: the neuron of the layer, by name or number from 1.

        Raises:
            InputError: no such layer, source or neuron.
        """
        from glassnet.inside.weight_history import weight_history

        return weight_history(self, layer, source, neuron)

    def doctor(self, table: Any = None) -> Diagnosis:
        """What looks wrong with this model, its training and its table: findings, each with evidence and remedy.

        Args:
            table: rows with their target, to look at besides; without them, what training remembered is looked at.
        """
        from glassnet.inside.doctor import examine

        return examine(self, table)

    def draw(
        self,
        what: str = "network",
        table: Any = None,
        *,
        ax: Axes | None = None,
        theme: str | None = None,
        **options: Any,
    ) -> Axes:
        """Draw a picture of the model, and return its axes; notebooks show it.

        >>> model.draw("curves", theme="dark")      # doctest: +SKIP
        >>> model.draw("surface", "my.csv", x="age", y="income")     # doctest: +SKIP

        Args:
            what: one of the names in :data:`glassnet.pictures.CATALOG`.
            table: rows, for the pictures that want some.
            ax: Matplotlib axes to draw in; by default in a figure of its own.
            theme: ``"light"`` or ``"dark"``; by default what suits ``ax``.
            options: what the picture's function in :mod:`glassnet.pictures` takes besides.

        Raises:
            InputError: no such picture, a table too few or too many, an option that the picture does not take.
            ImportError: Matplotlib is not installed.
        """
        from glassnet.pictures import draw

        return draw(self, what, table, ax=ax, theme=theme, **options)

    # -- keeping

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the whole model to one file (safetensors; nothing in it can run), replacing it at once.

        Raises:
            OSError: the folder is missing, may not be written to, or the disk is full; an older file stays.
        """
        from glassnet.ship import save

        save(self, path)


def load(path: str | os.PathLike[str]) -> Model:
    """The model that :meth:`Model.save` wrote: the same to the bit.

    Raises:
        InputError: no such file, no model file, a damaged one, or one of a later format.
        InputTypeError: ``path`` is no path.
    """
    from glassnet import ship

    return ship.load(path, Model)
