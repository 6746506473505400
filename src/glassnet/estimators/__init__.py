"""scikit-learn estimators: two that replace its own, and two for raw tables.

:class:`MLPClassifier` and :class:`MLPRegressor` have the parameters, attributes and results of
scikit-learn's classes of the same names: change one import, and the same seed gives the same network
faster. :class:`TableClassifier` and :class:`TableRegressor` take a raw DataFrame and train with
:func:`glassnet.train`.

scikit-learn is imported only with this package: ``pip install ".[sklearn]"``.
"""

try:
    import sklearn  # noqa: F401
except ImportError as error:
    from glassnet.errors import to_install

    raise ImportError(
        f"glassnet.estimators needs scikit-learn: {to_install('sklearn')}.", name="sklearn"
    ) from error

from glassnet.estimators.classifier import MLPClassifier
from glassnet.estimators.regressor import MLPRegressor
from glassnet.estimators.table_classifier import TableClassifier
from glassnet.estimators.table_regressor import TableRegressor

__all__ = ["MLPClassifier", "MLPRegressor", "TableClassifier", "TableRegressor"]
