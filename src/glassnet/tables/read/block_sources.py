"""What a table in blocks comes from: Parquet and Arrow files, datasets of PyArrow, tables in memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from glassnet.errors import TableError
from glassnet.tables._arrow import pa
from glassnet.tables.read.column_names import refuse_duplicates

ROWS = 2**15  # of a block
BUFFER = 2**16  # bytes of a column that are read ahead


class Source(Protocol):
    """One file, or all that a dataset has."""

    def blocks(self) -> Iterator[pa.Table]:
        """Its rows, types as they are."""
        ...

    @property
    def rows(self) -> int | None:
        """Their number, where it is known before they are read."""
        ...


class MemoryBlocks:
    """The rows of a table that is in memory, which has no room for what training makes of them."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    @property
    def rows(self) -> int:
        return int(self._table.num_rows)

    def blocks(self) -> Iterator[pa.Table]:
        return (self._table.slice(start, ROWS) for start in range(0, self.rows, ROWS))


class ParquetBlocks:
    """The rows of a Parquet file; its columns of lists, structs and maps have nulls, as every reader of them gives."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @property
    def rows(self) -> int:
        with self._opened() as file:
            return int(file.metadata.num_rows)

    def _opened(self) -> Any:
        from pyarrow import parquet

        try:
            return parquet.ParquetFile(self._file, buffer_size=BUFFER, page_checksum_verification=True)
        except (pa.ArrowException, OSError) as error:
            raise _damaged(self._file, error) from None

    def blocks(self) -> Iterator[pa.Table]:
        with self._opened() as file:
            schema = file.schema_arrow
            refuse_duplicates(schema.names, str(self._file))
            flat = [own.name for own in schema if not pa.types.is_nested(own.type)]
            try:
                for batch in file.iter_batches(ROWS, columns=flat):
                    batch.validate(full=True)
                    table = pa.Table.from_batches([batch])
                    columns = [
                        table.column(own.name) if own.name in flat else pa.nulls(len(batch), own.type)
                        for own in schema
                    ]
                    yield pa.table(columns, names=schema.names)
            except (pa.ArrowException, OSError) as error:
                raise _damaged(self._file, error) from None


class ArrowBlocks:
    """The rows of an Arrow file or stream."""

    def __init__(self, file: Path, *, is_file: bool) -> None:
        self._file, self._is_file = file, is_file

    @property
    def rows(self) -> None:
        return None

    def blocks(self) -> Iterator[pa.Table]:
        try:
            with pa.memory_map(str(self._file)) as mapped:
                for batch in self._batches(mapped):
                    batch.validate(full=True)
                    for start in range(0, len(batch), ROWS):
                        yield pa.Table.from_batches([batch.slice(start, ROWS)])
        except (pa.ArrowException, OSError) as error:
            raise _damaged(self._file, error) from None

    def _batches(self, mapped: Any) -> Iterator[pa.RecordBatch]:
        if self._is_file:
            with pa.ipc.open_file(mapped) as reader:
                yield from (reader.get_batch(number) for number in range(reader.num_record_batches))
        else:
            with pa.ipc.open_stream(mapped) as reader:
                yield from reader


class DatasetBlocks:
    """The rows of a dataset of PyArrow, on whatever file system, with the filters that it has."""

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset

    @property
    def rows(self) -> int:
        return int(self._dataset.count_rows())

    def blocks(self) -> Iterator[pa.Table]:
        try:
            # few at a time: by default PyArrow reads some hundred megabytes ahead
            for batch in self._dataset.to_batches(batch_size=ROWS, batch_readahead=1, fragment_readahead=1):
                batch.validate(full=True)
                yield pa.Table.from_batches([batch])
        except (pa.ArrowException, OSError) as error:
            raise TableError(f"The batches of the table cannot be read: {error}") from None


def _damaged(file: Path, error: Exception) -> TableError:
    reason = " ".join(str(error).split())[:200].rstrip(".")
    return TableError(f"{str(file)!r} is damaged, or cannot be read: {reason}.")


def remote_dataset(uri: str) -> Any:
    """The dataset at an address such as ``s3://bucket/folder``.

    Raises:
        TableError: it cannot be reached, or is no dataset.
    """
    from pyarrow import dataset

    name = re.sub(r"\?.*", "", uri).lower()
    form = next((ending[1:] for ending in (".csv", ".feather", ".arrow") if name.endswith(ending)), "parquet")
    try:
        return dataset.dataset(uri, format="ipc" if form == "arrow" else form)
    except (pa.ArrowException, OSError, ValueError, NotImplementedError) as error:
        raise TableError(f"{uri!r} cannot be read: {' '.join(str(error).split())[:300]}") from None
