"""Errors on real tables: the recipes of glassnet, compared with other learners on the same rows.

    python benchmarks/accuracy.py FOLDER [--models balanced,single] [--seeds 3] [--tables adult,ames] [--without bins]

FOLDER has CSV files and ``manifest.json``, a list of records with ``name``, ``file``, ``target``, ``task``
(classification or regression) and ``categorical``, the names of the columns of words or codes. A fifth of the rows is
for the test, drawn with each seed. Printed are geometric means, over tables and seeds, of error rate, log loss and
root mean squared error, each divided by that of scikit-learn's HistGradientBoosting, and seconds of training.

``--rows N`` trains on so many rows of each table, and tests on at most 3,000 others; columns without a value among
these rows are left out. ``--reference linear,forest`` divides by the better of the two, by its mean over the seeds.

``--without SETTING`` gives glassnet's recipes the default of a setting that they choose: what the choice is worth.
Learners that are not installed (CatBoost, pytabkit's RealMLP) are left out. Results are added to the file of
``--json``, and what it has is not computed again.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from side_by_side import limit_threads, table

Record = dict[str, Any]
Figures = dict[str, float]
METRICS = ("error", "log loss", "RMSE")
REFERENCE = "gradient boosting"
TEST_ROWS = 3000  # at most, where few rows are trained on


def table_of(record: Record, folder: Path) -> tuple[Any, Any]:
    """The columns, words and codes as text with ``None`` for missing values, and the target."""
    import pandas as pd

    frame = pd.read_csv(folder / record["file"])
    target = frame.pop(record["target"])
    for name in frame.columns:
        column = frame[name]
        if name in record["categorical"]:
            texts = column.map(
                lambda value: str(int(value)) if value == value and _whole(value) else str(value)
            )
            frame[name] = texts.astype(object).where(column.notna(), None)
        else:
            frame[name] = column.astype(float)
    classes = record["task"] == "classification"
    return frame, target.astype(str).to_numpy(object) if classes else target.to_numpy(float)


def _whole(value: Any) -> bool:
    return isinstance(value, float) and value.is_integer()


def glassnet_learner(recipe: str, without: Iterable[str]) -> Callable[[Record, int], Any]:
    def make(record: Record, seed: int) -> Any:
        from glassnet.estimators import TableClassifier, TableRegressor
        from glassnet.training import SETTINGS

        types = dict.fromkeys(record["categorical"], "category")
        given = {name: SETTINGS[name].default for name in without if name != "metric"}
        if "metric" in without and record["task"] == "classification":
            given["scoring"] = "neg_log_loss"  # the loss of the validation rows
        kind = TableClassifier if record["task"] == "classification" else TableRegressor
        return kind(recipe=recipe, column_types=types, random_state=seed, **given)

    return make


def _prepared(record: Record) -> Any:
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    words = list(record["categorical"])
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    levels = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="missing", missing_values=None),
        OneHotEncoder(handle_unknown="ignore", sparse_output=False),
    )
    return ColumnTransformer([("words", levels, words)], remainder=numbers)


def linear(record: Record, seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline

    last = LogisticRegression(max_iter=1000) if record["task"] == "classification" else Ridge()
    return make_pipeline(_prepared(record), last)


def forest(record: Record, seed: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
    from sklearn.pipeline import make_pipeline

    kind = RandomForestClassifier if record["task"] == "classification" else RandomForestRegressor
    return make_pipeline(_prepared(record), kind(random_state=seed, n_jobs=2))


class Categorical:
    """A learner that takes the columns of words as pandas categories, with the levels of the training rows."""

    def __init__(self, learner: Any, record: Record) -> None:
        self.learner, self.words = learner, record["categorical"]

    def fit(self, frame: Any, target: Any) -> Categorical:
        self.levels = {name: sorted(set(frame[name].dropna())) for name in self.words}
        self.learner.fit(self._categories(frame), target)
        return self

    def _categories(self, frame: Any) -> Any:
        import pandas as pd

        known = {name: frame[name].where(frame[name].isin(levels)) for name, levels in self.levels.items()}
        return frame.assign(
            **{name: pd.Categorical(own, categories=self.levels[name]) for name, own in known.items()}
        )

    @property
    def classes_(self) -> Any:
        return self.learner.classes_

    def predict(self, frame: Any) -> Any:
        return np.asarray(self.learner.predict(self._categories(frame))).reshape(len(frame))

    def predict_proba(self, frame: Any) -> Any:
        return self.learner.predict_proba(self._categories(frame))


def gradient_boosting(record: Record, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    classes = record["task"] == "classification"
    kind = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
    return Categorical(kind(categorical_features="from_dtype", random_state=seed), record)


def catboost(record: Record, seed: int) -> Any:
    from catboost import CatBoostClassifier, CatBoostRegressor

    kind = CatBoostClassifier if record["task"] == "classification" else CatBoostRegressor
    words = list(record["categorical"])
    return _Filled(kind(random_seed=seed, thread_count=2, verbose=0, cat_features=words), words)


class _Filled:
    """CatBoost takes no missing value among words."""

    def __init__(self, learner: Any, words: list[str]) -> None:
        self.learner, self.words = learner, words

    def _filled(self, frame: Any) -> Any:
        return frame.assign(**{name: frame[name].fillna("missing") for name in self.words})

    def fit(self, frame: Any, target: Any) -> _Filled:
        self.learner.fit(self._filled(frame), target)
        return self

    @property
    def classes_(self) -> Any:
        return self.learner.classes_

    def predict(self, frame: Any) -> Any:
        return np.asarray(self.learner.predict(self._filled(frame))).reshape(len(frame))

    def predict_proba(self, frame: Any) -> Any:
        return self.learner.predict_proba(self._filled(frame))


def realmlp(record: Record, seed: int) -> Any:
    from pytabkit import RealMLP_TD_Classifier, RealMLP_TD_Regressor

    kind = RealMLP_TD_Classifier if record["task"] == "classification" else RealMLP_TD_Regressor
    return Categorical(kind(device="cpu", random_state=seed, n_threads=2, verbosity=0), record)


OTHERS: dict[str, Callable[[Record, int], Any]] = {
    REFERENCE: gradient_boosting,
    "linear": linear,
    "forest": forest,
    "catboost": catboost,
    "realmlp": realmlp,
}


def figures(learner: Any, frame: Any, actual: Any) -> Figures:
    """Error rate and log loss of classes, or the root mean squared error in standard deviations of the target."""
    predicted = np.asarray(learner.predict(frame)).reshape(len(frame))
    if actual.dtype != object:
        return {"RMSE": float(np.sqrt(np.mean((predicted - actual) ** 2)) / actual.std())}
    shares = np.clip(learner.predict_proba(frame), 1e-15, None)
    shares /= shares.sum(axis=1, keepdims=True)
    place = {str(label): number for number, label in enumerate(learner.classes_)}
    own = shares[np.arange(len(actual)), [place[label] for label in actual]]
    return {
        "error": float(np.mean(predicted.astype(str) != actual)),
        "log loss": float(-np.mean(np.log(own))),
    }


def measure(
    make: Callable[[Record, int], Any], record: Record, folder: Path, seed: int, rows: int | None = None
) -> Figures:
    """The figures of a learner, trained on four fifths of the rows of a table, or on so many ``rows``."""
    from sklearn.model_selection import train_test_split

    from glassnet import AssumptionWarning

    frame, target = table_of(record, folder)
    classes = target if target.dtype == object else None
    size = {"test_size": 0.2} if rows is None else {"train_size": rows}
    train, test, known, actual = train_test_split(frame, target, **size, random_state=seed, stratify=classes)
    if rows is not None:
        train = train.loc[:, train.notna().any()]
        test, actual = test[train.columns][:TEST_ROWS], actual[:TEST_ROWS]
        record = record | {"categorical": [name for name in record["categorical"] if name in train]}
    learner = make(record, seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AssumptionWarning)  # of the tables, the same in every run
        start = time.perf_counter()
        learner.fit(train, known)
        seconds = time.perf_counter() - start
        return figures(learner, test, actual) | {"seconds": seconds}


Results = dict[tuple[str, str], list[Figures]]  # by model and table, for each seed


def ratios(results: Results, model: str, references: list[str], names: list[str]) -> dict[str, float]:
    """Geometric means of each metric over that of the best of the references, and of the seconds."""
    found: dict[str, list[float]] = {}
    for name in names:
        each = results[model, name]
        found.setdefault("seconds", []).extend(own["seconds"] for own in each)
        for metric in each[0].keys() - {"seconds"}:
            best = min(
                ([other[metric] for other in results[reference, name]] for reference in references), key=sum
            )
            found.setdefault(metric, []).extend(
                max(own[metric], 1e-6) / max(other, 1e-6) for own, other in zip(each, best, strict=True)
            )
    return {metric: float(np.exp(np.mean(np.log(values)))) for metric, values in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--models", default="balanced,single,linear", help="recipes, or other learners")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--tables", default="", help="names, with commas; all by default")
    parser.add_argument("--rows", type=int, help="train on so many rows of each table")
    parser.add_argument("--reference", default=REFERENCE, help="what is divided by; the best of several")
    parser.add_argument("--without", default="", help="settings whose choice is taken back, with commas")
    parser.add_argument("--json", type=Path, default=Path("accuracy.json"))
    options = parser.parse_args()
    limit_threads(2)
    without = [name for name in options.without.split(",") if name]
    records = json.loads((options.folder / "manifest.json").read_text())
    wanted = options.tables.split(",") if options.tables else [record["name"] for record in records]
    records = [record for record in records if record["name"] in wanted]
    known: dict[str, Figures] = json.loads(options.json.read_text()) if options.json.exists() else {}
    references = options.reference.split(",")
    models = [*references, *(name for name in options.models.split(",") if name and name not in references)]
    part = "" if options.rows is None else f"/{options.rows} rows"
    results: Results = {}
    shown, rows = [], []
    for model in models:
        label = " without ".join([model, *without]) if model not in OTHERS else model
        make = OTHERS.get(model) or glassnet_learner(model, without)
        try:
            for record in records:
                for seed in range(options.seeds):
                    key = f"{label}/{record['name']}/{seed}{part}"
                    if key not in known:
                        known[key] = measure(make, record, options.folder, seed, options.rows)
                        options.json.write_text(json.dumps(known, indent=1) + "\n")
                    results.setdefault((label, record["name"]), []).append(known[key])
        except ImportError as error:
            print(f"not compared: {model} ({error})")
            continue
        shown.append(label)
    names = [record["name"] for record in records]
    for label in shown:
        own = ratios(results, label, references, names)
        rows.append([label, *(f"{own[key]:.3f}" if key in own else "" for key in (*METRICS, "seconds"))])
    title = f"Ratios to {' or '.join(references)}, {len(names)} tables, {options.seeds} seeds"
    table(title, ["", *METRICS, "seconds"], rows)
    for record in records:
        lines = []
        for label in shown:
            own = ratios(results, label, references, [record["name"]])
            lines.append([label, *(f"{own[key]:.3f}" if key in own else "" for key in (*METRICS, "seconds"))])
        table(record["name"], ["", *METRICS, "seconds"], lines)


if __name__ == "__main__":
    main()
