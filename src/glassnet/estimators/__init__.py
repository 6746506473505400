"""scikit-learn estimators: two that take the place of its own, and two for whole tables.

:class:`MLPClassifier` and :class:`MLPRegressor` have the parameters, attributes and answers of
scikit-learn's classes of the same names: change one import, and the same seed gives the same network,
sooner. :class:`TableClassifier` and :class:`TableRegressor` take a raw DataFrame and run the code of
:func:`glassnet.train`, with everything that it can do.

scikit-learn is loaded when this package is, and only then: ``pip install "glassnet[sklearn]"``.
"""

try:
    import sklearn  # noqa: F401
except ImportError as error:
    raise ImportError(
        'glassnet.estimators needs scikit-learn: pip install "glassnet[sklearn]".', name="sklearn"
    ) from error

from glassnet.estimators.classifier import MLPClassifier
from glassnet.estimators.regressor import MLPRegressor
from glassnet.estimators.table_classifier import TableClassifier
from glassnet.estimators.table_regressor import TableRegressor

__all__ = ["MLPClassifier", "MLPRegressor", "TableClassifier", "TableRegressor"]
