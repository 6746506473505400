"""The export to ONNX: one file that ONNX Runtime and others run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from glassnet.errors import InputError, to_install
from glassnet.ship.export.form import ExportFailed, Form, Ran, Unavailable
from glassnet.ship.export.program import ModelProgram, label_text
from glassnet.ship.export.rows import RawRows
from glassnet.ship.export.runtime.cells import read_time
from glassnet.ship.export.sources import column_lines, summary
from glassnet.tables.encode.program import Source

CERTIFICATE = "certificate"


class Onnx(Form):
    name = "onnx"
    title = "a file of ONNX"
    endings: ClassVar[tuple[str, ...]] = (".onnx",)

    def faults(self, program: ModelProgram) -> list[str]:
        try:
            import onnx  # noqa: F401
        except ImportError:
            return [f"the package onnx is not installed; {to_install('onnx')}."]
        return []

    def content(self, program: ModelProgram, certificate: Sequence[str]) -> bytes:
        from onnx import helper

        from glassnet.ship.export.onnx_graph import graph_of

        model = graph_of(program)
        about = [*summary(program), "Columns:", *column_lines(program)]
        model.doc_string = "\n".join(["", f"Form: {self.name}", *about, ""])
        helper.set_model_props(model, {CERTIFICATE: "\n".join(certificate)})
        written: bytes = model.SerializeToString(deterministic=True)
        return written

    def body(self, content: bytes) -> Any:
        import onnx
        from google.protobuf.message import DecodeError

        try:
            model = onnx.ModelProto.FromString(content)
        except DecodeError:
            raise InputError("it is no file of ONNX, or a damaged one.") from None
        del model.metadata_props[:]
        return model.SerializeToString(deterministic=True)

    def run(self, path: Path, program: ModelProgram, rows: RawRows) -> Ran:
        try:
            import onnx
            import onnxruntime
        except ImportError as error:
            raise Unavailable(f"the package {error.name} is not installed here") from None
        try:
            onnx.checker.check_model(onnx.load(path), full_check=True)
            session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
            answers = session.run(None, feed(program, rows))
        except Exception as error:  # of classes that both packages define in C++
            raise ExportFailed(f"ONNX Runtime says: {str(error)[:400]}") from None
        numbers, labels = [], []
        for answer in program.answers:
            value = answers.pop(0)
            if answer.classes is None:
                numbers.append(value)
                continue
            numbers.append(answers.pop(0))
            labels.append([label_text(own) for own in value[:, 0].tolist()])
        tools = f"ONNX Runtime {onnxruntime.__version__}, checker of onnx {onnx.__version__}"
        return Ran(np.hstack(numbers), tuple(labels), tools)


def feed(program: ModelProgram, rows: RawRows) -> dict[str, Any]:
    """Raw rows as the graph takes them: (N, 1) texts, empty for none, or numbers, NaN for none."""
    return {
        own.source.column: np.array(
            [[_cell(value, own.source)] for value in rows.columns[own.source.column]],
            object if own.source.is_text else np.float64,
        )
        for own in program.columns
    }


def _cell(value: Any, source: Source) -> str | float:
    if source.is_text:
        return "" if value is None else str(value)
    if isinstance(value, str):  # a date
        value = read_time(value, source.words, (), source.format)
    return math.nan if value is None else float(value)
