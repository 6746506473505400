"""``glassnet card``"""

from __future__ import annotations

import html
from pathlib import Path
from typing import Annotated

from glassnet.cli.arguments import AsJson, ModelPath, Quiet, out_option
from glassnet.cli.outputs import check_out, write_json, write_text
from glassnet.cli.terminal import print_text, render
from glassnet.errors import Faults, InputError
from glassnet.inside.card import Card
from glassnet.model import load

STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui;max-width:60em;margin:2em auto;padding:0 1em}"
)
FORMS = (".md", ".html", ".txt", ".tex", ".json")


def card(
    model: ModelPath,
    out: Annotated[
        Path | None,
        out_option("Where the card is written: .md, .html, .txt, .tex or .json. Default: standard output."),
    ] = None,
    quiet: Quiet = False,
    json: AsJson = False,
) -> None:
    """Write the model card: limits, figures with intervals, data, settings, a script.

    It says what the model should not be used for, as far as its training tells, and how to make it again.

    Examples:
      glassnet card model.glassnet
      glassnet card model.glassnet --out card.md
    """
    faults = Faults(InputError)
    if json and out is not None:
        faults.add("--json is printed on standard output; give it without --out.")
    elif out is not None:
        if out.suffix.lower() not in FORMS:
            faults.add(f"--out is {str(out)!r}, but must end in one of {', '.join(FORMS)}.")
        check_out(out, faults, model)
    faults.raise_if_any()
    found = load(model).card()
    if json:
        write_json("card", card=found)
    elif out is None:
        print(render(found.blocks()))
    else:
        write_text(_text(found, out.suffix.lower()), out)
        if not quiet:
            print_text(f"Model card written to {out}")


def _text(card: Card, form: str) -> str:
    if form == ".html":
        title = html.escape(f"Model card: {card.title}")
        return (
            f'<!doctype html>\n<meta charset="utf-8">\n<title>{title}</title>\n'
            f"<style>{STYLE}</style>\n{card.to_html()}\n"
        )
    write = {".md": card.to_markdown, ".tex": card.to_latex, ".json": card.to_json, ".txt": card.to_text}[
        form
    ]
    return f"{write().rstrip()}\n"
