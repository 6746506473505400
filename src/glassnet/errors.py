"""The exceptions of glassnet, and the parts of their messages.

Every error says what was received, what was expected and what to do. A call that has several
faults reports all of them at once: collect them in a :class:`Faults` and raise at the end. Messages
name settings by :func:`called`: as arguments in Python, and as options on the command line.
"""

from __future__ import annotations

import difflib
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from typing import Any, TypeAlias

from glassnet.printable import printable

# settings that ``glassnet.tables.read_table`` takes, and no other function
OF_READ_TABLE = (
    "delimiter",
    "header",
    "skip_rows",
    "decimal",
    "thousands",
    "missing",
    "sheet",
    "encoding",
    "max_size",
)
METHODS = ("for_target", "member")  # of a model, which are options of the command line
MANY = 30  # names, or faults, in a message
COMPARED = 1000  # names among which the nearest is sought: comparing texts costs the square of their length
HINTS = 5  # names in a message for which the nearest is sought
LONGEST = 100  # characters of a name that is compared


class GlassnetError(Exception):
    """The base class of all exceptions of glassnet."""


class InputError(GlassnetError, ValueError):
    """An argument has a wrong value. ``faults`` has one message for each fault."""

    def __init__(self, faults: str | Iterable[str]) -> None:
        self.faults = [faults] if isinstance(faults, str) else list(faults)
        more = [f"… and {len(self.faults) - MANY} more faults."] if len(self.faults) > MANY else []
        super().__init__("\n".join([*self.faults[:MANY], *more]))


class TableError(InputError):
    """A table that cannot be read or cannot be used; the message names the column or the line."""


class SettingsError(InputError):
    """A setting, or a combination of settings, that cannot be used."""


class ModelFileError(InputError):
    """A model file that cannot be read, or whose parts do not fit together; the message names the part."""


class CheckpointError(InputError):
    """A checkpoint that cannot be read, or that is of another training; the message names the differences."""


class ExportError(GlassnetError):
    """An export that was run and did not answer as its model does, so that it was not written."""


class InputTypeError(GlassnetError, TypeError):
    """An argument has a wrong type."""


class DivergenceError(GlassnetError, ArithmeticError):
    """The loss was no longer finite. ``step`` is the first step with such a loss."""

    def __init__(self, message: str, step: int) -> None:
        self.step = step
        super().__init__(message)


class AssumptionWarning(UserWarning):
    """What was assumed about a table, where its values leave something open: all assumptions of a call.

    The message has a line for each; ``notes`` are the same as :class:`glassnet.tables.Note`.
    """

    def __init__(self, notes: Sequence[Any]) -> None:
        self.notes = tuple(notes)
        lines = [str(note) for note in notes[:MANY]]
        if len(notes) > MANY:
            lines.append(f"… and {len(notes) - MANY} more assumptions; the attribute notes has all of them.")
        super().__init__("\n".join(lines))

    def __reduce__(self) -> tuple[type[AssumptionWarning], tuple[Any, ...]]:
        return type(self), (self.notes,)


class ResultWarning(UserWarning):
    """A model that was trained, but is no better than a prediction that does not use the columns."""


class CheckpointWarning(UserWarning):
    """A training that goes on from a checkpoint, or a checkpoint that could not be written."""


class Faults:
    """Collects the faults of one call, so that all of them are reported at once."""

    def __init__(self, error: type[InputError] = InputError) -> None:
        self.messages: list[str] = []
        self._error = error

    def add(self, message: str) -> None:
        """Add the message of one more fault."""
        self.messages.append(message)

    def raise_if_any(self) -> None:
        """Raise an error with all messages, if there are any."""
        if self.messages:
            raise self._error(self.messages)


Spelling: TypeAlias = Callable[..., str]  # of a setting's name, and of its value where one is named


def in_python(name: str, *value: object) -> str:
    """A setting as Python spells it: ``batch_size``, or with a ``value``, ``batch_size=64``. ``name`` is its name.

    A value for an option of reading is spelled with the function that takes it, ``read_table(…, decimal=',')``, and
    one for a method of a model with its call, ``model.for_target('flu')``.
    """
    text = "=".join([name, *map(repr, value)])
    if value and name in METHODS:
        return f"model.{name}({value[0]!r})"
    return f"read_table(…, {text})" if value and name in OF_READ_TABLE else text


_spelling: ContextVar[Spelling] = ContextVar("spelling", default=in_python)


