"""The workbook: its formulas, computed by a package for them, answer as the model does."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import formulas
import numpy as np
import openpyxl
import pytest

import glassnet
from exported import QUICK, example
from glassnet.errors import InputError
from glassnet.ship.export import excel, excel_run, verify
from glassnet.ship.export.excel_book import Book
from glassnet.ship.export.excel_layers import ACTIVATIONS
from glassnet.ship.export.excel_sheets import FIRST, SHOWN, TYPED, answer_rows
from glassnet.ship.export.exporting import form_named
from glassnet.ship.export.program import Dense, program_of
from glassnet.ship.export.runtime import arrays

pytestmark = pytest.mark.filterwarnings("ignore")  # of packages that read and compute workbooks


@pytest.mark.parametrize("name", ["classes", "hostile", "dates"])
def test_it_answers_as_its_model(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "MOST_ROWS", 14)
    model, table = example(name)
    path = tmp_path / "model.xlsx"
    found = model.export(path, None, table, rows=3)
    assert found.passed
    assert (found.rows, found.adversarial) == (3, 14)
    assert found.difference is not None
    assert found.difference.size <= 1e-12
    assert [each.name for each in tmp_path.iterdir()] == ["model.xlsx"]
    lines = [row[0].value for row in openpyxl.load_workbook(path)["Certificate"].iter_rows(min_row=3)]
    assert lines[0] == "Rows tried: 3 of a table, 14 adversarial."


def test_another_weight_is_found_but_a_typed_value_is_none_of_its_content(tmp_path: Path) -> None:
    model, table = example("numbers")
    path = tmp_path / "model.book"
    model.export(path, "excel", check=False)
    path = path.rename(tmp_path / "model.xlsx")
    book = openpyxl.load_workbook(path)
    book["Row"]["B5"] = 7.5
    book.save(path)
    form, program = form_named("excel"), program_of(model)
    assert form.body(path.read_bytes()) == form.body(form.content(program, []))
    at = next(row for row in range(1, 99) if str(book["Network"][f"A{row}"].value).startswith("weights of"))
    book["Network"][f"C{at}"].value += 0.1
    book.save(path)
    found = verify(path, model, table, rows=3)
    assert len(found.faults) == 2  # by what it answers, and by its content
    assert f"Network!C{at}" in found.faults[1]
    assert found.difference is not None
    assert found.difference.size > 1e-5


def test_every_activation_is_the_same() -> None:
    values = [-800.0, -30.0, -1.5, -1e-9, 0.0, 1e-9, 0.3, 2.0, 30.0]
    book = Book()
    sheet = book.sheet("S")
    for row, kind in enumerate(ACTIVATIONS):
        for column, z in enumerate(values):
            sheet.value(2 * row, column, z)
            sheet.formula(2 * row + 1, column, ACTIVATIONS[kind].format(z=sheet.cell(2 * row, column)), 0)
    computed = _calculated(book.content())
    for row, kind in enumerate(ACTIVATIONS):
        found = [
            float(computed[f"'[BOOK.XLSX]S'!{'ABCDEFGHI'[at]}{2 * row + 2}"].value[0, 0]) for at in range(9)
        ]
        np.testing.assert_allclose(found, arrays.ACTIVATIONS[kind](np.array(values)), rtol=1e-9, atol=1e-13)


def _calculated(content: bytes) -> dict[str, Any]:
    import tempfile

    with tempfile.TemporaryDirectory() as folder, excel_run._silent():
        path = Path(folder) / "book.xlsx"
        path.write_bytes(content)
        found = formulas.ExcelModel().loads(str(path)).finish().calculate()
    return {key.upper(): value for key, value in found.items() if isinstance(key, str)}


@pytest.mark.parametrize("name", ["classes", "binary", "numbers", "labels"])
def test_it_shows_an_example_that_is_computed(tmp_path: Path, name: str) -> None:
    model, _ = example(name)
    model.export(tmp_path / "model.xlsx", check=False)
    row = openpyxl.load_workbook(tmp_path / "model.xlsx", data_only=True)["Row"]
    typed = {}
    for at, column in enumerate(model.schema.inputs, FIRST + 1):
        assert row.cell(at, 1).value == column.name
        typed[column.name] = [row.cell(at, TYPED + 1).value]
    expected = np.ravel(model.predict(typed))
    for (first, shares), own in zip(answer_rows(program_of(model)), expected, strict=True):
        shown = row.cell(first + 1, SHOWN + 1).value
        assert shown == (own if isinstance(own, str) else pytest.approx(own, rel=1e-5))
        assert sum(row.cell(at + 1, SHOWN + 1).value for at in shares) == pytest.approx(
            1.0 if shares else 0.0
        )


def test_it_can_be_read_and_filled_in(tmp_path: Path) -> None:
    model, _ = example("classes")
    model.export(tmp_path / "model.xlsx", check=False)
    book = openpyxl.load_workbook(tmp_path / "model.xlsx")
    assert book.sheetnames == [
        "About",
        "Row",
        "Inputs",
        "Network 1",
        "Network 2",
        "Answer",
        "Lists",
        "Certificate",
    ]
    assert all(book[name].freeze_panes for name in ("Row", "Inputs", "Network 1", "Answer", "Lists"))
    (choices,) = [own for own in book["Row"].data_validations.dataValidation if "B6" in own.sqref]
    assert str(choices.formula1).startswith("Lists!")
    assert book["Row"]["B8"].number_format == "yyyy-mm-dd hh:mm:ss"
    layer = book["Network 1"]
    formula = next(own.value for own in layer["C"] if "SUMPRODUCT" in str(own.value))
    assert formula.startswith("=SUMPRODUCT($B$")
    content = form_named("excel").content(program_of(model), [])
    assert content == form_named("excel").content(program_of(model), [])


def test_no_name_becomes_a_formula(tmp_path: Path) -> None:
    texts = ["=1+1", "+1", "-1", "@SUM(A1)", "https://example.com", "{=1}", *["a\x07"] * 4]
    random = np.random.default_rng(0)
    table = {"=HYPERLINK(1)": random.choice(texts, 90).tolist(), "@b": random.normal(size=90)}
    model = glassnet.train(
        {**table, "+y": random.choice(texts[:3], 90).tolist()}, "+y", **QUICK, recipe="single"
    )
    path = tmp_path / "model.xlsx"
    model.export(path, check=False)
    cells = [
        cell
        for sheet in openpyxl.load_workbook(path)
        for row in sheet
        for cell in row
        if cell.value is not None
    ]
    found = [cell for cell in cells if any(str(cell.value) == text for text in (*texts, *table, "+y"))]
    assert len(found) > 10
    assert {cell.data_type for cell in found} == {"s"}
    assert not any(cell.hyperlink for cell in cells)


def test_what_is_too_large_is_refused_or_not_proven_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, _ = example("bins")
    form, program = form_named("excel"), program_of(model)
    assert form.faults(program) == []
    wide = replace(program, members=((Dense(np.zeros((501, 500)), np.zeros(500), "relu"),),))
    (fault,) = form.faults(wide)
    assert "250,500 weights, but a workbook may have 250,000" in fault
    monkeypatch.setattr(excel_run, "MOST_WEIGHTS", 10)
    monkeypatch.setenv("PATH", str(tmp_path))  # there is no LibreOffice
    found = model.export(tmp_path / "model.xlsx")
    assert "soffice" in found.not_run
    assert "formulas takes minutes" in found.not_run
    assert (tmp_path / "model.xlsx").exists()


@pytest.mark.skipif(not shutil.which("soffice"), reason="there is no LibreOffice")
def test_libreoffice_computes_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel_run, "MOST_WEIGHTS", 10)
    monkeypatch.setattr(excel, "MOST_ROWS", 12)
    model, table = example("hostile")
    found = model.export(tmp_path / "model.xlsx", None, table, rows=3)
    assert found.passed
    assert found.tools.startswith("LibreOffice")
    assert found.difference is not None
    assert found.difference.size <= 1e-12


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.xlsx"
    path.write_bytes(b"PK\x03\x04" + b"\xff" * 40)
    with pytest.raises(InputError, match="no workbook"):
        verify(path, example("bins")[0], rows=1)
