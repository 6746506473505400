"""The widget in Chromium, as a notebook mounts it: several models on one page, in cells narrower than the window."""

import json
from pathlib import Path

from browser import Tab, chromium
from glassnet.page import bundle
from glassnet.page.document import describe
from page_models import example

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Notebook</title>
<style>{style}</style></head>
<body><div id="first" style="width: 640px"></div><div id="second" style="width: 640px"></div><script type="module">
{module}
const documents = {documents};
for (const id in documents) {{
  widget.render({{ model: {{ get: () => documents[id], on: () => {{}} }}, el: document.getElementById(id) }});
}}
</script></body></html>"""


def test_each_widget_shows_its_own_model_in_the_width_that_it_has(tmp_path: Path) -> None:
    documents = {
        place: describe(*example(name))
        for place, name in (("first", "penguins"), ("second", "several targets"))
    }
    text = _PAGE.format(
        style=bundle.style(),
        module=bundle.widget().replace("export default", "const widget ="),
        documents=json.dumps(documents).replace("<", "\\u003c"),
    )
    (tmp_path / "notebook.html").write_text(text, encoding="utf-8")
    with chromium() as browser:
        tab = Tab(browser, (tmp_path / "notebook.html").as_uri())
        assert tab.text("#first h1").startswith("species")
        assert tab.text("#second h1").startswith("price, height")
        tab.page.locator("#first").get_by_role("tab", name="Use it", exact=True).click()
        assert tab.page.locator("#first .use-view").count() == 1
        assert tab.page.locator("#second .network-view").count() == 1
        card = tab.page.locator("#second .net-card").bounding_box()
        assert card["width"] > 560  # the cards stand one below the other
        assert tab.faults == []
        tab.close()
