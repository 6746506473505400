"""The pages that people read, as data: their snippets, and the tables that are written from the code.

    python tests/documents.py            says what no longer holds
    python tests/documents.py --update   puts in what is printed now, and the tables as they are now

In a page, blocks of ``python`` run one after the other in one namespace, and blocks of ``console`` in one
shell each command, all in a folder of the page's own. A block without ``>>>`` must run; what follows
``>>>`` or ``$`` is compared with what is printed: ``...`` stands for anything, and a number with a decimal
point need only be close, since another machine may round its last digits otherwise.
"""

from __future__ import annotations

import contextlib
import doctest
import importlib
import io
import os
import re
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from effort import HANG

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
ROOMS = ["net", "tables", "engines", "training", "inside", "ship", "pictures"]  # those with names for others
CLOSE = 0.1  # relative; figures of a training that rounds otherwise

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TABLE = re.compile(r"<!-- table: (\w+) -->\n(.*?)<!-- end -->", re.DOTALL)
_NUMBER = re.compile(r"(?:[-−]?\d[\d,]*\.\d+(?:e[-+]?\d+)?|[-−]?\d+e[-+]?\d+)")


def agrees(expected: str, printed: str) -> bool:
    """Whether ``printed`` is what ``expected`` says, but for spaces, ``...`` and the last digits of numbers."""
    return re.fullmatch(_pattern(expected), " ".join(printed.split())) is not None and _numbers_agree(
        expected, printed
    )


def _pattern(expected: str) -> str:
    text = re.escape(_NUMBER.sub("\0", " ".join(expected.split())))
    return text.replace("\0", _NUMBER.pattern).replace(re.escape("..."), ".*?")


def _numbers_agree(expected: str, printed: str) -> bool:
    """Compared one by one; what ``...`` swallowed is left out, so they are looked for in their order."""
    found = iter(_floats(printed))
    if "..." not in expected:
        return all(_close(a, b) for a, b in zip(_floats(expected), found, strict=True))
    return all(any(_close(a, b) for b in found) for a in _floats(expected))


def _floats(text: str) -> list[float]:
    return [float(number.replace(",", "").replace("−", "-")) for number in _NUMBER.findall(text)]


def _close(a: float, b: float) -> bool:
    return abs(a - b) <= CLOSE * max(abs(a), abs(b)) + 1e-9


class _Checker(doctest.OutputChecker):
    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        return agrees(want, got)


@dataclass
class Mismatch:
    """One snippet whose output is no longer what the page says, and where that stands in the page."""

    page: Path
    line: int
    source: str
    expected: str
    printed: str
    start: int
    end: int

    def __str__(self) -> str:
        place = f"{self.page.relative_to(ROOT)}:{self.line}"
        return f"{place}: {self.source.strip()}\n--- says\n{self.expected}--- prints\n{self.printed}"


@dataclass
class Page:
    """One page, run from top to bottom."""

    path: Path
    folder: Path
    namespace: dict[str, object] = field(default_factory=lambda: {"__name__": "__main__"})

    def __post_init__(self) -> None:
        self.text = self.path.read_text(encoding="utf-8")

    def blocks(self) -> Iterator[tuple[str, str, int]]:
        """Language, text and position of every fenced block."""
        for block in _BLOCK.finditer(self.text):
            yield block[1], block[2], block.start(2)

    def mismatches(self) -> Iterator[Mismatch]:
        for language, text, start in self.blocks():
            if language == "python" and ">>>" in text:
                yield from self._session(text, start)
            elif language == "python":
                self._script(text, start)
            elif language == "console":
                yield from self._console(text, start)

    def _line(self, position: int) -> int:
        return self.text.count("\n", 0, position) + 1

    def _script(self, text: str, start: int) -> None:
        lines = "\n" * (self._line(start) - 1)
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(io.StringIO()):
            exec(compile(lines + text, str(self.path), "exec"), self.namespace)

    def _session(self, text: str, start: int) -> Iterator[Mismatch]:
        parser = doctest.DocTestParser()
        position = 0
        for piece in parser.parse(text):
            if isinstance(piece, str):
                continue
            begin = text.index(f">>> {piece.source.splitlines()[0]}", position)
            position = begin
            for _ in piece.source.splitlines():
                position = text.index("\n", position) + 1
            test = doctest.DocTest([piece], self.namespace, str(self.path), str(self.path), 0, None)
            result = _Result(checker=_Checker(), verbose=False)
            with contextlib.chdir(self.folder):
                result.run(test, out=lambda _: None, clear_globs=False)
            self.namespace = test.globs
            if result.printed is not None:
                want = piece.exc_msg or piece.want
                place = start + position
                line = self._line(start + begin)
                yield Mismatch(
                    self.path, line, piece.source, want, result.printed, place, place + len(piece.want)
                )

    def _console(self, text: str, start: int) -> Iterator[Mismatch]:
        for match in re.finditer(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE):
            command, expected = match[1], match[2]
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=self.folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=HANG,
                check=False,
            )
            # On a machine without the native engine every training warns of it, which a page does not show.
            printed = re.sub(
                r"^  note: the native engine is not available: .*\n", "", done.stdout, flags=re.MULTILINE
            )
            if done.returncode and "error: " not in printed:  # no failure without a word
                printed += f"exit code {done.returncode}\n"
            if not agrees(expected, printed):
                place = start + match.start(2)
                yield Mismatch(
                    self.path,
                    self._line(start + match.start()),
                    command,
                    expected,
                    printed,
                    place,
                    place + len(expected),
                )

    def _environment(self) -> dict[str, str]:
        """That of a plain terminal in which ``glassnet`` is the one under test."""
        commands = self.folder / ".bin"
        if not commands.exists():
            commands.mkdir()
            command = commands / "glassnet"
            command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m glassnet "$@"\n', encoding="utf-8")
            command.chmod(0o755)
        import glassnet

        ours = {
            "PATH": os.pathsep.join([str(commands), os.environ["PATH"]]),
            "PYTHONPATH": str(Path(glassnet.__file__).resolve().parents[1]),
            "COLUMNS": "110",
            "NO_COLOR": "1",
            "TERM": "dumb",
        }
        return {**os.environ, **ours}


