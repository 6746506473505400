"""What a model shows of itself, as plain data: the methods of :class:`glassnet.Model` that look inside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from glassnet.trained import TrainedModel

if TYPE_CHECKING:
    from glassnet.inside import (
        Arithmetic,
        Attributions,
        Card,
        Diagnosis,
        Importances,
        Mistakes,
        Neighbors,
        Profile,
        Suggestion,
        Summary,
        Unlike,
        WeightHistory,
        WhatIf,
    )
    from glassnet.inside.what_if import Change


class ModelInside(TrainedModel):
    """A trained model with methods that look inside it.

    Of a model of several networks they tell means over these, with standard deviations, or all that is found in any of
    them; ``member`` is the number, from 0, of the one that is looked into instead.
    """

    def summary(self, *, member: int | None = None) -> Summary:
        """The layers: shapes, activations and numbers of parameters; and their parameters, initial against learnt.

        For every layer's weights and biases: sum, mean and norm before and after training, and the largest change; of
        several networks, means and standard deviations.
        """
        from glassnet.inside import Summary

        members = self.of_member(member).members
        initial, learnt = zip(*((each.initial, each.learnt) for each in members), strict=True)
        return Summary(self.network, () if self.origin else initial, learnt)

    def explain(self, row: Any, target: Any = None, *, member: int | None = None) -> Arithmetic:
        """The arithmetic of one row: every product, sum and activation; with a target, the backward pass too.

        Of several networks it is that of the first, and then the mean of the outputs of all.

        Args:
            row: a dict, a row of a DataFrame, a plain array or list (I,), or a table of one row.
            target: the true value, for the backward pass; by default that in the row, if it has one.
            member: another network whose arithmetic is shown before the mean.

        Raises:
            InputError: not one row.
            TableError: as :meth:`predict`.
        """
        from glassnet.inside.arithmetic import explain

        return explain(self, row, target, member)

    def importances(
        self,
        table: Any = None,
        method: str | Sequence[str] | None = None,
        *,
        ensemble: Iterable[TrainedModel] = (),
        repeats: int = 5,
        seed: int = 0,
        member: int | None = None,
    ) -> Importances:
        """The importance of each column by several methods, and how far they agree.

        Args:
            table: rows with their target, which permutation and gradient × input need.
            method: ``"permutation"``, ``"gradient_input"``, ``"olden"``, ``"garson"``, ``"gedeon"``, several of
                them, or ``"all"``. By default the first three, and without rows Olden's, which uses the weights
                alone, as the last two do; those are mostly shares of the random start in wide networks.
            ensemble: other models of the same columns, for example of other seeds; means and standard deviations are
                over the networks of all of them.
            repeats: how often permutation shuffles each column.
            seed: the seed of the shuffling.

        Raises:
            InputError: an unknown method, one that needs rows without ``table``, or models of other columns.
        """
        from glassnet.inside.importances import importances

        return importances([self.of_member(member), *ensemble], table, method, repeats=repeats, seed=seed)

    def profile(
        self,
        column: str,
        table: Any = None,
        *,
        points: int = 41,
        curves: int = 200,
        member: int | None = None,
    ) -> Profile:
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

        return profile(self.of_member(member), column, table, points=points, curves=curves)

    def attributions(
        self,
        rows: Any,
        *,
        baseline: Any = None,
        output: str | None = None,
        tolerance: float = 1e-7,
        member: int | None = None,
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

        return attributions(
            self.of_member(member), rows, baseline=baseline, output=output, tolerance=tolerance
        )

    def nearest(
        self, row: Any, table: Any, count: int = 5, space: str = "inputs", *, member: int | None = None
    ) -> Neighbors:
        """The rows of ``table``, for example of the training table, that are nearest to ``row``.

        Args:
            row: a single row as for :meth:`explain`.
            count: the number of rows to find.
            space: where distances are measured: ``"inputs"``, the encoded inputs, or ``"hidden"``, the activations of
                the last hidden layer, of all networks.
        """
        from glassnet.inside.neighbors import nearest

        return nearest(self.of_member(member), row, table, count, space)

    def unlike(self, rows: Any) -> Unlike:
        """Which of ``rows`` are unlike the training rows, each with the reasons: their predictions are extrapolations.

        A value can be outside the range of the training table, or a level or a missing value that training did not
        have. Or the values are an unusual combination: farther from the mean of the training rows than 99 % of these,
        by a distance that takes the correlations of the inputs into account (Mahalanobis, 1936). There is no such
        distance in models of more than 128 inputs, not counting bins, and where training rows are not known.

        Args:
            rows: a table, or a single row as for :meth:`explain`.
        """
        from glassnet.inside.unlike import unlike

        return unlike(self, rows)

    def what_if(self, row: Any, change: Change | None = None, to: Any = None) -> WhatIf:
        """The smallest change of ``row`` that gets another prediction.

        >>> model.what_if(row, change=["income", "debt"], to="approved")     # doctest: +SKIP

        Args:
            row: a single row as for :meth:`explain`.
            change: the columns that may be changed, by default all. A dict gives the lowest and the highest number, or
                the possible levels, of each: ``{"income": (0, 90_000), "region": ["north"], "debt": None}``. Otherwise
                values are within the range, or among the levels, of the training table; whole numbers stay whole.
            to: the class that is wanted, by default any other. Of a number, one that the prediction should reach, or
                the lowest and the highest that it should be.

        Returns:
            The change with the smallest sum of distances that the search found. The distance of a number or a date is
            in units of the range of the middle 90 % of the training rows; that of another level is 1. All values of
            single columns are tried, pairs on a coarser grid, and columns one after the other; so a smaller
            change of several columns may exist. Where nothing was found, ``found`` is false.

        Raises:
            InputError: no such column, class, level or range; several targets; all faults at once.
        """
        from glassnet.inside.what_if import what_if

        return what_if(self, row, change, to)

    def weight_history(
        self, layer: int, source: int | str, neuron: int | str, *, member: int | None = None
    ) -> WeightHistory:
        """The values of a single weight during training, after the epochs whose parameters were kept.

        These are the start, the snapshots (see the setting ``snapshots``) and the epoch that was kept.

        Args:
            layer: the number of the layer, from 1.
            source: the input, or the neuron of the layer before, by name or number from 1; or ``"bias"``.
            neuron: the neuron of the layer, by name or number from 1.

        Raises:
            InputError: no such layer, source or neuron; or several networks, and no ``member``.
        """
        from glassnet.inside.weight_history import weight_history

        return weight_history(self.of_member(member), layer, source, neuron)

    def doctor(self, table: Any = None, *, member: int | None = None) -> Diagnosis:
        """Problems of this model, its training and its table: findings, each with evidence and a remedy.

        Args:
            table: rows to check too, with or without their target; without rows, statistics of the training rows are
                checked.
        """
        from glassnet.inside.doctor import examine

        return examine(self.of_member(member), table)

    def card(self) -> Card:
        """The model card: what the model should not be used for, figures with intervals, data, settings, a script.

        >>> print(model.card())                                            # doctest: +SKIP
        >>> pathlib.Path("card.md").write_text(model.card().to_markdown())     # doctest: +SKIP
        """
        from glassnet.inside.card import card

        return card(self)

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

    def suggest(self, *, member: int | None = None) -> Suggestion:
        """What to try next to get a better model, from the curves of the training.

        >>> suggestion = model.suggest()                                   # doctest: +SKIP
        >>> glassnet.train(table, target, **(settings | suggestion.change))     # doctest: +SKIP
        """
        from glassnet.inside.doctor import Context, suggest

        return suggest(Context(self.of_member(member)))
