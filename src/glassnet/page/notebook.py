"""The page in a notebook: an interactive widget where anywidget is installed, a still picture elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glassnet.page import bundle
from glassnet.training.progress import in_notebook

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel

WIDGET = "application/vnd.jupyter.widget-view+json"
ROWS = 500


def widget(model: TrainedModel, table: Any = None, *, rows: int = ROWS) -> Any:
    """The page of ``model`` as a widget for Jupyter, VS Code, Colab and marimo.

    Raises:
        ImportError: anywidget is not installed.
    """
    import anywidget
    import traitlets

    from glassnet.page.report import report_document

    class Page(anywidget.AnyWidget):
        _esm = bundle.widget()
        _css = bundle.style()
        document = traitlets.Dict().tag(sync=True)

    return Page(document=report_document(model, table, rows=rows))


class Still:
    """A still picture, for notebooks that cannot show the widget."""

    def __init__(self, html: str) -> None:
        self._html = html

    def _repr_html_(self) -> str:
        return self._html


def marimo_output(model: TrainedModel) -> Any:
    """What marimo shows of a model at the end of a cell; it makes no use of MIME bundles."""
    try:
        return widget(model)
    except ImportError:
        from glassnet.page.still import model_html

        return Still(model_html(model))


def mime_bundle(model: TrainedModel, **options: Any) -> Any:
    """What a notebook shows of a model at the end of a cell; nothing outside of notebooks."""
    if not in_notebook():
        return {}
    from glassnet.page.still import model_html

    still = {"text/plain": repr(model), "text/html": model_html(model)}
    try:
        shown = widget(model)._repr_mimebundle_(**options)
    except ImportError:
        return still
    data, metadata = shown if isinstance(shown, tuple) else (shown or {}, {})
    return {**still, **{name: data[name] for name in data if name == WIDGET}}, metadata
