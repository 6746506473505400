"""The report: a model as one HTML file, which needs no server and no network and predicts in the page."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from glassnet.files import replacing
from glassnet.page.document import ROWS, describe
from glassnet.page.html import page
from glassnet.page.rows import parts_of

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel


def report_document(model: TrainedModel, table: Any = None, *, rows: int = ROWS) -> dict[str, Any]:
    """The document with all that is measured after a training: importances, findings, the card."""
    from glassnet.inside.card import card
    from glassnet.inside.doctor import examine
    from glassnet.inside.importances import importances

    encoded = None if table is None else model.encode(table)
    labeled = encoded is not None and model.labeled(encoded) is not None
    judged = table if labeled else None
    return describe(
        model,
        table,
        rows=rows,
        importances=importances(model, judged),
        diagnosis=examine(model, judged),
        card=card(model),
        parts=None if encoded is None else parts_of(model, encoded),
    )


def report_html(model: TrainedModel, table: Any = None, *, rows: int = ROWS) -> str:
    """The report as text; see :func:`write_report`."""
    document = report_document(model, table, rows=rows)
    return page(f"glassnet: {document['title']}", document)


def write_report(
    model: TrainedModel, path: str | os.PathLike[str], table: Any = None, *, rows: int = ROWS
) -> None:
    """Write the report of ``model`` to ``path``.

    Args:
        table: rows to show, to judge the predictions by and to measure importances on; without them the report
            has no rows.
        rows: how many rows of the table go into the file at most, evenly spaced; fewer of a table of more than 100
            columns, at most 200,000 values.

    Raises:
        TableError: a table that the model cannot read.
        OSError: the folder is missing or may not be written to; an older file stays.
    """
    text = report_html(model, table, rows=rows)
    with replacing(path) as stream:
        stream.write(text.encode())
