"""Every form of export answers as its model does, says so, and is refused when a weight of it is changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from exported import EXAMPLES, example, with_another_weight
from glassnet import train
from glassnet.errors import ExportError, InputError
from glassnet.ship.export import Certificate, verify
from glassnet.ship.export.exporting import FORMS, endings, form_named
from glassnet.ship.export.form import Form, TextForm
from glassnet.ship.export.sources import shown
from glassnet.targets import TargetEncoding

TEXT_FORMS = [form for form in FORMS if isinstance(form_named(form), TextForm)]
SLOW = ("c8", "postgresql")  # test_c.py, test_sql.py
OTHERS = [form for form in FORMS if form not in ("postgresql", "excel")]  # test_sql.py, test_excel.py


def exported(name: str, form: str, folder: Path, **options: Any) -> tuple[Path, Certificate]:
    model, table = example(name)
    path = folder / "model"
    return path, model.export(path, form, table, **options)


@pytest.mark.parametrize("form", [form for form in TEXT_FORMS if form not in SLOW])
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_export_answers_as_its_model(tmp_path: Path, name: str, form: str) -> None:
    if (name, form) == ("dates", "sqlite"):
        pytest.skip("it reads dates of one notation")  # test_sql.py
    path, found = exported(name, form, tmp_path)
    if found.not_run:
        pytest.skip(found.not_run)
    assert found.passed
    assert found.adversarial > 20
    assert found.rows == len(next(iter(example(name)[1].values())))
    assert found.difference is not None
    assert found.difference.size <= 1e-12
    assert shown(str(found.difference)) in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("form", [form for form in TEXT_FORMS if form != "postgresql"])
def test_another_weight_is_found(tmp_path: Path, form: str) -> None:
    path, _ = exported("classes", form, tmp_path)
    model, table = example("classes")
    if (found := verify(path, model, table)).not_run:
        pytest.skip(found.not_run)
    assert found.passed
    with_another_weight(path, model.members[0].learnt[-1].biases[0])
    found = verify(path, model, table)
    assert len(found.faults) >= 2  # by what it answers, and by its text
    assert found.difference is not None
    assert found.difference.size > 1e-5


@pytest.mark.parametrize("form", OTHERS)
def test_another_model_is_found(tmp_path: Path, form: str) -> None:
    path, _ = exported("bins", form, tmp_path)
    model, table = example("bins")
    assert isinstance(model.target, TargetEncoding)
    target = replace(model.target, mean=(model.target.mean[0] + 1e-3,))
    assert not verify(path, replace(model, target=target), table).passed


def test_a_wrong_description_of_an_encoder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from glassnet.tables.encode.category import CategoryEncoder

    monkeypatch.setattr(CategoryEncoder, "value_program", lambda own, described: _shifted(own, described))
    with pytest.raises(ExportError, match="its arithmetic differs"):
        exported("classes", "numpy", tmp_path)
    assert list(tmp_path.iterdir()) == []
    _, found = exported("classes", "numpy", tmp_path, check=False)
    assert not found.passed


def _shifted(own: Any, described: Any) -> Any:
    from glassnet.tables.encode.program import TEXTS, ColumnProgram, Source, one_hot

    return ColumnProgram(Source(own.column, TEXTS), one_hot(own.levels[::-1], own.other))


def test_rows_are_made_up_where_there_is_no_table(tmp_path: Path) -> None:
    model, _ = example("dates")
    found = model.export(tmp_path / "model.py", rows=50)
    assert (found.rows, found.made_up) == (0, 50)
    assert found.passed


def test_few_rows_are_tried_where_a_row_takes_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Form, "most_rows", lambda own, program: 7)
    model, table = example("numbers")
    found = model.export(tmp_path / "model.py", table=table)
    assert (found.rows, found.adversarial) == (7, 7)
    assert "Rows tried: 7 of a table, 7 adversarial." in found.lines()


def test_an_encoder_that_does_not_describe_itself_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from glassnet.tables.encode.column_encoder import ColumnEncoder
    from glassnet.tables.encode.number import NumberEncoder

    monkeypatch.setattr(NumberEncoder, "value_program", ColumnEncoder.value_program)
    with pytest.raises(InputError, match="NumberEncoder, has no value_program"):
        exported("bins", "python", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_ending_chooses_the_form(tmp_path: Path) -> None:
    model, _ = example("bins")
    for ending, form in endings().items():
        path = tmp_path / f"model{ending}"
        model.export(path, check=False)
        assert form_named(form).body(path.read_bytes()) == form_named(form).body(
            (lambda other: (model.export(other, form, check=False), other.read_bytes())[1])(
                tmp_path / "other"
            )
        )


@pytest.mark.parametrize(
    ("path", "to", "message"),
    [
        ("model.txt", None, r"\.py"),
        ("model.py", "pyhton", "Did you mean 'python'"),
        ("model", None, "endings"),
    ],
)
def test_no_form_is_refused(tmp_path: Path, path: str, to: str | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        example("bins")[0].export(tmp_path / path, to)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_export_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.txt"
    path.write_text("1 + 1")
    with pytest.raises(InputError, match="is no export of glassnet"):
        verify(path, example("bins")[0])


WEEKS = [f"2024-W{1 + at % 50:02d}" for at in range(100)]
TIMES = ["10:00 CET", "11:30 CET", "12:00 CET"] * 5


@pytest.mark.parametrize(
    ("texts", "note"), [(WEEKS, "'2024-W01' as '2024-01-01'"), (TIMES, "'10:00 CET' as '10:00:00'")]
)
def test_dates_that_exports_do_not_read_are_tried_as_the_model_reads_them(
    tmp_path: Path, texts: list[str], note: str
) -> None:
    table = {"when": texts, "y": [*map(float, range(len(texts)))]}
    certificate = train(table, "y", epochs=2, recipe="single").export(tmp_path / "model.py", table=table)
    assert certificate.passed
    assert certificate.rows == len(texts)
    assert (
        f"Column 'when': exports do not read such dates; tried were {note}, and so on." in certificate.lines()
    )
