"""``watch``: train with a page in the browser on which the training is seen and steered."""

from __future__ import annotations

import webbrowser
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from glassnet.errors import InputError, SettingsError, to_install, unknown

if TYPE_CHECKING:
    from glassnet.page.live import Server


def watch(
    table: Any = None,
    target: str | Sequence[str] | None = None,
    *,
    browser: bool = True,
    port: int | None = None,
    upload_limit: int = 64_000_000,
    column_types: Mapping[str, str] | None = None,
    **settings: Any,
) -> Server:
    """Open a page on which a network is seen while it is trained.

    >>> page = glassnet.watch("penguins.csv", "species")      # doctest: +SKIP
    >>> page.model                                            # doctest: +SKIP

    Args:
        table: as for :func:`glassnet.train`; without one, the page opens on the worked example.
        target: the column to predict.
        browser: whether to open the page in the browser.
        port: the port of the server at 127.0.0.1; by default 8765, or another one if that is taken.
        upload_limit: the largest table, in bytes, that can be brought to the page.
        column_types: as for :func:`glassnet.train`.
        settings: those of :func:`glassnet.train` that the page shows: ``hidden``, ``activation``,
            ``learning_rate``, ``optimizer``, ``batch_size``, ``l1``, ``l2``, ``dropout``, ``epochs``,
            ``validation``, ``scaling``, ``seed``, ``loss``, ``patience`` and ``max_time``.

    Returns:
        The server: ``url`` is the address of the page, ``model`` the model once training has ended, and
        ``close()`` ends both.

    Raises:
        TableError: the table cannot be read or cannot be used for training.
        SettingsError: settings that cannot be used.
        ImportError: Starlette or uvicorn is not installed.
    """
    try:
        from glassnet.page.live import Server
    except ImportError as error:
        raise ImportError(
            f"The page needs Starlette and uvicorn ({error}); install them: {to_install('page')}."
        ) from error
    from dataclasses import replace

    from glassnet.fit import train
    from glassnet.page.session import Session
    from glassnet.page.sources import described_upload, table_source, worked_source
    from glassnet.tables import read_table

    upload = None
    if table is None:
        source = worked_source()
    else:
        name = str(table) if isinstance(table, str) else type(table).__name__
        one = target if isinstance(target, str) else None
        upload = described_upload(name, read_table(table), one)
        chosen = target if target is None or isinstance(target, str) else list(target)
        source = table_source(upload, chosen, column_types)
    if settings.pop("recipe", "single") != "single" or settings.pop("members", 1) != 1:
        raise SettingsError(
            "recipe, members: the page shows the training of one network, with the recipe single; leave them out, or "
            "train several networks with glassnet.train and look at them with model.report."
        )
    for name in settings:
        if name not in source.settings:
            raise InputError(unknown("a setting of the page", name, source.settings))
    server = Server(
        Session(train, replace(source, settings={**source.settings, **settings}), upload),
        port=port,
        upload_limit=upload_limit,
    )
    server.start()
    if browser:
        webbrowser.open(server.url)
    return server
