"""``Model``: what :func:`glassnet.train` returns, and ``load``, which reads a saved one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from glassnet.errors import one_report
from glassnet.printable import printable
from glassnet.trained import TrainedModel

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from glassnet.inside import (
        Arithmetic,
        Attributions,
        Diagnosis,
        Importances,
        Mistakes,
        Neighbors,
        Profile,
        Suggestion,
        Summary,
        WeightHistory,
    )


class Model(TrainedModel):
    """A trained model: it predicts from tables, shows how it works, draws itself and can be saved.

    Its attributes, and the methods that predict and evaluate, are those of :class:`~glassnet.trained.TrainedModel`;
    the methods here look inside the model, draw it and save it.
    """

    # -- looking inside

    def summary(self) -> Summary:
        """The layers: shapes, activations and numbers of parameters; and their parameters, initial against learnt.

        For every layer's weights and biases: sum, mean and norm before and after training, and the largest change; of
        several networks, means and standard deviations.
        """
        from glassnet.inside import Summary

        initial, learnt = zip(*((each.initial, each.learnt) for each in self.members), strict=True)
        return Summary(self.network, initial, learnt)

    def explain(self, row: Any, target: Any = None) -> Arithmetic:
        """The arithmetic of one row: every product, sum and activation; with a target, the backward pass too.

        Args:
            row: a dict, a row of a DataFrame, a plain array or list (I,), or a table of one row.
            target: the true value, for the backward pass; by default that in the row, if it has one.

        Raises:
            InputError: not one row.
            TableError: as :meth:`predict`.
        """
        from glassnet.inside.arithmetic import explain

        return explain(self, row, target)

    def importances(
        self,
        table: Any = None,
        method: str | Sequence[str] | None = None,
        *,
        ensemble: Iterable[Model] = (),
        repeats: int = 5,
        seed: int = 0,
    ) -> Importances:
        """The importance of each column by several methods, and how far they agree.

        Args:
            table: rows with their target, which permutation and gradient × input need.
            method: ``"permutation"``, ``"gradient_input"``, ``"olden"``, ``"garson"``, ``"gedeon"``, several of
                them, or ``"all"``. By default the first three, and without rows Olden's, which uses the weights
                alone, as the last two do; those are mostly shares of the random start in wide networks.
            ensemble: other models of the same columns, for example of other seeds; means and standard deviations are
                over all of them.
            repeats: how often permutation shuffles each column.
            seed: the seed of the shuffling.

        Raises:
            InputError: an unknown method, one that needs rows without ``table``, or models of other columns.
        """
        from glassnet.inside.importances import importances

        return importances([self, *ensemble], table, method, repeats=repeats, seed=seed)

    def profile(self, column: str, table: Any = None, *, points: int = 41, curves: int = 200) -> Profile:
        """Predictions as a function of one column: Lek's profile; with rows, partial dependence and ICE.

        Args:
            column: the column whose value is varied.
            table: rows whose other columns keep their values; needed for partial dependence and ICE.
            points: the number of values of a number or a date; fewer for a date where steps are rounded up to whole
                weeks or days.
            curves: the number of rows with a curve of their own (individual conditional expectation).

        Raises:
            InputError: no such column; or no rows, and no statistics of the training rows either.
        """
        from glassnet.inside.profiles import profile

        return profile(self, column, table, points=points, curves=curves)

    def attributions(
        self, rows: Any, *, baseline: Any = None, output: str | None = None, tolerance: float = 1e-7
    ) -> Attributions:
        """What each column contributed to the predictions of ``rows``: integrated gradients.

        Args:
            rows: a table, or a single row as for :meth:`explain`.
            baseline: rows whose mean the contributions start from; by default the training rows.
            output: the class or target to attribute; by default the predicted class.
            tolerance: the largest difference between the sum of the contributions and the change of the output.

        Raises:
            InputError: no such output, or several targets and no ``output``.
        """
        from glassnet.inside.attributions import attributions

        return attributions(self, rows, baseline=baseline, output=output, tolerance=tolerance)

    def nearest(self, row: Any, table: Any, count: int = 5, space: str = "inputs") -> Neighbors:
        """The rows of ``table``, for example of the training table, that are nearest to ``row``.

        Args:
            row: a single row as for :meth:`explain`.
            count: the number of rows to find.
            space: where distances are measured: ``"inputs"``, the encoded inputs, or ``"hidden"``, the activations of
                the last hidden layer.
        """
        from glassnet.inside.neighbors import nearest

        return nearest(self, row, table, count, space)

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
        """Problems of this model, its training and its table: findings, each with evidence and a remedy.

        Args:
            table: rows to check too, with or without their target; without rows, statistics of the training rows are
                checked.
        """
        from glassnet.inside.doctor import examine

        return examine(self, table)

    def mistakes(self, table: Any = None) -> Mistakes:
        """Rows that the model predicts wrongly, the most surprising first; of numbers, those with the largest errors.

        Args:
            table: rows with their target; by default the rows that were held out in training, or the validation rows
                if there are none.

        Raises:
            InputError: no table, and no such rows.
        """
        from glassnet.inside.mistakes import mistakes

        return mistakes(self, table)

    def suggest(self) -> Suggestion:
        """What to try next to get a better model, from the curves of the training.

        >>> suggestion = model.suggest()                                   # doctest: +SKIP
        >>> glassnet.train(table, target, **(settings | suggestion.change))     # doctest: +SKIP
        """
        from glassnet.inside.doctor import Context, suggest

        return suggest(Context(self))

    @one_report()
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
            table: rows, for the pictures that need some.
            ax: Matplotlib axes to draw in; by default in a figure of its own.
            theme: ``"light"`` or ``"dark"``; by default that of ``ax``.
            options: other arguments of the picture's function in :mod:`glassnet.pictures`.

        Raises:
            InputError: no such picture, a table that is missing or not used, an option that the picture does not have.
            ImportError: Matplotlib is not installed.
        """
        from glassnet.pictures import draw

        return draw(self, what, table, ax=ax, theme=theme, **options)

    @one_report()
    def report(self, path: str | os.PathLike[str], table: Any = None, *, rows: int = 2000) -> None:
        """Write a report: one HTML file in which the network can be explored, and which predicts without a server.

        >>> model.report("penguins.html", "penguins.csv")      # doctest: +SKIP

        Args:
            path: where it is written.
            table: rows to show, to judge predictions by and to measure importances on.
            rows: the most rows of the table that go into the file, evenly spaced.

        Raises:
            TableError: as :meth:`predict`.
            OSError: as :meth:`save`.
        """
        from glassnet.page.report import write_report

        write_report(self, path, table, rows=rows)

    def __repr__(self) -> str:
        from glassnet.inside.overview import facts, title

        lines = [title(self), *(f"  {name}  {fact}" for name, fact in facts(self))]
        return printable("\n".join(lines))

    def _repr_html_(self) -> str:
        from glassnet.page.still import model_html

        return model_html(self)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        from glassnet.page.notebook import mime_bundle

        return mime_bundle(self, **options)

    def to_dict(self) -> dict[str, Any]:
        """What ``glassnet show`` prints, as JSON can hold it; not the weights, which :meth:`save` keeps."""
        from glassnet.text import plain

        return plain(
            {
                "task": self.schema.task,
                "schema": self.schema,
                "settings": self.settings,
                "engine": self.engine_name,
                "networks": [
                    {**each.summary().to_dict(), "history": each.history}
                    for each in map(self.member, range(len(self.members)))
                ],
                "baseline": self.baseline,
                "holdout": self.holdout,
                "validation": self.validation,
                "provenance": self.provenance,
            }
        )

    # -- saving

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the whole model to one file (safetensors; nothing in it can run).

        Raises:
            OSError: the folder is missing, may not be written to, or the disk is full; an older file is kept.
        """
        from glassnet.ship import save

        save(self, path)


def load(path: str | os.PathLike[str]) -> Model:
    """The model that :meth:`Model.save` wrote: the same to the bit.

    Raises:
        ModelFileError: no such file, no model file, a damaged one, one of a later format, or one whose parts do not fit
            together. A file of a stranger may be loaded: nothing in it can run.
        InputTypeError: ``path`` is no path.
    """
    from glassnet import ship

    return ship.load(path, Model)
