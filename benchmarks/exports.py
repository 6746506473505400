"""How far exports are from the native engine, and the time of one row in C.

    python benchmarks/exports.py [TABLE:TARGET ...] [--forms c,numpy] [--rows 10000] [--json FILE]

For each table (without any, the bundled penguins) a network is trained in float32, and one in float64; both are written
in every form, and run on up to ``--rows`` rows of the table, and on adversarial ones. Workbooks and large queries take
fewer rows (``Form.most_rows``). The columns are the largest differences, relative to the size of a number, or to 1 (a
probability) or to the target's scale where that is larger:

    arithmetic   from the same arithmetic in float64: the error of the export itself
    float32      of the model in float32 from the native engine: mostly the engine's own rounding, for exports compute
                 in float64
    float64      of the model in float64 from the native engine

``c, float`` is the function of the header in C that computes in float: compared with the one in double, adversarial
rows included, and with the native engine in float32. A form that cannot express a model is named with the reason.

Last, one row of a 54-256-128-7 network: the native engine, called from Python, and the header in C, compiled with -O2
and -O3 for any processor of the kind. The best of many rounds counts.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from side_by_side import limit_threads, save, table

BUNDLED = "penguins.csv:species"
SETTINGS: dict[str, Any] = {
    "recipe": "single",
    "hidden": (32, 16),
    "epochs": 20,
    "seed": 1,
    "progress": False,
}
ROUNDS, CALLS = 300, 20
MAIN = r"""
#include <stdio.h>
#include <time.h>
#include "model.h"
static double now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + 1e-9 * (double)at.tv_nsec;
}
#define TIME(FUNCTION, BEST) \
    for (i = 0; i < ROUNDS; i++) { \
        const double start = now(); \
        for (k = 0; k < CALLS; k++) { \
            row.c0 += 1e-9; \
            FUNCTION(&row, &answer); \
            sink += answer.y_probability[0]; \
        } \
        BEST = (now() - start) / CALLS < BEST ? (now() - start) / CALLS : BEST; \
    }
int main(void)
{
    y_row row = {VALUES};
    y_answer answer;
    double single = 1, both = 1;
    volatile double sink = 0;
    int i, k;
    TIME(y_predict_float, single)
    TIME(y_predict, both)
    printf("%.9g %.9g\n", single, both);
    return 0;
}
"""


def differences(path: str, target: str, forms: list[str], most: int) -> list[list[str]]:
    """A row of figures for each form."""
    import glassnet
    from glassnet.errors import GlassnetError

    models = {
        dtype: glassnet.train(path, target, dtype=dtype, **SETTINGS) for dtype in ("float32", "float64")
    }
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for form in forms:
            out = Path(folder) / "model"
            try:
                single, double = (models[dtype].export(out, form, path, rows=most) for dtype in models)
            except GlassnetError as error:
                rows.append([form, "", "", "", "", str(error)[:90]])
                continue
            if single.not_run:
                rows.append([form, "", "", "", "", single.not_run])
                continue
            found = [single.difference, single.from_engine, double.from_engine]
            rows.append([form, f"{single.rows:,}", *(f"{own.size:.1e}" for own in found), ""])
            if single.single:
                found = [single.single, single.single_from_engine]
                rows.append(
                    [f"{form}, float", f"{single.rows:,}", *(f"{own.size:.1e}" for own in found), "", ""]
                )
    return rows


def one_row() -> list[list[str]]:
    """The microseconds of one row of a 54-256-128-7 network, and the ratio to the native engine's."""
    import glassnet

    random = np.random.default_rng(0)
    columns = {f"c{at}": random.normal(size=400) for at in range(54)}
    label = np.argmax([columns[f"c{at}"] for at in range(7)], axis=0)
    model = glassnet.train(
        {**columns, "y": [f"k{code}" for code in label]}, "y",
        recipe="single", hidden=(256, 128), epochs=2, bins=0, seed=1, progress=False, holdout=0.2,
    )  # fmt: skip
    predictor, inputs = model.predictor(), model.encode(columns).inputs[:1]
    native = min(_seconds(predictor, inputs) for _ in range(ROUNDS))
    rows = [["native engine, float32, from Python", f"{native * 1e6:.2f}", ""]]
    values = ", ".join(f"{column[0]:.9g}" for column in columns.values())
    with tempfile.TemporaryDirectory() as folder:
        model.export(Path(folder) / "model.h", check=False)
        text = MAIN.replace("ROUNDS", str(ROUNDS)).replace("CALLS", str(CALLS)).replace("VALUES", values)
        (Path(folder) / "main.c").write_text(text)
        for flag in ("-O2", "-O3"):
            command = ["cc", "-std=gnu99", flag, "main.c", "-o", "main", "-lm"]
            subprocess.run(command, cwd=folder, check=True)
            answered = subprocess.run([Path(folder) / "main"], capture_output=True, text=True, check=True)
            for kind, text in zip(("float", "double"), answered.stdout.split(), strict=True):
                seconds = float(text)
                rows.append([f"C header, {kind}, {flag}", f"{seconds * 1e6:.2f}", f"{seconds / native:.2f}"])
    return rows


def _seconds(predictor: Any, inputs: Any) -> float:
    start = time.perf_counter()
    for _ in range(CALLS):
        predictor(inputs)
    return (time.perf_counter() - start) / CALLS


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tables", nargs="*", metavar="TABLE:TARGET")
    parser.add_argument("--forms", help="comma-separated; by default all")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    limit_threads(1)
    warnings.simplefilter("ignore")
    import glassnet
    from glassnet.ship.export.exporting import FORMS

    forms = options.forms.split(",") if options.forms else [*FORMS]
    results: dict[str, Any] = {}
    for named in options.tables or [str(Path(glassnet.__file__).parent / "data" / BUNDLED)]:
        path, _, target = named.rpartition(":")
        rows = results[named] = differences(path, target, forms, options.rows)
        header = ["form", "rows", "arithmetic", "float32", "float64", ""]
        table(f"{Path(path).name}, {target}", header, rows)
    results["one row"] = one_row()
    table("One row of a 54-256-128-7 network", ["", "µs", "ratio"], results["one row"])
    save(results, options.json)


if __name__ == "__main__":
    main()
