"""The export as one query of SQL: each layer is a step of the query."""

from __future__ import annotations

from typing import ClassVar

from glassnet.ship.export import sql_columns as columns
from glassnet.ship.export.program import SMALLEST_SHARE, Answer, Dense, ModelProgram, label_text
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
from glassnet.ship.export.sql_run import Answers, QueryForm, run_in_duckdb, run_in_postgresql, run_in_sqlite
from glassnet.tables.encode.program import Expression

ROW = "glassnet_row"
FURTHEST = "300e0"  # exp(-300) is 0 for all purposes, and its square is still a number


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
        if program.widest > own.most:
            faults.append(
                f"a layer has {program.widest:,} numbers, but a step may have {own.most:,} columns."
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

    def usage(self, program: ModelProgram) -> list[str]:
        return [
            *summary(program),
            "",
            f'One query for {self.dialect.name}. It reads the table "rows" (change the name in its first step), and',
            "gives its rows with the predictions. A row with a value that a column cannot have gets NULL.",
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
                steps += self._layer(layer, f"n{member}_{at}", source, before)
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
            _step("cells", ROW, raws, "raw_rows AS r"),
            _step(
                "read_values",
                f"{ROW}, {', '.join(f't{at}' for at in range(1, len(raws) + 1))}",
                values,
                "cells",
            ),
            _step("parts", f"read_values.*, {added(faults)} AS fault", parts, "read_values"),
            _step("inputs", f"{ROW}, fault", listed, "parts"),
        ]

    def _layer(self, layer: Dense, own: str, source: str, before: str) -> list[str]:
        sums = []
        for at, bias in enumerate(layer.biases):
            terms = [
                f"{before}{row} * {number(weight)}" if weight >= 0 else f"{before}{row} * ({number(weight)})"
                for row, weight in enumerate(layer.weights[:, at])
                if weight
            ]
            sums.append(f"{added(terms)} + ({number(bias)}) AS z{at}")
        width = len(layer.biases)
        if layer.activation == "softmax":
            top = paired([f"z{at}" for at in range(width)], f"{self.dialect.greatest}({{}}, {{}})")
            steps = [_step(f"{own}_sums", ROW, sums, source)]
            steps.append(_step(f"{own}_top", f"{own}_sums.*", [f"{top} AS top"], f"{own}_sums"))
            powers = [f"{self._exp(f'z{at} - top')} AS e{at}" for at in range(width)]
            steps.append(_step(f"{own}_powers", ROW, powers, f"{own}_top"))
            total = added([f"e{at}" for at in range(width)])
            steps.append(_step(f"{own}_total", f"{own}_powers.*", [f"{total} AS total"], f"{own}_powers"))
            shares = [f"e{at} / total AS a{at}" for at in range(width)]
            return [*steps, _step(own, ROW, shares, f"{own}_total")]
        active = [f"{self._activation(layer.activation, f'z{at}')} AS a{at}" for at in range(width)]
        return [_step(f"{own}_sums", ROW, sums, source), _step(own, ROW, active, f"{own}_sums")]

    def _exp(self, z: str) -> str:
        """exp(z) for z up to 0."""
        return f"EXP({self.dialect.greatest}({z}, -{FURTHEST}))"

    def _activation(self, kind: str, z: str) -> str:
        e = self._exp(f"-ABS({z})")
        low = f"({self._exp(f'{self.dialect.least}({z}, 0e0)')} - 1e0)"
        sigmoid = f"(CASE WHEN {z} < 0 THEN {e} ELSE 1e0 END / (1e0 + {e}))"
        kept = f"{self.dialect.least}({self.dialect.greatest}({z}, -50e0), 50e0)"
        inner = f"(0.7978845608028654e0 * ({kept} + 0.044715e0 * ({kept} * {kept} * {kept})))"
        numerator = f"CASE WHEN {z} < 0 THEN {e} * ({e} + 2e0) ELSE 1e0 + 2e0 * {e} END"
        denominator = f"(({numerator}) + CASE WHEN {z} < 0 THEN 2e0 ELSE 2e0 * {e} * {e} END)"
        return {
            "identity": z,
            "step": f"CASE WHEN {z} > 0 THEN 1e0 ELSE 0e0 END",
            "relu": f"CASE WHEN {z} > 0 THEN {z} ELSE 0e0 END",
            "leaky_relu": f"CASE WHEN {z} > 0 THEN {z} ELSE 0.01e0 * {z} END",
            "elu": f"CASE WHEN {z} > 0 THEN {z} ELSE {low} END",
            "selu": f"1.0507009873554805e0 * CASE WHEN {z} > 0 THEN {z} ELSE 1.6732632423543772e0 * {low} END",
            "sigmoid": sigmoid,
            "tanh": self._tanh(z),
            "softplus": f"{self.dialect.greatest}({z}, 0e0) + LN(1e0 + {e})",
            "gelu": f"{z} * (1e0 + {self._tanh(inner)}) / 2e0",
            "silu": f"{z} * {sigmoid}",
            "mish": f"{z} * (({numerator}) / {denominator})",
            "exponential": f"EXP({self.dialect.least}({self.dialect.greatest}({z}, -{FURTHEST}), 700e0))",
        }[kind]

    def _tanh(self, z: str) -> str:
        e = self._exp(f"-2e0 * ABS({z})")
        return f"(CASE WHEN {z} < 0 THEN -1e0 ELSE 1e0 END * (1e0 - {e}) / (1e0 + {e}))"

    def _mean(self, program: ModelProgram) -> str:
        count = len(program.members)
        lasts = [f"n{member}_{len(layers)}" for member, layers in enumerate(program.members, 1)]
        means = [
            f"{added([f'{last}.a{at}' for last in lasts])} / {number(count)} AS o{at}"
            for at in range(program.outputs)
        ]
        joins = "".join(f" JOIN {last} ON {last}.{ROW} = inputs.{ROW}" for last in lasts)
        return _step("outputs", f"inputs.{ROW}, inputs.fault", means, f"inputs{joins}")

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
            powers += [f"{self._exp(f'l{at}_{k} - {largest}')} AS w{at}_{k}" for k in places]
            finals.append(
                f"CASE WHEN fault = 0 THEN {self._label(answer, at, outputs)} END AS {next(columns_of)}"
            )
            total = added([f"w{at}_{k}" for k in places])
            for k in places:
                share = f"q{at}_{k}" if answer.temperature == 1 else f"w{at}_{k} / {total}"
                finals.append(f"CASE WHEN fault = 0 THEN {share} END AS {next(columns_of)}")
        if not firsts:
            return [_step("answers", ROW, finals, "outputs")]
        return [
            _step("kept", "outputs.*", firsts, "outputs"),
            _step("totals", "kept.*", totals, "kept"),
            _step("shares", "totals.*", shares, "totals"),
            _step("logarithms", "shares.*", logs, "shares"),
            _step("powers", "logarithms.*", powers, "logarithms"),
            _step("answers", ROW, finals, "powers"),
        ]

    def _label(self, answer: Answer, at: int, outputs: list[str]) -> str:
        labels = [_literal(label) for label in answer.classes or ()]
        if answer.is_binary:
            return f"CASE WHEN {outputs[0]} > 0.5e0 THEN {labels[1]} ELSE {labels[0]} END"
        pairs = zip(outputs, labels, strict=True)
        return f"CASE top{at} {' '.join(f'WHEN {output} THEN {label}' for output, label in pairs)} END"


def _literal(label: object) -> str:
    if isinstance(label, bool):
        return "TRUE" if label else "FALSE"
    return quoted(label) if isinstance(label, str) else str(label)


def _step(own: str, kept: str, terms: list[str], source: str) -> str:
    listed = "".join(f",\n    {term}" for term in terms)
    return f"{own} AS MATERIALIZED (\n  SELECT {kept}{listed}\n  FROM {source})"


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
