"""Tables in files for the tests of what is read in blocks."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet


def a_table(rows: int, seed: int = 0) -> pa.Table:
    """Numbers, words and a class that follows from them; some values are missing."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, rows))
    color = rng.choice(["red", "green", "blue"], rows)
    score = a + b * (color == "red") - (color == "blue")
    missing = rng.random(rows) < 0.02
    return pa.table(
        {
            "a": pa.array(a, mask=missing),
            "b": b,
            "color": color,
            "grade": np.where(score > 0.5, "high", np.where(score > -0.5, "middle", "low")),
        }
    )


def write_parts(folder: Path, table: pa.Table, parts: int = 3, form: str = "parquet") -> Path:
    """The table as files in a new folder."""
    folder.mkdir()
    size = -(-len(table) // parts)
    for number in range(parts):
        part, path = table.slice(number * size, size), folder / f"part-{number}.{form}"
        if form == "parquet":
            pyarrow.parquet.write_table(part, path, row_group_size=1000)
        elif form == "arrow":
            with pa.ipc.new_file(path, part.schema) as writer:
                writer.write_table(part)
        else:
            pyarrow.csv.write_csv(part, path)
    return folder
