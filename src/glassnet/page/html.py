"""The page as HTML: one file, under a Content-Security-Policy that names each of its parts by a hash."""

from __future__ import annotations

import html
import json
from typing import Any

from glassnet.page import bundle
from glassnet.printable import one_line

_BODY = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
{policy}<title>{title}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<div id="glassnet"><noscript>This page computes with the network itself, and needs JavaScript for it.</noscript></div>
{document}<script type="module"{when}>{script}</script>
{behind}</body>
</html>
"""


def policy(*, live: bool) -> str:
    """The Content-Security-Policy: the page's own script and style by their hashes, and nothing from elsewhere."""
    parts = {
        "default-src": "'none'",
        "script-src": bundle.csp_hash(bundle.script()),
        "style-src": bundle.csp_hash(bundle.style()),
        "img-src": "data: blob:",
        "connect-src": "'self'" if live else "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    if live:  # which a meta element cannot say
        parts["frame-ancestors"] = "'none'"
    return "; ".join(f"{name} {value}" for name, value in parts.items())


def page(title: str, document: dict[str, Any] | None) -> str:
    """The page with a document in it; without one, the page that asks its server."""
    embedded, meta, when, behind = "", "", "", ""
    if document is not None:
        document, parts = _split(document)
        when = " async"  # so that the page is drawn before the browser has read what stands behind the script
        behind = "".join(
            f'<script type="text/plain" id="{name}">{text}</script>\n' for name, text in parts.items()
        )
        # a value that contains "</script>" must not end the element that holds it
        text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        text = text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
        embedded = f'<script type="application/json" id="glassnet-document">{text}</script>\n'
        meta = f'<meta http-equiv="Content-Security-Policy" content="{policy(live=False)}">\n'
    return _BODY.format(
        policy=meta,
        title=html.escape(one_line(title)),
        style=bundle.style(),
        document=embedded,
        when=when,
        script=bundle.script(),
        behind=behind,
    )


def _split(document: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """``document`` with the names of elements in place of the parameters of earlier epochs, and their texts."""
    parts: dict[str, str] = {}
    members = []
    for at, member in enumerate(document.get("members", ())):
        if snapshots := member["snapshots"]:
            packed = snapshots["parameters"]
            parts[name := f"glassnet-snapshots-{at}"] = packed["data"]
            snapshots = {**snapshots, "parameters": {**packed, "data": "", "element": name}}
        members.append({**member, "snapshots": snapshots})
    return ({**document, "members": members} if parts else document), parts
