"""scikit-learn's searches on workers of Dask."""

import warnings

import numpy as np
import pytest
from joblib import Parallel, delayed, parallel_config
from sklearn.model_selection import cross_val_score

from glassnet.engines.threads import most_threads
from glassnet.estimators import TableClassifier

distributed = pytest.importorskip("dask.distributed")
pytestmark = pytest.mark.filterwarnings("ignore")  # of Dask


def test_a_worker_has_one_thread_and_finds_what_this_process_finds() -> None:
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(200, 3))
    labels = np.where(inputs[:, 0] > 0, "yes", "no")
    estimator = TableClassifier(hidden=4, epochs=5, recipe="single", random_state=1)
    alone = cross_val_score(estimator, inputs, labels, cv=2)
    with (
        warnings.catch_warnings(action="ignore"),
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, dashboard_address=None, host="127.0.0.1"
        ) as cluster,
        distributed.Client(cluster),
        parallel_config("dask"),
    ):
        assert Parallel()(delayed(most_threads)() for _ in range(2)) == [1, 1]
        there = cross_val_score(estimator, inputs, labels, cv=2)
    np.testing.assert_array_equal(there, alone)
