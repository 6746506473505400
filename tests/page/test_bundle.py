"""The front end as one script: how its modules are linked, and the libraries that come with it."""

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from glassnet.page import bundle

VENDOR = bundle.APP / "vendor"


def own_modules() -> list[Path]:
    return [path for path in bundle.APP.rglob("*.js") if path.parent != VENDOR]


def test_libraries_are_the_ones_that_the_manifest_names() -> None:
    manifest = json.loads((VENDOR / "vendor.json").read_text(encoding="utf-8"))
    files = {path.name for path in VENDOR.iterdir()} - {"vendor.json", "LICENSES.txt"}
    assert files - {name for name in files if name.endswith(".d.ts")} == set(manifest)
    licenses = (VENDOR / "LICENSES.txt").read_text(encoding="utf-8")
    for name, record in manifest.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == record["sha256"]
        assert record["package"] in licenses
        assert record["license"] in ("MIT", "Apache-2.0")


def test_modules_export_in_the_form_that_linking_knows() -> None:
    for path in own_modules():
        text = path.read_text(encoding="utf-8")
        exports = re.findall(r"^export\b.*$", text, re.MULTILINE)
        assert all(
            re.match(r"export ((async )?(function\*?|class|const|let) \w|\{)", line) for line in exports
        ), path
        assert len(text.splitlines()) <= 300, path


def test_nothing_is_fetched_evaluated_or_written_as_html() -> None:
    for path in own_modules():
        text = path.read_text(encoding="utf-8")
        for word in ("innerHTML", "dangerouslySetInnerHTML", "eval(", "new Function", "document.write"):
            assert word not in text, f"{path.name} has {word}"
        assert not re.search(r"https?://(?!www\.w3\.org/)", text), path


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node.js")
def test_linked_modules_compute_what_the_modules_compute(tmp_path: Path) -> None:
    linked = tmp_path / "network.mjs"
    linked.write_text(bundle.script("compute/network.js"), encoding="utf-8")
    code = (
        "const m = await import(process.argv[1]);"
        "const network = {inputs: 2, layers: [{width: 1, activation: 'relu'}]};"
        "const layers = m.layersOf(network, Float64Array.of(2, 3, 1));"
        "console.log(m.forward(network, layers, Float64Array.of(1, 1)).a[0][0], m.parameterCount(network));"
    )
    run = ["node", "--input-type=module", "-e", code, str(linked)]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout.split() == ["6", "3"]
