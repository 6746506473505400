"""Search for good settings with Optuna: its samplers, pruners and storages, and trainings of glassnet as trials.

Optuna is imported only with this package: ``pip install ".[search]"``.
"""

try:
    import optuna as _optuna  # noqa: F401
except ImportError as error:
    from glassnet.errors import to_install

    raise ImportError(f"glassnet.search needs Optuna: {to_install('search')}.", name="optuna") from error

from glassnet.searching.result import SearchResult, Trial
from glassnet.searching.space import SPACE
from glassnet.searching.study import search

__all__ = ["SPACE", "SearchResult", "Trial", "search"]
