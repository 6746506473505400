"""Exporting a model, and proving again that a file is what the model exports."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from glassnet.errors import ExportError, Faults, InputError, called, unknown
from glassnet.files import naming, replacing
from glassnet.ship.export.certificate import MOST_ROWS, Certificate, certify
from glassnet.ship.export.form import Form
from glassnet.ship.export.program import ModelProgram, program_of, require
from glassnet.trained import TrainedModel

FORMS = {  # the class of each, which is loaded when it is asked for
    "python": "python.Python",
    "numpy": "arrays.NumPy",
    "c": "c.C",
    "c8": "c.C8",
    "javascript": "javascript.JavaScript",
    "sqlite": "sql.SQLite",
    "duckdb": "sql.DuckDB",
    "postgresql": "sql.PostgreSQL",
    "onnx": "onnx.Onnx",
    "excel": "excel.Excel",
}

ZIPPED = b"PK\x03\x04"  # with which a workbook begins


def form_named(name: str) -> Form:
    """The form of that name."""
    module, _, kind = FORMS[name].partition(".")
    found: Form = getattr(import_module(f"glassnet.ship.export.{module}"), kind)()
    return found


def export(
    model: TrainedModel,
    path: str | os.PathLike[str],
    to: str | None = None,
    table: Any = None,
    *,
    rows: int = MOST_ROWS,
    check: bool = True,
) -> Certificate:
    """Write ``model`` in a form that runs without glassnet, and prove that it answers the same.

    Args:
        model: the model.
        path: where it is written; an existing file is replaced only by a complete one.
        to: one of :data:`FORMS`; by default the ending of ``path`` chooses.
        table: rows to prove it with; by default rows are made up from the ranges and levels of the training table.
        rows: the most rows of the table, evenly spaced, or made up.
        check: whether the export is run; without, it has no certificate.

    Returns:
        What running the export showed; the file has the same as a comment.

    Raises:
        InputError: no such form, or all that it cannot express of this model; nothing is written.
        TableError: as :meth:`TrainedModel.predict`, for ``table``.
        ExportError: the export does not run, or does not answer as the model does; nothing is written.
        OSError: the file cannot be written.
    """
    form = form_named(_chosen(path, to))
    program = program_of(model)
    require(form.faults(program), form.title)
    encoded = None if table is None else model.encode(table)
    own = form.program(program)
    found = Certificate(form.name, not_run="it was not asked for")
    if check:
        with _draft(path) as draft:
            draft.write_bytes(form.content(own, ["Not run yet."]))
            found = certify(form, draft, model, program, encoded, rows)
    if found.faults:
        why = "; ".join(found.faults)
        raise ExportError(
            f"The export to {os.fsdecode(path)!r} is not written, for when it was tried, {why}. Export without this "
            f"proof by {called('check', False)}."
        )
    with replacing(path) as stream:
        stream.write(form.content(own, found.lines()))
    return found


def verify(
    path: str | os.PathLike[str], model: TrainedModel, table: Any = None, *, rows: int = MOST_ROWS
) -> Certificate:
    """Prove again that the file ``path`` answers as ``model`` does. This RUNS the file, with all your permissions.

    Args:
        path: an export.
        model: the model that it was written from.
        table: as for :func:`export`.
        rows: as for :func:`export`.

    Returns:
        What running it showed; its ``faults`` also tell where the file is another than ``model`` gives now.

    Raises:
        InputError: the file is no export.
        TableError, OSError: as for :func:`export`.
    """
    with naming(path):
        content = Path(path).read_bytes()
    form = form_named(_form_of(path, content))
    program = program_of(model)
    require(form.faults(program), form.title)
    encoded = None if table is None else model.encode(table)
    found = certify(form, Path(path), model, program, encoded, rows)
    if fault := _other_content(form, program, content):
        found = replace(found, faults=(*found.faults, fault))
    return found


def endings() -> dict[str, str]:
    """The form that each ending of a file chooses."""
    return {ending: name for name in FORMS for ending in form_named(name).endings}


def _chosen(path: str | os.PathLike[str], to: str | None) -> str:
    faults = Faults()
    if to is not None and to not in FORMS:
        faults.add(unknown(called("to"), to, FORMS))
    chosen = to or endings().get(Path(os.fsdecode(path)).suffix.lower(), "")
    if not chosen:
        known = ", ".join(endings())
        faults.add(
            f"{os.fsdecode(path)!r} has none of the endings {known}; give it one of them, or {called('to')} one of "
            f"{', '.join(FORMS)}."
        )
    faults.raise_if_any()
    return chosen


def _form_of(path: str | os.PathLike[str], content: bytes) -> str:
    """The form of an export, which its head names."""
    named = re.search(rb"^\W{0,4}Form: (\w+)\s*$", content[:65536], re.MULTILINE)
    if content.startswith(ZIPPED):
        return "excel"
    found = named[1].decode() if named else endings().get(Path(os.fsdecode(path)).suffix.lower(), "")
    if found not in FORMS:
        raise InputError(
            f"{os.fsdecode(path)!r} is no export of glassnet: it names no form that this version knows."
        )
    return found


def _other_content(form: Form, program: ModelProgram, content: bytes) -> str:
    """How the file differs from what the model gives now; an empty string if it does not."""
    own, expected = form.body(content), form.body(form.content(form.program(program), []))
    if own == expected:
        return ""
    if isinstance(own, str):
        pairs = zip(own.splitlines(), expected.splitlines(), strict=False)
        for here, there in pairs:
            if here != there:
                return f"it has {here.strip()[:80]!r}, but this model gives {there.strip()[:80]!r}"
    return "its content is another than this model gives"


@contextmanager
def _draft(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A path of the same ending in a folder that is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="glassnet-") as folder:
        yield Path(folder) / f"model{Path(os.fsdecode(path)).suffix}"
