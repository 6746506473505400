"""Every parameter and attribute is documented where scikit-learn's tools look for it."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

import numpy as np
import pytest

from glassnet import estimators
from glassnet.estimators import documentation

docscrape = pytest.importorskip("sklearn.externals._numpydoc.docscrape")
CLASSES = [getattr(estimators, name) for name in estimators.__all__]


def sections(thing: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return docscrape.NumpyDocString(inspect.getdoc(thing))


@pytest.mark.parametrize("cls", CLASSES)
def test_parameters_are_reported_in_the_order_of_the_constructor(cls: type) -> None:
    told = sections(cls)["Parameters"]
    assert [one.name for one in told] == list(inspect.signature(cls).parameters)
    for one in told:
        assert one.type.endswith(f"default={inspect.signature(cls).parameters[one.name].default!r}")
        assert " ".join(one.desc).endswith(".")


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("cls", CLASSES)
def test_attributes_are_reported(cls: type) -> None:
    length = "max_iter" if hasattr(cls(), "max_iter") else "epochs"
    fitted = cls(**{length: 2}).fit(np.eye(30), np.arange(30) % 2)
    names = {*vars(fitted), *(name for name in dir(cls) if isinstance(getattr(cls, name), property))}
    told = {one.name: " ".join(one.desc) for one in sections(cls)["Attributes"]}
    assert {name for name in names if name.endswith("_") and not name.startswith("_")} <= set(told)
    assert all(hasattr(fitted, name) or "only" in what for name, what in told.items())


@pytest.mark.parametrize("cls", CLASSES)
def test_methods_tell_their_parameters_and_what_they_return(cls: type) -> None:
    for name in dir(cls(solver="adam") if hasattr(cls(), "solver") else cls()):
        method = getattr(cls, name, None)
        if name.startswith("_") or not inspect.isfunction(method):
            continue
        told = sections(method)
        parameters = list(inspect.signature(method).parameters)[1:]
        assert [one.name.lstrip("*") for one in told["Parameters"]] == parameters, (name, parameters)
        assert told["Returns"], name


def test_without_docstrings_classes_stay_without() -> None:
    """As under ``python -OO``."""
    bare = documentation.documented(None)(type("Bare", (), {}))
    assert bare.__doc__ is None


@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_a_notebook_links_to_the_page_of_the_same_parameters(name: str) -> None:
    estimator = getattr(estimators, name)()
    assert f"sklearn.neural_network.{name}.html" in estimator._repr_html_()


@pytest.mark.parametrize("name", ["TableClassifier", "TableRegressor"])
def test_what_has_no_public_page_is_not_linked_to_another(name: str) -> None:
    assert "href" not in getattr(estimators, name)()._repr_html_()
