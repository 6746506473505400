"""``Model``: what :func:`glassnet.train` returns, and ``load``, which reads a saved one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from glassnet.errors import one_report
from glassnet.inside.model_inside import ModelInside
from glassnet.printable import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from glassnet.ship.export import Certificate


class Model(ModelInside):
    """A trained model: it predicts from tables, shows how it works, draws itself and can be saved.

    Its attributes, and the methods that predict and evaluate, are those of :class:`~glassnet.trained.TrainedModel`;
    other methods look inside the model, draw it and save it.
    """

    # -- drawing

    @one_report()
    def draw(
        self,
        what: str = "network",
        table: Any = None,
        *,
        ax: Axes | None = None,
        theme: str | None = None,
        member: int | None = None,
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
            member: the number, from 0, of one of several networks; by default the picture shows all of them or,
                where it shows the inside of one, the first.
            options: other arguments of the picture's function in :mod:`glassnet.pictures`.

        Raises:
            InputError: no such picture, a table that is missing or not used, an option that the picture does not have.
            ImportError: Matplotlib is not installed.
        """
        from glassnet.pictures import draw

        return draw(self, what, table, ax=ax, theme=theme, member=member, **options)

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

    def _display_(self) -> Any:
        from glassnet.page.notebook import marimo_output

        return marimo_output(self)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        from glassnet.page.notebook import mime_bundle

        return mime_bundle(self, **options)

    def to_dict(self) -> dict[str, Any]:
        """What ``glassnet show`` prints, as JSON can hold it; not the weights, which :meth:`save` keeps."""
        from glassnet.inside.calibration import calibrations
        from glassnet.text import plain

        return plain(
            {
                "task": self.schema.task,
                "schema": self.schema,
                "settings": self.settings,
                "engine": self.engine_name,
                "networks": [
                    {**each.summary().to_dict(), "history": each.history} for each in self.each_member
                ],
                "baseline": self.baseline,
                "holdout": self.holdout,
                "validation": self.validation,
                "calibration": calibrations(self),
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

    @one_report()
    def export(
        self,
        path: str | os.PathLike[str],
        to: str | None = None,
        table: Any = None,
        *,
        rows: int = 1000,
        check: bool = True,
    ) -> Certificate:
        """Write the model in a form that runs without glassnet, and prove that it answers the same.

        >>> model.export("penguins.py")      # doctest: +SKIP

        Args:
            path: where it is written; by default its ending chooses the form.
            to: the form: ``"python"``, ``"numpy"``, ``"c"``, ``"c8"``, ``"javascript"``, ``"sqlite"``, ``"duckdb"``,
                ``"postgresql"``, ``"onnx"`` or ``"excel"``; see the page on exports.
            table: rows to prove it with; by default rows are made up from the ranges and levels of the training table.
            rows: the most rows that are tried, besides adversarial ones.
            check: whether the export is run, as a proof.

        Returns:
            What running the export showed; the file has the same as a comment.

        Raises:
            InputError: no such form, or all that it cannot express of this model; nothing is written.
            ExportError: the export does not run, or does not answer as the model does; nothing is written.
            TableError, OSError: as :meth:`predict` and :meth:`save`.
        """
        from glassnet.ship.export import export

        return export(self, path, to, table, rows=rows, check=check)

    # -- to other libraries

    def to_sklearn(self) -> Any:
        """A fitted ``Pipeline`` of scikit-learn's own classes, which takes a DataFrame of the columns.

        Numbers are imputed and scaled, words encoded, and an ``MLPClassifier`` or ``MLPRegressor`` predicts; of several
        networks, their mean by a ``VotingClassifier`` or ``VotingRegressor``. Missing values are NaN there.

        Raises:
            InputError: what scikit-learn does not have; all faults at once.
            ImportError: scikit-learn or pandas is not installed.
        """
        from glassnet.convert.to_sklearn import to_sklearn

        return to_sklearn(self)

    def to_torch(self) -> Any:
        """The networks as a ``Sequential`` of PyTorch, in evaluation mode, with the same weights.

        It takes encoded rows, ``torch.tensor(model.encode(table).inputs)``, and returns probabilities (of two classes,
        that of the second) or numbers in the units of the targets: of several networks, from the mean of their outputs.

        Raises:
            InputError: an activation that PyTorch does not have as a module.
            ImportError: PyTorch is not installed.
        """
        from glassnet.convert.to_torch import to_torch

        return to_torch(self)


def load(path: str | os.PathLike[str]) -> Model:
    """The model that :meth:`Model.save` wrote: the same to the bit.

    Raises:
        ModelFileError: no such file, no model file, a damaged one, one of a later format, or one whose parts do not fit
            together. A file of a stranger may be loaded: nothing in it can run.
        InputTypeError: ``path`` is no path.
    """
    from glassnet import ship

    return ship.load(path, Model)


def from_sklearn(estimator: Any, rows: Any = None, *, target: str | Sequence[str] | None = None) -> Model:
    """The model of a fitted network of scikit-learn, with the transformers before it.

    >>> model = glassnet.from_sklearn(pipeline)      # doctest: +SKIP
    >>> model.explain(table)                         # doctest: +SKIP

    Args:
        estimator: an ``MLPClassifier`` or ``MLPRegressor``, alone or at the end of a ``Pipeline`` of scalers,
            ``SimpleImputer``, ``OneHotEncoder``, ``OrdinalEncoder``, selections of features and
            ``ColumnTransformer``; also within ``TransformedTargetRegressor`` or a search such as ``GridSearchCV``.
        rows: the training rows with their target, as :func:`glassnet.train` takes them. From these the model gets its
            statistics of the training rows, the baseline and the ranges of the columns. By default it has none.
        target: the name of the target, or of each; by default ``y``, or ``y1``, ``y2`` and so on.

    Raises:
        InputError: what cannot be converted; all faults at once.
        InputTypeError: another estimator.
        TableError: ``rows`` that cannot be used.
        ImportError: scikit-learn is not installed.
    """
    from glassnet.convert.from_sklearn import from_sklearn

    return from_sklearn(Model, estimator, rows, target)


def from_torch(
    module: Any,
    rows: Any = None,
    *,
    columns: Sequence[str] | None = None,
    classes: Sequence[Any] | None = None,
    target: str | Sequence[str] | None = None,
) -> Model:
    """The model of a ``Sequential`` of PyTorch: ``Linear`` layers, activations, dropout.

    Without ``classes``, the model predicts what the module returns; a module that ends with ``Sigmoid``, ``Softmax`` or
    ``LogSoftmax`` predicts classes.

    Args:
        module: the module. Its dropout is kept for a training that is continued.
        rows: the training rows with their target; see :func:`from_sklearn`.
        columns: the names of the inputs; by default ``x1``, ``x2`` and so on.
        classes: the labels in the order of the outputs; of a single output, which is the probability of the second,
            both. Outputs that are sums then are logits. By default 0, 1, 2 and so on; empty for numbers.
        target: the name of the target, or of each; by default ``y``, or ``y1``, ``y2`` and so on.

    Raises:
        InputError: what cannot be converted; all faults at once.
        InputTypeError: another module.
        TableError: ``rows`` that cannot be used.
        ImportError: PyTorch is not installed.
    """
    from glassnet.convert.from_torch import from_torch

    return from_torch(Model, module, columns=columns, classes=classes, target=target, rows=rows)


def from_keras(
    network: Any,
    rows: Any = None,
    *,
    columns: Sequence[str] | None = None,
    classes: Sequence[Any] | None = None,
    target: str | Sequence[str] | None = None,
) -> Model:
    """The model of a ``Sequential`` of Keras 3: ``Dense`` layers, activations, dropout.

    Args:
        network: the network.
        rows, columns, classes, target: as for :func:`from_torch`.

    Raises:
        InputError, InputTypeError, TableError, ImportError: as for :func:`from_torch`.
    """
    from glassnet.convert.from_keras import from_keras

    return from_keras(Model, network, columns=columns, classes=classes, target=target, rows=rows)
