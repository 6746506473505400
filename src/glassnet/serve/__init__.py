"""Models over HTTP: :func:`app` is an ASGI application for any server; ``glassnet serve`` serves it with uvicorn.

``/predict`` takes one row or many, as JSON or Arrow; the KServe V2 (Open Inference) protocol is there for its clients.
"""

try:
    from glassnet.serve.app import app
except ImportError as error:
    from glassnet.errors import to_install

    raise ImportError(
        f"glassnet.serve needs Starlette and uvicorn ({error}): {to_install('serve')}.", name="starlette"
    ) from error
from glassnet.serve.limits import Limits

__all__ = ["Limits", "app"]
