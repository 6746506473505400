"""The architecture: which package imports which, what is exported, what an import costs, how long files are."""

import ast
import contextlib
import importlib
import inspect
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

import glassnet

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "glassnet"
PUBLIC = [
    "glassnet",
    *(
        f"glassnet.{package}"
        for package in ("net", "tables", "engines", "training", "inside", "ship", "ship.export", "pictures")
    ),
]

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def table_after(heading: str) -> list[list[str]]:
    """The cells of the first table under a heading of the page on the architecture, without its head."""
    rows = re.search(r"(?:^\|.*\n)+", PAGE[PAGE.index(heading) :], re.MULTILINE)
    assert rows is not None
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[0].strip().splitlines()[2:]]


def import_rules() -> dict[str, set[str]]:
    """What each package may import besides itself and the modules of all,  as the page says."""
    rules: dict[str, set[str]] = {}
    for package, _, said in table_after("## Packages"):
        named = set(re.findall(r"`(\w+)`", said))
        everything = said.startswith("all above")
        rules[package.strip("`/").removesuffix(".py")] = set(rules) - named if everything else named
    return rules | {"__main__": {"cli"}}


MAY_IMPORT = import_rules()
PACKAGES = {
    "net": {"numpy"},
    "tables": {"numpy", "pyarrow", "narwhals", "chardet", "python_calamine", "pyreadstat"},
    "targets": {"numpy"},
    "engines": {"numpy", "jax"},
    "training": {"numpy", "pyarrow", "rich", "msgspec"},
    "distributed": {"numpy", "jax", "ray"},
    "streaming": {"numpy", "pyarrow"},
    "evaluation": {"numpy"},
    "gains": {"numpy"},
    "intervals": {"numpy"},
    "inside": {"numpy", "pyarrow"},
    "trained": {"numpy", "pyarrow"},
    "model": {"matplotlib"},
    "fit": {"numpy", "pyarrow"},
    "estimators": {"numpy", "sklearn", "scipy", "joblib"},
    "tensor_file": {"numpy", "msgspec", "safetensors"},
    "ship": {
        "numpy",
        "pyarrow",
        "msgspec",
        "duckdb",
        "onnx",
        "onnxruntime",
        "google",
        "xlsxwriter",
        "openpyxl",
        "formulas",
    },
    "pictures": {"numpy", "pyarrow", "matplotlib"},
    "page": {"numpy", "pyarrow", "starlette", "uvicorn", "anywidget", "traitlets"},
    "convert": {"numpy", "pandas", "sklearn", "torch", "keras"},
    "serve": {"numpy", "pyarrow", "msgspec", "starlette", "uvicorn", "prometheus_client"},
    "searching": {"numpy", "optuna", "matplotlib"},
    "tracking": {"mlflow"},
    "lessons": {"numpy"},
    "cli": {"numpy", "pyarrow", "typer"},
}


def modules() -> list[Path]:
    found = sorted(SOURCE.rglob("*.py"))
    assert len(found) > 20
    return found


