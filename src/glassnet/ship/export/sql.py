"""The export as one query of SQL: each layer is a step of the query."""

from __future__ import annotations

from typing import ClassVar

from glassnet.errors import called, plural
from glassnet.ship.export import sql_columns as columns
from glassnet.ship.export.program import SMALLEST_SHARE, Answer, ModelProgram, label_text
from glassnet.ship.export.rows import RawRows
from glassnet.ship.export.sources import column_lines, summary
from glassnet.ship.export.sql_dialects import (
    DUCKDB,
    POSTGRESQL,
    SQLITE,
    Dialect,
    added,
    name,
    number,
    paired,
    quoted,
)
from glassnet.ship.export.sql_layers import ROW, layer_steps, power, step
from glassnet.ship.export.sql_run import Answers, QueryForm, run_in_duckdb, run_in_postgresql, run_in_sqlite
from glassnet.tables.encode.program import Expression

MOST_WEIGHTS = 1_000_000
MOST_PRODUCTS = 50_000_000  # that running a query to prove it may take: about 10 s of SQLite


class Query(QueryForm):
    """A query."""

    dialect: ClassVar[Dialect]
    comment = "--"

    def faults(self, program: ModelProgram) -> list[str]:
        own, faults = self.dialect, []
        names = [each.source.column for each in program.columns]
        for each in program.columns:
            if not columns.is_read(each.source, own):
                faults.append(f"column {each.source.column!r} holds dates written {each.source.format}.")
        if (widest := _widest_step(program)) > own.most:
            faults.append(
                f"a step of the query would have {widest:,} columns, but may have {own.most:,}; train with fewer "
                f"inputs, neurons or classes ({called('bins', 0)}, {called('hidden')})."
            )
        if program.weights > MOST_WEIGHTS:
            faults.append(
                f"{plural(len(program.members), 'network has', 'networks have')} {program.weights:,} weights, "
                f"but a query should have at most {MOST_WEIGHTS:,} (DuckDB takes 2.5 KB "
                "of memory for each, SQLite 0.2 s a row for a million); train "
                f"with {called('recipe', 'single')} or fewer neurons ({called('hidden')})."
            )
        if ROW in {each.lower() for each in names}:
            faults.append(
                f"the query numbers the rows in a column {ROW!r} of its own; give that column another name."
            )
        if own.longest and (long := [each for each in names if len(each.encode()) > own.longest]):
            faults.append(f"the name {long[0]!r} has more than {own.longest} bytes.")
        if own.folds and len({each.lower() for each in names}) < len(names):
            faults.append("names of columns differ in case alone, which is the same name for it.")
        texts = [*names, *(label_text(label) for answer in program.answers for label in answer.classes or ())]
        texts += [str(key) for each in program.columns for table in each.look_ups() for key in table.keys]
        if any("\0" in text for text in texts):
            faults.append("a name or a level has a zero character in it.")
        return faults

    def most_rows(self, program: ModelProgram) -> int:
        return max(MOST_PRODUCTS // program.weights, 50)

    def usage(self, program: ModelProgram) -> list[str]:
        return [
            *summary(program),
            "",
            f'One query for {self.dialect.name}. It reads the table "rows" (change the name in its first step), and',
            f"gives its rows, numbered as {ROW}, with the predictions. The table must have no column {ROW}. A row with",
            "a value that a column cannot have gets NULL.",
            "The columns that it needs, and what they hold:",
            "",
            *(f"  {line}" for line in column_lines(program)),
        ]

    def text(self, program: ModelProgram, head: str) -> str:
        steps = [f'raw_rows AS MATERIALIZED (SELECT ROW_NUMBER() OVER () AS {ROW}, r.* FROM "rows" AS r)']
        steps += self._columns(program)
        for member, layers in enumerate(program.members, 1):
            source, before = "inputs", "x"
            for at, layer in enumerate(layers, 1):
                steps += layer_steps(layer, f"n{member}_{at}", source, before, self.dialect)
                source, before = f"n{member}_{at}", "a"
        steps.append(self._mean(program))
        steps += self._answers(program)
        text = ",\n".join(steps)
        shown = ", ".join(f"p.{each}" for each in answer_columns(program))
        return (
            f"{head}\n\nWITH\n{text}\nSELECT i.*, {shown}\nFROM raw_rows AS i JOIN answers AS p "
            f"ON p.{ROW} = i.{ROW}\nORDER BY i.{ROW};\n"
        )

    def _columns(self, program: ModelProgram) -> list[str]:
        own = self.dialect
        raws, values, faults, parts, inputs = [], [], [], [], []
        for at, each in enumerate(program.columns, 1):
            raws.append(f"{columns.raw(each.source, own)} AS t{at}")
            values.append(f"{columns.value(each, f't{at}', own)} AS v{at}")
            faults.append(columns.fault(each, f"t{at}", f"v{at}", own))
            names: dict[Expression, str] = {}
            syntax = columns.syntax(f"v{at}", own)
            for shared in dict.fromkeys((*each.look_ups(), *each.shared())):
                parts.append(f"{syntax.write(shared, {})} AS p{at}_{len(names)}")
                names[shared] = f"p{at}_{len(names)}"
            inputs += [syntax.write(one, names) for one in each.inputs]
        listed = [f"{text} AS x{at}" for at, text in enumerate(inputs)]
        return [
            step("cells", ROW, raws, "raw_rows AS r"),
            step(
                "read_values",
                f"{ROW}, {', '.join(f't{at}' for at in range(1, len(raws) + 1))}",
                values,
                "cells",
            ),
            step("parts", f"read_values.*, {added(faults)} AS fault", parts, "read_values"),
            step("inputs", f"{ROW}, fault", listed, "parts"),
        ]

    def _mean(self, program: ModelProgram) -> str:
        count = len(program.members)
        lasts = [f"n{member}_{len(layers)}" for member, layers in enumerate(program.members, 1)]
        means = [
            f"{added([f'{last}.a{at}' for last in lasts])} / {number(count)} AS o{at}"
            for at in range(program.outputs)
        ]
        joins = "".join(f" JOIN {last} ON {last}.{ROW} = inputs.{ROW}" for last in lasts)
        return step("outputs", f"inputs.{ROW}, inputs.fault", means, f"inputs{joins}")

    def _answers(self, program: ModelProgram) -> list[str]:
        own = self.dialect
        firsts, totals, shares, logs, powers, finals = [], [], [], [], [], []
        columns_of = iter(answer_columns(program))
        for at, answer in enumerate(program.answers, 1):
            if answer.classes is None:
                value = f"(o{answer.first} * {number(answer.scale)} + ({number(answer.mean)}))"
                if answer.lowest != -float("inf"):
                    low, high = number(answer.lowest), number(answer.highest)
                    value = f"{own.least}({own.greatest}({value}, {low}), {high})"
                finals.append(f"CASE WHEN fault = 0 THEN {value} END AS {next(columns_of)}")
                continue
            places = range(len(answer.classes))
            outputs = [f"o{place}" for place in range(answer.first, answer.last)]
            for k, output in enumerate(outputs):
                firsts.append(f"{own.least}({own.greatest}({output}, 0e0), 1e0) AS s{at}_{k}")
            top = paired(outputs, f"{own.greatest}({{}}, {{}})")
            totals.append(
                f"{added([f's{at}_{k}' for k in range(len(outputs))])} AS total{at}, {top} AS top{at}"
            )
            if answer.is_binary:
                shares += [f"1e0 - s{at}_0 AS q{at}_0", f"s{at}_0 AS q{at}_1"]
            else:
                even = number(1 / len(answer.classes))
                for k in places:
                    share = f"CASE WHEN total{at} > 0 THEN s{at}_{k} / total{at} ELSE {even} END"
                    shares.append(f"{share} AS q{at}_{k}")
            for k in places:
                share = f"{own.greatest}(q{at}_{k}, {number(SMALLEST_SHARE)})"
                logs.append(f"LN({share}) / {number(answer.temperature)} AS l{at}_{k}")
            largest = paired([f"l{at}_{k}" for k in places], f"{own.greatest}({{}}, {{}})")
            powers += [f"{power(f'l{at}_{k} - {largest}', own)} AS w{at}_{k}" for k in places]
            finals.append(
                f"CASE WHEN fault = 0 THEN {self._label(answer, at, outputs)} END AS {next(columns_of)}"
            )
            total = added([f"w{at}_{k}" for k in places])
            for k in places:
                share = f"q{at}_{k}" if answer.temperature == 1 else f"w{at}_{k} / {total}"
                finals.append(f"CASE WHEN fault = 0 THEN {share} END AS {next(columns_of)}")
        if not firsts:
            return [step("answers", ROW, finals, "outputs")]
        return [
            step("kept", "outputs.*", firsts, "outputs"),
            step("totals", "kept.*", totals, "kept"),
            step("shares", "totals.*", shares, "totals"),
            step("logarithms", "shares.*", logs, "shares"),
            step("powers", "logarithms.*", powers, "logarithms"),
            step("answers", ROW, finals, "powers"),
        ]

    def _label(self, answer: Answer, at: int, outputs: list[str]) -> str:
        labels = [_literal(label) for label in answer.classes or ()]
        if answer.is_binary:
            return f"CASE WHEN {outputs[0]} > 0.5e0 THEN {labels[1]} ELSE {labels[0]} END"
        pairs = zip(outputs, labels, strict=True)
        return f"CASE top{at} {' '.join(f'WHEN {output} THEN {label}' for output, label in pairs)} END"


def _widest_step(program: ModelProgram) -> int:
    """The most columns that a step of the query has."""
    parts = sum(len({*each.look_ups(), *each.shared()}) for each in program.columns)
    answers = sum(
        answer.last - answer.first + 3 * len(answer.classes or ()) + 2 for answer in program.answers
    )
    return 2 + max(program.widest, 2 * len(program.columns) + parts, program.outputs + answers)


def _literal(label: object) -> str:
    if isinstance(label, bool):
        return "TRUE" if label else "FALSE"
    return quoted(label) if isinstance(label, str) else str(label)


def answer_columns(program: ModelProgram) -> list[str]:
    """The names of the columns of the answers, quoted: a prediction and its probabilities for each target."""
    taken = {own.source.column.lower() for own in program.columns} | {ROW}
    found: list[str] = []
    for answer in program.answers:
        wanted = [f"predicted_{answer.target}"]
        of = f"{answer.target}=" if len(program.answers) > 1 else ""
        wanted += [f"probability_{of}{label_text(label)}" for label in answer.classes or ()]
        for number_, each in enumerate(wanted):
            own = each if len(each.encode()) <= 60 else f"{each.split('_')[0]}_{len(found)}_{number_}"
            while own.lower() in taken:
                own += "_"
            taken.add(own.lower())
            found.append(name(own))
    return found


class SQLite(Query):
    """For SQLite."""

    name = "sqlite"
    title = "one query for SQLite"
    endings: ClassVar[tuple[str, ...]] = (".sql",)
    dialect = SQLITE

    def answers(self, query: str, program: ModelProgram, rows: RawRows) -> Answers:
        return run_in_sqlite(query, program, rows)


class DuckDB(Query):
    """For DuckDB."""

    name = "duckdb"
    title = "one query for DuckDB"
    dialect = DUCKDB

    def answers(self, query: str, program: ModelProgram, rows: RawRows) -> Answers:
        return run_in_duckdb(query, program, rows)


class PostgreSQL(Query):
    """For PostgreSQL."""

    name = "postgresql"
    title = "one query for PostgreSQL"
    dialect = POSTGRESQL

    def answers(self, query: str, program: ModelProgram, rows: RawRows) -> Answers:
        return run_in_postgresql(query, program, rows)
