"""The report: one file, with nothing fetched and nothing evaluated."""

import base64
import json
import re
from pathlib import Path

import numpy as np
import pytest

import glassnet
from glassnet.cli import main
from glassnet.page import bundle
from glassnet.page.document import describe
from glassnet.page.html import page
from glassnet.page.rows import parts_of
from page_models import example


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("report") / "report.html"
    model, table = example("penguins")
    model.report(path, table)
    return path.read_text(encoding="utf-8")


def test_it_is_one_file_that_needs_no_network(report: str) -> None:
    assert len(report) < 1_000_000
    assert not re.search(r'(?:src|href)="(?!data:,")', report.split("<script")[0])
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', report)
    assert policy is not None
    assert "default-src 'none'" in policy[1]
    assert "connect-src 'none'" in policy[1]
    assert "unsafe" not in policy[1]
    assert bundle.csp_hash(bundle.script()) in policy[1]
    assert bundle.script() in report


def test_it_holds_the_document(report: str) -> None:
    text = re.search(r'id="glassnet-document">(.*?)</script>', report, re.DOTALL)
    assert text is not None
    document = json.loads(text[1])
    assert document["rows"]["total"] == 344
    assert document["evaluation"]["metrics"]["accuracy"] > 0.5
    assert set(document["importances"]["values"]) >= {"permutation", "olden"}
    assert document["findings"]["checked"]
    assert document["card"][0]["text"].startswith("Model card")
    assert {block["kind"] for block in document["card"]} == {"heading", "paragraph", "table", "code"}


def test_earlier_epochs_stand_behind_what_is_drawn_first(report: str) -> None:
    model, _ = example("penguins")
    kept = model.history.snapshots
    assert kept is not None
    script = report.index('<script type="module" async>')
    place = report.index('<script type="text/plain" id="glassnet-snapshots-0">')
    assert report.index('id="glassnet-document"') < script < place
    data = base64.b64decode(report[place:].partition(">")[2].partition("<")[0])
    assert data == np.ascontiguousarray(kept.parameters).tobytes()


def test_values_cannot_end_the_element_that_holds_them() -> None:
    text = page("</title><script>", {"column": "</script><script>alert(1)</script><!--"})
    assert text.count("<script") == 2
    assert "<title>&lt;/title&gt;&lt;script&gt;</title>" in text


def test_all_of_it_is_small_to_load() -> None:
    import gzip

    assert len(gzip.compress((bundle.script() + bundle.style()).encode())) < 150_000


def test_the_command_writes_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, _ = example("penguins")
    model.save(tmp_path / "model.glassnet")
    out = tmp_path / "report.html"
    assert main(["report", str(tmp_path / "model.glassnet"), "--out", str(out)]) == 0
    assert str(out) in capsys.readouterr().out
    assert '"rows":null' in out.read_text(encoding="utf-8")
    assert main(["report", str(tmp_path / "model.glassnet"), "-o", str(tmp_path / "no" / "r.html")]) == 2
    assert "there is no folder" in capsys.readouterr().err


def test_a_model_without_rows_can_be_reported(tmp_path: Path) -> None:
    model = glassnet.train({"x": [0.0, 1, 2, 3] * 5, "y": [1.0, 3, 5, 7] * 5}, "y", epochs=2, seed=0)
    model.report(tmp_path / "report.html")
    assert "glassnet: y (regression) from 1 columns" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_the_parts_of_the_table_that_was_trained_on_are_recognized() -> None:
    model, table = example("penguins")
    parts = parts_of(model, model.encode(table))
    assert {name: len(own) for name, own in parts.items()} == model.provenance["rows"]
    assert len(np.unique(np.concatenate(list(parts.values())))) == 344
    assert model.holdout is not None
    assert (parts["holdout"] == model.holdout.rows).all()
    document = describe(model, table, rows=100, parts=parts)
    assert set(document["rows"]["parts"]) == {"train", "validation", "holdout"}
    other = model.encode(model.encode(table).table.take(np.arange(100)))
    assert parts_of(model, other) == {}