def room_of(path: Path) -> str:
    first = path.relative_to(SOURCE).parts[0]
    return "glassnet" if first == "__init__.py" else first.removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """Dotted names of all that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("room", sorted({room_of(path) for path in modules()} - {"glassnet"}))
def test_a_room_imports_only_what_stands_before_it(room: str) -> None:
    assert room in MAY_IMPORT, f"say in docs/architecture.md what {room} may import"
    allowed = MAY_IMPORT[room] | {room, "errors", "caching", "memory", "version", "printable"}
    wrong = []
    for path in modules():
        if room_of(path) != room:
            continue
        for name in imports(path):
            parts = name.split(".")
            if parts[0] == "glassnet" and len(parts) > 1 and parts[1] not in allowed:
                wrong.append(f"{path.relative_to(ROOT)} imports {name}")
            third_party = parts[0] not in {"glassnet", "__future__"} | sys.stdlib_module_names
            if third_party and parts[0] not in PACKAGES.get(room, set()):
                wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert wrong == []


def imported_modules() -> dict[str, set[str]]:
    """For each module of the package, those that it imports, wherever in it: also in functions and for types."""
    paths = {
        ".".join(("glassnet", *path.relative_to(SOURCE).with_suffix("").parts)).removesuffix(
            ".__init__"
        ): path
        for path in modules()
    }

    compiled = {"glassnet.engines._native"}

    def module_of(name: str) -> str:
        return name if name in {*paths, *compiled} else name.rpartition(".")[0]

    return {
        module: {module_of(name) for name in imports(path)} & set(paths) - {module}
        for module, path in paths.items()
    }


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """The groups of nodes that reach one another."""
    reachable = {node: set(others) for node, others in graph.items()}
    for middle in graph:
        for node in graph:
            if middle in reachable[node]:
                reachable[node] |= reachable[middle]
    groups = {
        tuple(sorted(other for other in reachable[node] if node in reachable[other]))
        for node in graph
        if node in reachable[node]
    }
    return [list(group) for group in sorted(groups)]


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = imported_modules()
    assert "glassnet.tables" in graph["glassnet.trained"]  # the graph is that of the package
    assert circles(graph) == []


def test_a_circle_is_found() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set(), "e": {"a"}}
    assert circles(graph) == [["b", "c"]]


def test_the_rules_have_no_circle() -> None:
    assert circles(MAY_IMPORT) == []


def test_no_source_file_is_longer_than_300_lines() -> None:
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCE.rglob("*.py")}
    assert {name: length for name, length in lengths.items() if length > 300} == {}


def test_the_page_names_all_packages() -> None:
    assert MAY_IMPORT["trained"] >= {"net", "tables"}  # the table was read
    there = {room_of(path) for path in modules()} | {"data"} - {"glassnet"}
    assert set(MAY_IMPORT) == there - {"glassnet"}


@pytest.mark.parametrize("package", PUBLIC)
def test_what_is_exported_is_there_and_documented(package: str) -> None:
    module = importlib.import_module(package)
    assert module.__doc__
    assert len(set(module.__all__)) == len(module.__all__)
    undocumented = []
    for name in module.__all__:
        thing = getattr(module, name)
        assert name in dir(module)
        if inspect.isfunction(thing) or inspect.isclass(thing):
            if not thing.__doc__ or thing.__doc__.startswith(
                f"{name}("
            ):  # which dataclasses write themselves
                undocumented.append(name)
            for member, value in vars(thing).items() if inspect.isclass(thing) else ():
                public = not member.startswith("_") and inspect.isfunction(value)
                if public and not inspect.getdoc(getattr(thing, member)) and not _speaks_for_itself(value):
                    undocumented.append(f"{name}.{member}")
    assert undocumented == []


def _speaks_for_itself(function: object) -> bool:
    """Whether a method needs no words: it fits on a few lines, and its name and types say the rest."""
    return len(inspect.getsource(function).splitlines()) <= 8  # type: ignore[arg-type]


def test_what_is_exported_is_in_the_documentation() -> None:
    pages = "".join(
        path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *ROOT.glob("docs/*.md")]
    )
    missing = [
        name
        for package in PUBLIC
        for name in importlib.import_module(package).__all__
        if not re.search(rf"\b{name}\b", pages)
    ]
    assert missing == []


@cache
def loaded_by(statement: str) -> set[str]:
    """The packages outside the standard library that a fresh Python loads for ``statement``."""
    code = f"import sys\n{statement}\nimport json\nprint(json.dumps(sorted(sys.modules)))"
    run = [sys.executable, "-c", code]
    names = json.loads(
        subprocess.run(run, capture_output=True, text=True, check=True).stdout.splitlines()[-1]
    )
    bare = json.loads(
        subprocess.run(
            [sys.executable, "-c", "import sys, json; print(json.dumps(sorted(sys.modules)))"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )
    tops = {name.split(".")[0] for name in set(names) - set(bare)}
    return {top for top in tops - {"glassnet"} if top not in sys.stdlib_module_names and top[0] != "_"}


ARRAYS = (
    "import glassnet, numpy as np; X = np.random.default_rng(0).normal(size=(60, 3)); y = (X[:, 0] > 0) * 1"
)


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ("import glassnet", {"numpy"}),
        ("import glassnet.net", {"numpy"}),
        ("import glassnet.engines", {"numpy"}),
        ("import glassnet; glassnet.Model", {"numpy"}),
        ("import glassnet; glassnet.train", {"numpy"}),
        (f"{ARRAYS}; glassnet.train((X, y), epochs=1).predict(X)", {"numpy", "cython_runtime"}),
        ("import glassnet.lessons", {"numpy"}),
    ],
)
def test_an_import_loads_no_more_than_it_needs(statement: str, allowed: set[str]) -> None:
    assert loaded_by(statement) <= allowed


def test_the_command_line_starts_without_numpy() -> None:
    loaded = loaded_by("import glassnet.cli")
    assert not loaded & {"numpy", "pyarrow", "narwhals", "safetensors"}


def test_names_are_found_on_demand_and_wrong_ones_refused() -> None:
    assert set(glassnet.__all__) <= set(dir(glassnet))
    assert glassnet.net is importlib.import_module("glassnet.net")
    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        glassnet.trian  # noqa: B018


WITHOUT_EXTRAS = """
import sys
sys.modules |= dict.fromkeys(("matplotlib", "optuna", "sklearn", "starlette"))  # as if they were not installed
import glassnet, inspect
from glassnet import *
assert set(glassnet.__all__) <= {name for name, _ in inspect.getmembers(glassnet)}
assert train is glassnet.train and callable(search)
uses = {
    "search": lambda: search("penguins.csv", "species"),
    "sklearn": lambda: MLPClassifier(),
    "plots": lambda: pictures.draw,
    "serve": lambda: serve.app,
}
for extra, use in uses.items():
    try:
        use()
    except ImportError as error:
        print(extra, f'".[{extra}]"' in str(error))
