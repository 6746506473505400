"""The cache of rows on a disk: every row once, in random buckets; kept, recognized and written again."""

import os
import shutil
import signal
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from glassnet.errors import InputError, ResultWarning, SettingsError
from glassnet.net import LOSSES
from glassnet.streaming.row_cache import RowCache, Writer
from glassnet.streaming.row_source import CachedRows

ROWS = 4000


def filled(path: Path | None, key: str = "key", buckets: int = 5) -> RowCache:
    cache = RowCache(path)
    writer = Writer(cache, key, buckets, 2**12, ROWS, 1)
    for begin in range(0, ROWS, 300):
        numbers = np.arange(begin, min(begin + 300, ROWS))
        inputs = np.column_stack([numbers, -numbers]).astype(np.float32)
        writer.scatter({"inputs": inputs, "targets": inputs[:, :1], "weights": None})
        writer.add("validation", {"numbers": numbers[::100]})
    writer.finish({"means": [0.5]})
    return cache


def test_buckets_have_each_row_once_at_random(tmp_path: Path) -> None:
    cache = filled(tmp_path / "cache")
    assert cache.contents is not None
    found = [cache.bucket(number)["inputs"][:, 0].astype(int) for number in range(5)]
    assert sorted(np.concatenate(found).tolist()) == [*range(ROWS)]
    for own in found:
        assert len(own) == pytest.approx(ROWS / 5, rel=0.15)
        assert own.mean() == pytest.approx(ROWS / 2, rel=0.1)  # of the whole table, not of a part of it


def test_a_cache_is_recognized_by_its_key(tmp_path: Path) -> None:
    filled(tmp_path / "cache")
    again = RowCache(tmp_path / "cache")
    assert again.holds("key")
    assert again.contents is not None
    assert again.contents.facts == {"means": [0.5]}
    assert again.part("validation") is not None
    assert again.part("holdout") is None
    again.close()
    with pytest.warns(ResultWarning, match="rows of another table, or of other settings"):
        assert not RowCache(tmp_path / "cache").holds("another")


@pytest.mark.parametrize("name", ["bucket-00002.rows", "contents.json", "validation.rows"])
def test_damage_is_noticed_before_training(tmp_path: Path, name: str) -> None:
    filled(tmp_path / "cache")
    path = tmp_path / "cache" / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 255
    path.write_bytes(data)
    with pytest.warns(ResultWarning, match="is damaged|of another table"):
        assert not RowCache(tmp_path / "cache").holds("key")
    path.unlink()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert not RowCache(tmp_path / "cache").holds("key")


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(SettingsError, match=r"is a folder with other files \(thesis.tex\)"):
        RowCache(tmp_path)


def test_a_full_disk_is_said_before_much_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(InputError, match=r"the disk of .* has 1000 bytes free"):
        filled(tmp_path / "cache")


def test_a_temporary_cache_is_removed() -> None:
    cache = filled(None)
    folder = cache.folder
    assert folder.is_dir()
    del cache
    assert not folder.exists()


def test_the_cache_of_a_killed_process_is_removed_by_the_next(tmp_path: Path) -> None:
    alive = "import time; from glassnet.streaming.row_cache import RowCache; cache = RowCache(None)"
    code = f"{alive}; print(cache.folder, flush=True); time.sleep(600)"
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        left = Path(process.stdout.readline().strip())
        subprocess.run([sys.executable, "-c", alive], env=environment, check=True)
        assert left.is_dir()
        process.send_signal(signal.SIGKILL)
    assert left.is_dir()
    subprocess.run([sys.executable, "-c", alive], env=environment, check=True)
    assert not left.exists()


def test_epochs_have_all_blocks_in_another_order() -> None:
    cache = filled(None)
    source = CachedRows(cache, LOSSES["squared_error"], seed=3)
    orders = []
    for epoch in range(3):
        blocks = [block.inputs[:, 0].astype(int).tolist() for block in source.blocks(epoch)]
        assert sorted(row for block in blocks for row in block) == [*range(ROWS)]
        assert sorted(map(len, blocks)) == sorted(source.sizes)
        orders.append(tuple(map(len, blocks)))
    assert len(set(orders)) > 1
    again = [len(block) for block in CachedRows(cache, LOSSES["squared_error"], seed=3).blocks(1)]
    assert tuple(again) == orders[1]