class _Result(doctest.DocTestRunner):
    """Keeps what the one example printed, if it was not what was wanted."""

    printed: str | None = None

    def report_failure(self, out: object, test: object, example: object, got: str) -> None:
        self.printed = re.sub(r"(?m)(\ATraceback .*\n)(?:  .*\n)+", r"\1  ...\n", got)

    def report_unexpected_exception(
        self, out: object, test: object, example: object, exc_info: tuple[Any, BaseException, Any]
    ) -> None:
        message = "".join(traceback.format_exception_only(exc_info[1]))
        self.printed = f"Traceback (most recent call last):\n  ...\n{message}"


def with_ellipses(expected: str, printed: str) -> str:
    """``printed``, but for the lines for which ``expected`` has one with ``...`` that says the same."""
    elastic = [line for line in expected.splitlines() if "..." in line and line.strip() != "..."]
    lines = []
    for line in printed.splitlines():
        same = next((old for old in elastic if agrees(old, line)), None)
        if same is not None:
            elastic.remove(same)
        lines.append(line if same is None else same)
    return "".join(f"{line}\n" for line in lines)


def run(path: Path) -> list[Mismatch]:
    """What a page says that is not so."""
    with tempfile.TemporaryDirectory() as folder:
        return list(Page(path, Path(folder)).mismatches())


# -- tables written from the code