"""


def test_without_extras_all_names_are_there_and_their_use_says_what_to_install() -> None:
    run = [sys.executable, "-c", WITHOUT_EXTRAS]
    printed = subprocess.run(run, capture_output=True, text=True, check=True).stdout.split()
    assert printed == ["search", "True", "sklearn", "True", "plots", "True", "serve", "True"]


def test_the_version_is_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == glassnet.__version__
    with contextlib.suppress(PackageNotFoundError):  # run from the source, without installing
        assert version("glassnet") == glassnet.__version__
    change_log = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## \[(.+?)\]", change_log, re.MULTILINE)[1] in ("Unreleased", glassnet.__version__)  # type: ignore[index]


def written() -> list[Path]:
    """Every file that is written for people or machines to read, as git knows them."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    here = [r"/(?:home|Users)/\w+/", "/" + "work/", "/" + "root/", r"\.\./" + "shared", "index" + "-url"]
    pattern = re.compile("|".join(here).encode())
    known = [
        f"{path.relative_to(ROOT)}: {match[0].decode()}"
        for path in written()
        for match in pattern.finditer(path.read_bytes())
    ]
    assert known == []


def test_nothing_is_left_to_do() -> None:
    pattern = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    left = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in written()
        if path.suffix in (".py", ".md", ".cpp", ".hpp", ".h", ".txt", ".toml", "")
        for match in pattern.finditer(path.read_text(encoding="utf-8"))
    ]
    assert left == []


def test_tests_mirror_the_source() -> None:
    rooms = {path.name for path in SOURCE.iterdir() if path.is_dir()} | {"native"}
    strange = [
        path.name
        for path in (ROOT / "tests").iterdir()
        if path.is_dir() and any(path.glob("test_*.py")) and path.name not in rooms
    ]
    assert strange == []
    tested = {path.stem.removeprefix("test_") for path in (ROOT / "tests" / "net").glob("test_*.py")}
    chapter = {path.stem for path in (SOURCE / "net").glob("*.py")} - {"__init__", "arrays"}
    assert tested == chapter


@pytest.mark.parametrize(
    "name", [".ci/run", *(f"scripts/{path.name}" for path in sorted((ROOT / "scripts").iterdir()))]
)
def test_scripts_can_be_run_and_are_well_formed(name: str) -> None:
    path = ROOT / name
    assert path.stat().st_mode & 0o111
    assert path.read_text(encoding="utf-8").startswith("#!/usr/bin/env bash\n")
    assert subprocess.run(["bash", "-n", path], check=False).returncode == 0


def test_ci_runs_what_the_readme_names() -> None:
    assert "scripts/test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "scripts/test" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_an_editable_build_needs_what_an_isolated_build_installs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert set(project["build-system"]["requires"]) <= set(project["dependency-groups"]["build"])
