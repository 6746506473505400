"""The header in C: no warning, no undefined behavior, no allocation, and weights of 8 bits."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import glassnet
from exported import example
from glassnet.ship.export.c_names import literal, names_for
from glassnet.ship.export.c_run import FLAGS, main_program
from glassnet.ship.export.certificate import reference, rows_to_try
from glassnet.ship.export.program import program_of
from glassnet.ship.export.rounded import RoundedDense, rounded

COMPILERS = [name for name in ("gcc", "clang") if shutil.which(name)]
pytestmark = pytest.mark.skipif(not COMPILERS, reason="there is no compiler of C")
CHECKED = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g")


def fuses() -> bool:
    """Whether this processor adds a product without rounding it first, as far as the system says."""
    about = Path("/proc/cpuinfo")
    return about.exists() and " fma " in about.read_text(encoding="utf-8")


def compiled(folder: Path, name: str, form: str, command: list[str]) -> str:
    """What a program prints that has the header and its rows in it."""
    model, _ = example(name)
    model.export(folder / "model.h", form, check=False)
    program = program_of(model)
    rows, _ = rows_to_try(model, program, None, 40)
    (folder / "main.c").write_text(main_program(program, rows), encoding="utf-8")
    done = subprocess.run(
        [*command, "main.c", "-o", "main", "-lm"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    done = subprocess.run([folder / "main"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 2 * len(rows)
    return done.stdout


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("name", ["dates", "bins", "labels", "hostile"])
def test_there_is_no_warning_and_no_undefined_behavior(tmp_path: Path, name: str, compiler: str) -> None:
    form = "c8" if name == "bins" else "c"
    compiled(tmp_path, name, form, [compiler, *FLAGS, "-Wshadow", "-Werror", *CHECKED])


def test_every_kind_of_processor_has_the_same_answers(tmp_path: Path) -> None:
    usual = compiled(tmp_path, "bins", "c", [COMPILERS[0], *FLAGS]).splitlines()
    header, kinds = tmp_path / "model.h", []
    whole = header.read_text(encoding="utf-8")
    for lacks in ("avx512vl", "avx2"):
        whole = whole.replace(f'__builtin_cpu_supports("{lacks}")', "0")
        header.write_text(whole, encoding="utf-8")
        subprocess.run([COMPILERS[0], *FLAGS, "main.c", "-o", "main", "-lm"], cwd=tmp_path, check=True)
        ran = subprocess.run([tmp_path / "main"], capture_output=True, text=True, check=True)
        kinds.append(ran.stdout.splitlines())
    assert whole.count("if (0 && ") == 4  # of double and float
    for single, tolerance in ((False, 1e-13), (True, 1e-5)):
        first, *others = (
            np.array([[float(each) for each in line.split()] for line in lines[single::2]])
            for lines in (usual, *kinds)
        )
        for other in others:
            np.testing.assert_allclose(other, first, rtol=tolerance, atol=tolerance)


@pytest.mark.skipif(not fuses(), reason="this processor rounds each product")
def test_float_has_the_sums_of_the_engine(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(300, 8))
    table = {f"x{at}": x[:, at] for at in range(8)}
    table["y"] = np.argmax(x @ random.normal(size=(8, 10)), axis=1).astype(str)
    model = glassnet.train(table, "y", epochs=20, learning_rate=0.03, seed=1, progress=False, recipe="single")
    found = model.export(tmp_path / "model.h", table=table)
    assert found.single_from_engine is not None
    assert found.single_from_engine.size <= 6e-8  # that of the softmax
    assert found.from_engine is not None
    assert found.from_engine.size > 2 * found.single_from_engine.size  # that of double: float rounds, too
    assert f"from the engine {found.single_from_engine}" in (tmp_path / "model.h").read_text()


def test_it_is_also_c_plus_plus(tmp_path: Path) -> None:
    compiler = next((name for name in ("g++", "clang++") if shutil.which(name)), None)
    if compiler is None:
        pytest.skip("there is no compiler of C++")
    compiled(tmp_path, "dates", "c", [compiler, "-x", "c++", "-std=c++17", "-Wall", "-Wextra", "-Werror"])


def test_it_allocates_nothing_and_keeps_nothing(tmp_path: Path) -> None:
    model, _ = example("dates")
    model.export(tmp_path / "model.h", check=False)
    text = (tmp_path / "model.h").read_text(encoding="utf-8")
    assert not re.search(r"\b(malloc|calloc|realloc|free|alloca)\b", text)
    assert set(re.findall(r"#include (.*)", text)) == {"<math.h>", "<stddef.h>", "<string.h>"}
    changing = [line for line in text.splitlines() if re.match(r"\s*static (?!inline|const)", line)]
    assert changing == []


def test_a_value_that_a_column_cannot_have_is_a_fault(tmp_path: Path) -> None:
    model, _ = example("dates")
    model.export(tmp_path / "model.h", check=False)
    columns = [column.name for column in model.schema.inputs]
    usual = {"iso": "1950-02-28", "written": "03 Jan 1960", "european": "", "clock": "10:15"}
    wrong = [
        {},
        *({"iso": text} for text in ("1950-02-29", "1950-13-01", "50-01-01", "1950-01-01x", "yesterday")),
    ]
    wrong += [{"clock": "10"}, {"written": "03 Mai 1960"}]
    rows = [", ".join(literal({**usual, **each}[name]) for name in columns) for each in wrong]
    lines = ["#include <stdio.h>", '#include "model.h"', "int main(void) {", "    value_answer answer;"]
    lines += [
        f'    {{ value_row row = {{{row}}}; printf("%d\\n", value_predict(&row, &answer)); }}' for row in rows
    ]
    (tmp_path / "main.c").write_text("\n".join([*lines, "    return 0;", "}", ""]))
    subprocess.run([COMPILERS[0], "main.c", "-o", "main", "-lm"], cwd=tmp_path, check=True)
    found = subprocess.run([tmp_path / "main"], capture_output=True, text=True, check=True).stdout.split()
    place = {name: str(number) for number, name in enumerate(columns, 1)}
    assert found == ["0", *[place["iso"]] * 5, place["clock"], place["written"]]


def test_weights_of_8_bits_lose_little_and_say_so(tmp_path: Path) -> None:
    model, table = example("classes")
    found = model.export(tmp_path / "model.h", "c8", table)
    assert found.passed
    assert found.loss[0].startswith("Weights of 8 bits:")
    text = (tmp_path / "model.h").read_text(encoding="utf-8")
    assert all(line in text for line in found.loss)
    program = program_of(model)
    for layer, exact in zip(rounded(program).members[0], program.members[0], strict=True):
        assert isinstance(layer, RoundedDense)
        assert (np.abs(layer.weights - exact.weights) <= layer.steps * 0.501).all()
    rows, _ = rows_to_try(model, program, None, 200)
    difference = np.abs(reference(program, rows).numbers - reference(rounded(program), rows).numbers)
    assert 0 < difference.mean() < 0.02


@pytest.mark.parametrize(
    ("name", "metric"), [("classes", "accuracy"), ("numbers", "rmse price"), ("bins", "rmse")]
)
def test_the_loss_is_measured_by_the_target_where_the_table_has_it(
    tmp_path: Path, name: str, metric: str
) -> None:
    model, table = example(name)
    lines = model.export(tmp_path / "model.h", "c8", table).loss
    count = len(next(iter(table.values())))
    assert lines[1].startswith(f"Weights of 8 bits, on {count} rows with a target: ")
    before, after = re.search(rf"{metric} (\S+) before and (\S+) after", lines[1]).groups()  # type: ignore[union-attr]
    assert float(before) == pytest.approx(model.evaluate(table)[metric], rel=1e-4)
    assert float(after.rstrip(".,")) == pytest.approx(model.evaluate(table)[metric], rel=0.1)
    without = {key: values for key, values in table.items() if key not in model.target.columns}
    assert len(model.export(tmp_path / "model.h", "c8", without).loss) == 1
    if name == "classes":
        unknown = {**table, "at": ["Atlantis", *table["at"][1:]]}
        assert "was not measured" in model.export(tmp_path / "model.h", "c8", unknown).loss[1]


def test_names_and_texts_are_safe() -> None:
    assert names_for(["int", "a b", "a-b", "9", "", "✓", "I"], "column") == [
        "int_", "a_b", "a_b_2", "column_9", "column_5", "column_6", "I_",
    ]  # fmt: skip
    assert literal('a"\\?\n7é') == '"a\\042\\134\\077\\0127\\303\\251"'