def called(name: str, *value: object) -> str:
    """The setting ``name``, alone or with a value, as the caller writes it.

    In Python ``batch_size`` and ``batch_size=64``; on the command line ``--batch-size`` and ``--batch-size 64``.
    """
    return _spelling.get()(name, *value)


def called_changes(change: Mapping[str, object]) -> str:
    """The settings in ``change`` with their values, each as :func:`called` writes it."""
    return ", ".join(called(name, value) for name, value in change.items())


@contextmanager
def spelled(spelling: Spelling) -> Iterator[None]:
    """A context in which :func:`called` spells settings with the function ``spelling``."""
    token = _spelling.set(spelling)
    try:
        yield
    finally:
        _spelling.reset(token)


def nearest(name: object, options: Iterable[str]) -> str:
    """``" Did you mean 'relu'?"`` for the one of ``options`` nearest to ``name``, or an empty string."""
    wanted = str(name).lower()
    if len(wanted) > LONGEST:
        return ""
    lowered = {option.lower(): option for option in islice(options, COMPARED) if len(option) <= LONGEST}
    match = difflib.get_close_matches(wanted, lowered, n=1, cutoff=0.5)
    return f" Did you mean {lowered[match[0]]!r}?" if match else ""


def with_nearest(names: Iterable[str], options: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each of ``names``; the first few with the text that :func:`nearest` gives for ``options``."""
    for at, name in enumerate(names):
        yield name, nearest(name, options) if at < HINTS else ""


def to_install(extra: str) -> str:
    """The command that installs the packages of one of the extras, which pyproject.toml lists."""
    return f'pip install ".[{extra}]" in a clone of glassnet'


def plural(count: int, one: str, many: str = "") -> str:
    """``"1 row"``, ``"2,000 rows"``; with ``many`` where an s is not enough, as for "row is" and "rows are"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def unknown(what: str, name: object, options: Iterable[str]) -> str:
    """The message for a ``name`` that is not one of ``options``; ``what`` says what it names."""
    options = list(options)
    listed = printable(", ".join(options[:MANY]))
    if len(options) > MANY:
        listed += f" and {len(options) - MANY} more"
    return f"{what} is {name!r}, but must be one of {listed}.{nearest(name, options)}"


# -- what is assumed about a table reaches the user as one warning for each call

Report: TypeAlias = Callable[[Sequence[Any]], None]  # takes assumptions, as notes


def warn_at_caller() -> Callable[[Warning], None]:
    """A function that warns at the line, outside of this package, that made the present call."""
    frame = sys._getframe(1)
    while frame.f_back and _is_internal(frame.f_globals.get("__name__", "")):
        frame = frame.f_back
    place, registry = frame.f_globals, frame.f_globals.setdefault("__warningregistry__", {})
    file, line, module = frame.f_code.co_filename, frame.f_lineno, place.get("__name__")

    def warn(warning: Warning) -> None:
        warnings.warn_explicit(warning, type(warning), file, line, module, registry)

    return warn


def assumptions_at_caller() -> Report:
    """A function that warns of assumptions as :func:`warn_at_caller` does."""
    warn = warn_at_caller()
    return lambda notes: warn(AssumptionWarning(notes))


def _is_internal(module: str) -> bool:
    return module.partition(".")[0] in ("glassnet", "contextlib")


_report: ContextVar[Report | None] = ContextVar("report", default=None)


def report_assumptions(notes: Sequence[Any]) -> None:
    """Report the ``notes`` of a call: by default as one :class:`AssumptionWarning` at the caller's line."""
    if notes:
        each = {str(note): note for note in notes}
        (_report.get() or assumptions_at_caller())(list(each.values()))


def report_result(message: str, category: type[Warning] = ResultWarning, *, to_reports: bool = False) -> None:
    """Warn of a result at the caller's line, with a warning of the ``category``.

    Where assumptions are reported to another function, that gets the message if ``to_reports``; otherwise the caller
    shows the result itself.
    """
    report = _report.get()
    if report is None:
        warn_at_caller()(category(message))
    elif to_reports:
        report([message])


@contextmanager
def reporting_to(report: Report) -> Iterator[None]:
    """Within, assumptions are reported to ``report``, which the command line prints them with."""
    token = _report.set(report)
    try:
        yield
    finally:
        _report.reset(token)


@contextmanager
def one_report() -> Iterator[None]:
    """Within, assumptions are collected; they are reported together at the end: for calls with several tables."""
    found: list[Any] = []
    with reporting_to(found.extend):
        yield
    report_assumptions(found)