def _markdown(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |\n" for row in lines)


def _code(value: object) -> str:
    return f"`{value}`"


def _activations() -> str:
    from glassnet.net import ACTIVATIONS

    return _markdown(
        ("name", "a", "slope", "start", "after"),
        [
            (
                _code(row.name) + (" (outputs only)" if row.output_only else ""),
                row.formula,
                row.slope,
                _code(row.initializer),
                row.source,
            )
            for row in ACTIVATIONS.values()
        ],
    )


def _losses() -> str:
    from glassnet.net import LOSSES

    return _markdown(
        ("name", "loss of one output", "slope", "output activations", "targets", "constant", "after"),
        [
            (
                _code(row.name),
                row.formula,
                row.slope,
                "any" if row.outputs is None else ", ".join(map(_code, row.outputs)),
                {(0.0, 1.0): "0 to 1", (0.0, float("inf")): "at least 0"}.get(row.targets, "any number"),
                row.parameter_name and _code(f"{row.parameter_name}={row.parameter}"),
                row.source,
            )
            for row in LOSSES.values()
        ],
    )


def _initializers() -> str:
    from glassnet.net import INITIALIZERS

    return _markdown(
        ("name", "variance for I = 100, O = 50", "drawn from", "after"),
        [
            (
                _code(row.name),
                f"{row.variance(100, 50):.4g}",
                "uniform" if row.uniform else "normal",
                row.source,
            )
            for row in INITIALIZERS.values()
        ],
    )


def _first_paragraph(kind: object) -> str:
    return " ".join((kind.__doc__ or "").split("\n\n")[0].split())


def _optimizers() -> str:
    from glassnet.net import OPTIMIZERS

    return _rules("rule", OPTIMIZERS)


def _schedules() -> str:
    from glassnet.net import SCHEDULES

    return _rules("factor at step t of T", SCHEDULES)


def _rules(head: str, table: Mapping[str, Any]) -> str:
    rows = [
        (
            _code(name),
            _first_paragraph(rule).replace("``", "`"),
            "; ".join(f"`{own.name}={own.default}`: {own.metadata['help'][:-1]}" for own in fields(rule)),
        )
        for name, rule in table.items()
    ]
    return _markdown(("name", head, "constants"), rows)


def _settings() -> str:
    from glassnet.training.settings import SETTINGS

    parts = []
    for group in dict.fromkeys(row.group for row in SETTINGS.values()):
        rows = [
            (
                _code(row.name),
                ("by the recipe; `single`: " if row.is_open else "")
                + _code(repr(row.default))
                + (f": {meaning}" if (meaning := _meaning(row)) else ""),
                _allowed(row),
                row.help,
                row.reason if row.default is not None else "",
            )
            for row in SETTINGS.values()
            if row.group == group
        ]
        parts.append(
            f"## {group}\n\n"
            + _markdown(("name", "default", "allowed", "what it does", "why this default"), rows)
        )
    return "\n".join(parts)


def _recipes() -> str:
    from glassnet.training.recipes import BALANCED, BEST, Steps

    conditions = {
        "": "always",
        "numbers": "targets of numbers",
        "classes": "targets of classes",
        "classes with validation rows": "targets of classes, with validation rows",
        "classes, fewer than 1,500 rows": "targets of classes, fewer than 1,500 rows",
        "numbers, fewer than 3,000 rows": "targets of numbers, fewer than 3,000 rows",
    }
    rows = [
        (
            _code(name),
            _code(choice.setting),
            _code(repr(choice.value)) if not isinstance(choice.value, Steps) else str(choice.value),
            conditions.get(choice.when, choice.when),
            choice.reason,
        )
        for name, choices in (("balanced", BALANCED), ("best", BEST))
        for choice in choices
    ]
    return _markdown(("recipe", "setting", "value", "when", "reason"), rows)


def _meaning(row: Any) -> str:
    """What a default of ``None`` or ``"auto"`` stands for."""
    return row.none if row.default is None else row.auto


def _allowed(row: object) -> str:
    from glassnet.training.setting import Setting

    assert isinstance(row, Setting)
    if row.type == "object":
        return "see the description"
    if row.type == "flag":
        return "`True`, `False`"
    if row.choices:
        more = {"activation": ", or an `Activation`", "rule": ", or an object"}.get(row.type, "")
        return ", ".join(map(_code, row.choices)) + more
    none = ", `'auto'`" * bool(row.auto) + ", `None`" * (row.optional and row.default is not None)
    return f"{row.type} {row.bounds}".strip() + none


def _exports(package: str) -> Callable[[], str]:
    def table() -> str:
        module = importlib.import_module(package)
        rows = [(_code(name), _in_a_sentence(getattr(module, name))) for name in module.__all__]
        return _markdown((f"`{package}`", "what it is"), rows)

    return table


def _in_a_sentence(thing: object) -> str:
    if isinstance(thing, dict):
        return (
            f"The table of {', '.join(map(_code, thing))}"
            if len(thing) < 20
            else f"A table of {len(thing)} rows."
        )
    text = re.sub(r":(?:mod|class|func|meth|data|attr):`[~!]?([\w.]+)`", r"`\1`", _first_paragraph(thing))
    return re.split(r"(?<=\.)\s", text.replace("``", "`"))[0]


def _pictures() -> str:
    from glassnet.pictures import CATALOG

    tables = {"no": "", "may": "optional", "must": "required"}
    rows = [
        (_code(name), row.description, tables[row.table], ", ".join(map(_code, row.options)))
        for name, row in CATALOG.items()
    ]
    return _markdown(("picture", "shows", "a table", "options"), rows)


def _checks() -> str:
    from glassnet.inside.doctor import CHECKS, NEEDS

    rows = [(_code(check.name), check.finds, NEEDS[check.needs].what) for check in CHECKS]
    return _markdown(("check", "finds", "needs"), rows)


def _measures() -> str:
    from glassnet.inside.importance_methods import METHODS

    return _markdown(("method", "is"), [(_code(name), method.about) for name, method in METHODS.items()])


TABLES = {
    "recipes": _recipes,
    "checks": _checks,
    "measures": _measures,
    **{f"exports_of_{room}": _exports(f"glassnet.{room}") for room in ROOMS},
    "exports_of_glassnet": _exports("glassnet"),
    "activations": _activations,
    "initializers": _initializers,
    "losses": _losses,
    "optimizers": _optimizers,
    "schedules": _schedules,
    "settings": _settings,
    "pictures": _pictures,
}


def tables(path: Path) -> Iterator[tuple[str, str]]:
    """Name and text of every table in a page that is written from the code."""
    for match in _TABLE.finditer(path.read_text(encoding="utf-8")):
        yield match[1], match[2]


def with_tables(text: str) -> str:
    return _TABLE.sub(lambda match: f"<!-- table: {match[1]} -->\n\n{TABLES[match[1]]()}\n<!-- end -->", text)


def main(arguments: list[str]) -> int:
    update = arguments == ["--update"]
    if arguments and not update:
        print(__doc__)
        return 2
    stale = 0
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        mismatches = run(path)
        for mismatch in reversed(mismatches):
            print(mismatch)
            text = (
                text[: mismatch.start]
                + with_ellipses(mismatch.expected, mismatch.printed)
                + text[mismatch.end :]
            )
        text = with_tables(text)
        if text != path.read_text(encoding="utf-8"):
            stale += 1
            print(f"{path.relative_to(ROOT)}: {'updated' if update else 'out of date'}")
            if update:
                path.write_text(text, encoding="utf-8")
    return 0 if update else min(stale, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
