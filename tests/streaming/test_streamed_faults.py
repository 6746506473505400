"""Training on rows that do not fit into memory: what is refused, and what no sample must hide."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet
import pytest

import glassnet
from glassnet.errors import CheckpointError, SettingsError, TableError
from glassnet.streaming import budget, survey, training_table
from glassnet.tables.read.blocks import TableBlocks
from glassnet.targets import TargetEncoding
from glassnet.training import Checkpoint, RowsRead, TrainingStarted
from streamed import ROWS, SETTINGS, lower_thresholds, streamed
from tables_on_disk import a_table, write_parts


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    lower_thresholds(monkeypatch)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_parts(tmp_path / "table", a_table(ROWS))


def test_targets_that_rise_from_row_to_row_have_their_own_mean(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    table = pa.table({"x": rng.normal(size=ROWS), "y": np.arange(ROWS) / 100 + rng.normal(size=ROWS)})
    blocks = TableBlocks.of(write_parts(tmp_path / "t", table))
    assert blocks is not None
    found = survey.Survey.of(blocks, ["y"], np.uint64(3), 10**9)
    assert found.weights is not None
    assert found.table.num_rows < 1300
    assert found.weights.sum() == pytest.approx(ROWS)
    assert np.average(found.table.numbers("y"), weights=found.weights) == pytest.approx(30, abs=2)


def test_the_range_of_all_training_targets_clamps_and_is_checked(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    y = rng.normal(size=ROWS).clip(-2.5, 2.5)
    y[[100, 4000]] = 50, -0.5
    table = pa.table({"x": rng.normal(size=ROWS), "y": y})
    folder = write_parts(tmp_path / "t", table)
    model = streamed(folder, "y", clamp=True, seed=3, validation=0.8, memory=60_000)
    assert model.validation is not None
    assert model.validation.rows is not None
    trained = np.setdiff1d(np.arange(ROWS), model.validation.rows)
    assert isinstance(model.target, TargetEncoding)
    assert (*model.target.lowest, *model.target.highest) == (y[trained].min(), y[trained].max())
    with pytest.raises(SettingsError, match="needs targets from 0"):
        streamed(folder, "y", loss="poisson", output_activation="exponential", validation=0.0)


def test_groups_of_a_validation_table_of_its_own_must_be_others(folder: Path) -> None:
    with pytest.raises(SettingsError, match="both in the table and in that of validation"):
        streamed(folder, groups="color", validation=a_table(300))


def test_a_part_without_weight_is_refused(tmp_path: Path) -> None:
    table = a_table(ROWS).append_column("w", pa.array(np.zeros(ROWS)))
    weights = np.zeros(ROWS)
    weights[:3] = 1
    folder = write_parts(tmp_path / "t", table.set_column(4, "w", pa.array(weights)))
    with pytest.raises(SettingsError, match="needs rows with a weight"):
        streamed(folder, sample_weight="w", validation=0.001, holdout=0.2)


def test_lists_are_left_out(tmp_path: Path) -> None:
    table = a_table(ROWS).append_column("list", pa.array([[at] for at in range(ROWS)]))
    for form in ("parquet", "arrow"):
        model = streamed(write_parts(tmp_path / form, table, form=form))
        assert "list" not in model.encoder.slices


def test_a_table_that_changes_meanwhile_is_refused(folder: Path) -> None:
    def change(event: Any) -> None:
        if isinstance(event, RowsRead) and event.doing == "encoding":
            pyarrow.parquet.write_table(a_table(2000, seed=8), folder / "part-0.parquet")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training_table, "EVENTS_PER_SECOND", 1e9)
        with pytest.raises(TableError, match="was changed while it was read"):
            streamed(folder, callbacks=change)


def test_one_batch_of_all_rows_is_refused(folder: Path) -> None:
    with pytest.raises(SettingsError, match="batch_size=None needs all rows in memory"):
        streamed(folder, batch_size=None)


def test_a_checkpoint_of_another_memory_is_refused(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "memory", lambda: 400_000)
    kept = Checkpoint(tmp_path / "c", keep=True)
    streamed(folder, memory=None, checkpoint=kept)
    monkeypatch.setattr(budget, "memory", lambda: 300_000)
    with pytest.raises(CheckpointError, match="it has memory=200000, but this training has memory=150000"):
        streamed(folder, memory=None, checkpoint=kept)


def test_a_cache_is_for_one_training_at_a_time(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"

    def another(event: Any) -> None:
        if isinstance(event, TrainingStarted):
            with pytest.raises(SettingsError, match="is used by another training"):
                streamed(folder, cache=cache, seed=5)

    streamed(folder, cache=cache, callbacks=another)
    streamed(folder, cache=cache)
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="is a file; name a folder"):
        streamed(folder, cache=tmp_path / "file")


def test_a_memory_without_effect_is_refused(tmp_path: Path) -> None:
    for source in ({"x": [1, 2, 3, 4], "y": [1, 2, 3, 4]}, a_table(9).to_reader()):
        with pytest.raises(SettingsError, match="is for tables that can be read in blocks"):
            glassnet.train(source, "y", memory="1 GB", **SETTINGS)


def test_words_of_all_blocks_are_not_kept_with_the_sample(tmp_path: Path) -> None:
    table = pa.table({"a": [f"{at} {'x' * 100}" for at in range(20_000)], "y": np.arange(20_000.0)})
    blocks = TableBlocks.of(write_parts(tmp_path / "t", table, form="csv"))
    assert blocks is not None
    sample = survey.Sample(np.uint64(1), 100_000)
    start = 0
    for block in blocks.raw():
        sample.add(block, start, np.zeros(len(block), np.bool_))
        start += len(block)
    assert sum(part[0].nbytes for part in sample._parts) < 600_000
