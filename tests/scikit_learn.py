"""The versions of scikit-learn with which a comparison holds: the drop-ins do what those of 1.9 do."""

from __future__ import annotations

import pytest
import sklearn
from sklearn.utils.fixes import parse_version


def since(version: str) -> pytest.MarkDecorator:
    """A mark that skips a test under earlier versions, whose classes do something else."""
    earlier = parse_version(sklearn.__version__) < parse_version(version)
    return pytest.mark.skipif(earlier, reason=f"scikit-learn's classes did something else before {version}")
