"""Sparse matrices whose index arrays were changed: the drop-ins refuse them, and do not read outside of them."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from glassnet import MLPClassifier, MLPRegressor
from glassnet.errors import InputError

sparse = pytest.importorskip("scipy.sparse")

# scikit-learn and SciPy end the process for some of these, so each is tried in a process of its own.
PROGRAM = """
import sys
import numpy as np
from scipy import sparse
from glassnet import MLPClassifier, MLPRegressor

rng = np.random.default_rng(0)
X = rng.random((40, 12)) * (rng.random((40, 12)) < 0.3)
y = np.arange(40) % 2
first, last = np.iinfo(np.int32).min, np.iinfo(np.int32).max

def damaged(layout):
    for part, at, value in [
        ("indices", 0, last), ("indices", 3, -1), ("indices", 3, first), ("indices", -1, 40),
        ("indptr", 2, last), ("indptr", 2, -7), ("indptr", 5, 0), ("indptr", 0, 3), ("indptr", -1, last),
        ("indptr", -1, 0), ("indptr", -1, -1),
    ]:
        bad = sparse.csr_array(X).asformat(layout)
        getattr(bad, part)[at] = value
        yield bad
    wide = sparse.csr_array(X).asformat(layout)
    wide.indices = wide.indices.astype(np.int64) + 2**32
    yield wide
    short = sparse.csr_array(X).asformat(layout)
    short.indptr = short.indptr[:3]
    yield short
    short = sparse.csr_array(X).asformat(layout)
    short.data = short.data[:1]
    yield short

def others():
    for value in (last, -1, 40):
        for axis in ("row", "col"):
            bad = sparse.coo_matrix(X)
            getattr(bad, axis)[0] = value
            yield bad
    bad = sparse.lil_array(X)
    bad.rows[3] = [99] * len(bad.rows[3])
    yield bad

bad = list(others()) if sys.argv[1] == "others" else list(damaged(sys.argv[1]))
refused = 0
for make in (MLPClassifier, MLPRegressor):
    model = make(hidden_layer_sizes=(5,), max_iter=2, random_state=0, solver=sys.argv[2]).fit(X, y)
    good = make(hidden_layer_sizes=(5,), solver="lbfgs", max_iter=50, max_fun=10**6).fit(X, y)
    for X_bad in bad:
        uses = [model.fit, good.score] + ([model.partial_fit] if sys.argv[2] == "adam" else [])
        for use in uses:
            try:
                use(X_bad, y)
            except ValueError as error:
                refused += "damaged sparse matrix" in str(error)
        try:
            good.predict(X_bad)
        except ValueError as error:
            refused += "damaged sparse matrix" in str(error)
print(refused - 2 * len(bad) * (len(uses) + 1))
"""


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("layout", ["csr", "csc", "bsr", "others"])
def test_a_damaged_matrix_is_refused(layout: str, solver: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM, layout, solver], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "0\n", "")


def test_the_message_names_the_argument_and_the_fault() -> None:
    X = sparse.csr_matrix(np.eye(6))
    X.indices[2] = 6
    with pytest.raises(InputError) as refused:
        MLPClassifier().fit(X, np.arange(6) % 2)
    assert str(refused.value) == (
        "X is a damaged sparse matrix of shape (6, 6): the indices must be from 0 to 5; make it anew."
    )
    labels = sparse.csr_matrix(np.eye(6))
    labels.indptr[3] = 99
    with pytest.raises(InputError, match=r"y is a damaged sparse matrix of shape \(6, 6\): the row pointers"):
        MLPClassifier().fit(np.eye(6), labels)


def test_the_callers_matrix_is_left_as_it_is() -> None:
    X = sparse.csr_matrix(np.eye(6)[:, [3, 1, 2, 0, 5, 4]])
    X.indices.flags.writeable = X.indptr.flags.writeable = False
    before = X.copy()
    MLPRegressor(hidden_layer_sizes=(3,), solver="lbfgs").fit(X, np.arange(6.0)).predict(X)
    assert (before != X).nnz == 0
