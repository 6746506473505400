"""How queries are run: in memory by SQLite and DuckDB, and by a PostgreSQL of its own in a temporary folder."""

from __future__ import annotations

import csv
import io
import math
import os
import shutil
import sqlite3
import tempfile
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.ship.export.form import ExportFailed, Ran, TextForm, Unavailable
from glassnet.ship.export.processes import output_of, program_named
from glassnet.ship.export.program import ModelProgram, label_text
from glassnet.ship.export.rows import RawRows
from glassnet.ship.export.sql_dialects import name, quoted
from glassnet.tables.encode.program import NUMBERS, TEXTS, TIMES, TRUTHS

USER = "postgres"
Answers = tuple[Sequence[Sequence[Any]], str]  # rows of the query's answers, and what ran it
KINDS = {NUMBERS: "DOUBLE PRECISION", TRUTHS: "BOOLEAN", TEXTS: "TEXT", TIMES: "TIMESTAMP"}


class QueryForm(TextForm):
    """An export in SQL."""

    @abstractmethod
    def answers(self, query: str, program: ModelProgram, rows: RawRows) -> Answers:
        """The rows that a query gives, and what ran it."""

    def run(self, path: Path, program: ModelProgram, rows: RawRows) -> Ran:
        query = path.read_text(encoding="utf-8").strip().removesuffix(";")
        found, tools = self.answers(query, program, rows)
        found = sorted(found, key=lambda values: int(values[1]))  # a table of a database has no order
        skipped = 2 + len(program.columns)  # the number of the row, its key, and its own columns
        numbers = np.full((len(found), len(program.names)), np.nan)
        labels: list[list[str]] = [[] for answer in program.answers if answer.classes is not None]
        for row, values in enumerate(found):
            at, place, target = skipped, 0, 0
            for answer in program.answers:
                if answer.classes is not None:
                    labels[target].append(_label(values[at], answer.classes))
                    at, target = at + 1, target + 1
                for _ in answer.names:
                    numbers[row, place] = math.nan if values[at] in (None, "") else float(values[at])
                    at, place = at + 1, place + 1
        if len(numbers) != len(rows):
            raise ExportFailed(f"it answered {len(numbers)} of {len(rows)} rows")
        return Ran(numbers, tuple(labels), tools)


def _label(value: Any, classes: Sequence[Any]) -> str:
    if all(isinstance(label, bool) for label in classes):
        return "true" if value in (True, 1, "t", "true") else "false"
    return label_text(value)


def _statements(program: ModelProgram, rows: RawRows) -> Iterator[str]:
    """The table of the rows, for databases with types."""
    sources = [own.source for own in program.columns]
    listed = ", ".join(f"{name(own.column)} {KINDS[own.type]}" for own in sources)
    yield f'CREATE TABLE "rows" ({_key(program)} INTEGER, {listed})'
    columns = [rows.columns[own.column] for own in sources]
    each = [
        f"({key}, {', '.join(map(_literal, row, sources))})"
        for key, row in enumerate(zip(*columns, strict=True))
    ]
    yield f'INSERT INTO "rows" VALUES {", ".join(each)}'


def _key(program: ModelProgram) -> str:
    """The name of a column by which rows and answers are brought together."""
    own, taken = "glassnet_key", {each.source.column.lower() for each in program.columns}
    while own in taken:
        own += "_"
    return own


def _literal(value: Any, source: Any) -> str:
    if value is None:
        return "NULL"
    if source.type == TEXTS:
        return quoted(value)
    if source.type == TRUTHS:
        return "TRUE" if value else "FALSE"
    if source.type == TIMES:
        stamp = np.datetime64(round(value * 1e6), "us").item().isoformat(sep=" ")
        return f"TIMESTAMP {quoted(stamp)}"
    return f"CAST({quoted(repr(float(value)))} AS DOUBLE PRECISION)"


def run_in_sqlite(query: str, program: ModelProgram, rows: RawRows) -> Answers:
    """By the SQLite of Python."""
    with closing(sqlite3.connect(":memory:")) as database:
        sources = [own.source for own in program.columns]
        listed = ", ".join(name(own.column) for own in sources)
        database.execute(f'CREATE TABLE "rows" ({_key(program)}, {listed})')
        places = ", ".join("?" * (1 + len(sources)))
        each = zip(range(len(rows)), *(rows.columns[own.column] for own in sources), strict=True)
        database.executemany(f'INSERT INTO "rows" VALUES ({places})', each)
        try:
            found = database.execute(query).fetchall()
        except sqlite3.Error as error:
            raise ExportFailed(f"SQLite {sqlite3.sqlite_version}: {error}") from None
    return found, f"SQLite {sqlite3.sqlite_version}"


def run_in_duckdb(query: str, program: ModelProgram, rows: RawRows) -> Answers:
    """By the package DuckDB."""
    try:
        import duckdb
    except ImportError:
        raise Unavailable("the package duckdb is not installed here") from None
    with duckdb.connect(":memory:") as database:
        try:
            for statement in _statements(program, rows):
                database.execute(statement)
            found = database.execute(query).fetchall()
        except duckdb.Error as error:
            raise ExportFailed(f"DuckDB {duckdb.__version__}: {error}") from None
    return found, f"DuckDB {duckdb.__version__}"


def run_in_postgresql(query: str, program: ModelProgram, rows: RawRows) -> Answers:
    """By a server that is started for this, listens to no network, and is gone afterwards."""
    with _server() as (psql, environment):
        whole = ";\n".join(
            [*_statements(program, rows), f"COPY ({_plain(query)}) TO STDOUT (FORMAT csv)", ""]
        )
        command = [psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", "postgres"]
        answered = output_of(command, whole, environment=environment)
        found = list(csv.reader(io.StringIO(answered, newline="")))
        version = output_of([psql, "--version"]).strip()
    return found, version


def _plain(query: str) -> str:
    """A query without the comments at its top."""
    return "\n".join(line for line in query.split("\n") if not line.startswith("--"))


@contextmanager
def _server() -> Iterator[tuple[str, dict[str, str]]]:
    initdb, control, psql = program_named("initdb"), program_named("pg_ctl"), program_named("psql")
    with tempfile.TemporaryDirectory(prefix="glassnet-") as folder:
        account = _account(folder)
        data, log = os.path.join(folder, "data"), os.path.join(folder, "log")
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off -c jit=off"
        output_of(
            [initdb, "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale", "-N"], user=account
        )
        output_of([control, "-D", data, "-w", "-l", log, "-o", options, "start"], user=account)
        try:
            yield psql, {**os.environ, "PGHOST": folder, "PGUSER": USER, "PGCLIENTENCODING": "UTF8"}
        finally:
            output_of([control, "-D", data, "-w", "-m", "immediate", "stop"], user=account)


def _account(folder: str) -> str | None:
    """Who runs the server: root must not, but may let the account ``postgres`` do it."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return None
    try:
        shutil.chown(folder, USER)
    except LookupError:
        raise Unavailable("PostgreSQL does not run as root") from None
    return USER
