"""The work of reading grows with the size of a text, whatever is in it.

Each text has a run of 100,000 characters. All are read within 100 seconds of the processor's time (it takes
about five); work for each pair of characters of a single run would take longer.
"""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import warnings

import pytest

from effort import HANG
from glassnet.cli.csv_text import write_csv
from glassnet.errors import GlassnetError, TableError, nearest
from glassnet.tables import Encoder, infer_schema, read_table
from glassnet.tables._arrow import pa
from glassnet.tables.column_values import ColumnValues

RUN = 100_000
SECONDS = 100
BLANKS = " " * RUN
LINES = "".join(f"{number},{number * 2},w{number % 3}\n" for number in range(60))
COLUMNS = LINES.replace(",", " ")

TEXTS = {
    "blanks in a line": f"a b c\n1{BLANKS}2 3\n{COLUMNS}",
    "blanks at the end of a line": f"a b c\n1 2 3{BLANKS}\n{COLUMNS}",
    "blanks within the last value": f"a b c\n1 2 3{BLANKS}x\n{COLUMNS}",
    "blanks and tabs": "a b c\n1" + " \t" * RUN + f"2 3\n{COLUMNS}",
    "blanks in a value": f"a,b,c\n1,2,x{BLANKS}y\n{LINES}",
    "blanks in a number": f"a,b,c\n1,1{BLANKS}1,x\n{LINES}",
    "blanks in an amount": f"a,b,c\n1,1{BLANKS}kg,x\n{LINES}",
    "blanks in a date": "a,b\n" + "".join(f"{day},2020-01-{day:02}\n" for day in range(1, 29))
    + f"1,2020-01-01{BLANKS}x\n",
    "blanks before a quote": f'a,b,c\n1,{BLANKS}"2",3\n' + '1, "2",3\n' * 20,
    "blanks before no quote": f"a,b,c\n1,{BLANKS}2,3\n" + '1, "2",3\n' * 20,
    "quotes that are not closed": "a b c\n1 2 " + '"x' * RUN + f"\n{COLUMNS}",
    "empty lines": "\n" * RUN + f"a,b,c\n{LINES}",
    "comments": "# x\n" * RUN + f"a,b,c\n{LINES}",
    "comments and empty lines": "# x\n\n" * RUN + f"a,b,c\n{LINES}",
    "comments as of ARFF": " %\n" * RUN + f"a,b,c\n{LINES}",
    "quotes of ARFF": "@relation x\n@attribute a numeric\n@attribute b {x}\n@data\n"
    + "1,'" + "\\'" * RUN + "\n" + "1,x\n" * 20,
    "digits": f"a,b,c\n1,2,{'1' * RUN}\n{LINES}",
    "groups of digits": f'a,b,c\n1,2,"{"1," * RUN}"\n{LINES}',
    "a long name": f"a,{'bC' * RUN}id,c\n{LINES}",
    "brackets": "[" * RUN,
    "labels": "a,b\n" + "".join(f"{number % 7},{'Yes' if number % 2 else 'no'}{number}\n" for number in range(RUN)),
}  # fmt: skip
LETTERS = b"a,b,c\n1,2,\xe9" + b"y" * RUN + b"\n" + LINES.encode()  # of which encoding is it?


def test_reading_takes_time_in_proportion_to_the_size() -> None:
    code = f"import sys; sys.path[:0] = {sys.path!r}; import tables.test_linear as own; own.read_all()"
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=HANG, check=False
    )
    assert ran.returncode == 0, f"stopped at: {ran.stdout.splitlines()[-1:]} {ran.stderr[-2000:]}"


def read_all() -> None:
    """Read each text; the system ends the process when it has used its time."""
    with contextlib.suppress(ImportError):  # on Windows a text that takes hours is seen by its hours
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    warnings.simplefilter("ignore")
    for name, text in [*((name, text.encode()) for name, text in TEXTS.items()), ("letters", LETTERS)]:
        print(name, flush=True)
        with contextlib.suppress(GlassnetError):
            table = read_table(io.BytesIO(text))
            schema = infer_schema(table, table.column_names[-1])
            Encoder.fit(table, schema).encode(table)
    print("words that are folded", flush=True)
    ColumnValues(pa.array([f"w{number}" for number in range(RUN)])).words.folded()
    print("cells of a CSV file", flush=True)
    write_csv(pa.table({"a": [f"{BLANKS}=x", f"={BLANKS}x", f"{BLANKS}x", "-" * RUN]}), io.BytesIO())
    print("suggestions", flush=True)
    nearest("x" * RUN, ["y" * RUN] * 10)
    nearest("name", (f"column {number}" for number in range(RUN)))


def test_a_message_names_some_of_many_missing_columns() -> None:
    table = read_table(
        {f"column {number}": [1.0, 2.0, 3.0, 4.0] for number in range(500)} | {"y": [1.0, 3.0, 2.0, 5.0]}
    )
    schema = infer_schema(table, "y")
    encoder = Encoder.fit(table, schema)
    other = read_table({f"colunm {number}": [1.0, 2.0] for number in range(500)})
    with pytest.raises(TableError) as caught:
        encoder.encode(other)
    message = str(caught.value)
    assert "Did you mean 'colunm 0'?" in message
    assert "and 470 more faults" in message
    assert len(message) < 4000
    assert len(caught.value.faults) == 500
    with pytest.raises(TableError, match="and 470 more faults"):
        read_table(table, columns=other.column_names)
    with pytest.raises(TableError, match="and 470 more faults"):
        infer_schema(table, "y", column_types=dict.fromkeys(other.column_names, "number"))
