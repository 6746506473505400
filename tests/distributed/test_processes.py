"""Two processes train one model, the same as two devices of one process, and as the native engine within rounding."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys

import numpy as np
import pytest

import glassnet
from glassnet.tables import penguins_path
from launched import environment, processes

pytest.importorskip("jax", reason="JAX is not installed: the extra jax of glassnet installs it")

TRAIN = f"""
import hashlib, json, os, warnings
import glassnet, signal, threading
place = glassnet.distributed.start(heartbeat=4, **({{"processes": 1}} if "RANK" not in os.environ else {{}}))
settings = dict(recipe="single", hidden=(6,), epochs=4, batch_size=25, dropout=0.2, dtype="float64", seed=3)
events = []
model = glassnet.train({str(penguins_path())!r}, "species", engine="jax", callbacks=events.append, **settings)
try:
    glassnet.train({str(penguins_path())!r}, "no such column", epochs=1)
except glassnet.errors.TableError as error:
    failed = str(error)
try:
    glassnet.train({str(penguins_path())!r}, "species", epochs=place.rank)
except glassnet.errors.SettingsError as error:
    failed += str(error)
vector = model.members[0].learnt.vector
print(json.dumps({{
    "vector": vector.tolist(), "events": len(events), "failed": failed, "device": model.provenance["engine"]["device"],
    "losses": model.members[0].history.loss.tolist(), "predictions": model.predict({str(penguins_path())!r}).tolist(),
}}), flush=True)
if place.rank:
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGKILL)).start()
if place.processes > 1:
    glassnet.train({str(penguins_path())!r}, "species", engine="jax", **{{**settings, "epochs": 10**6}}, patience=None)
"""


def test_processes_train_the_model_of_one_and_notice_a_loss() -> None:
    with processes(TRAIN) as running:
        outputs = [process.communicate(timeout=120) for process in running]
        assert [process.returncode for process in running] == [75, -signal.SIGKILL], outputs
    assert re.search(rf"process 1 \(.*pid {running[1].pid}\) was lost", outputs[0][1])
    first, second = (json.loads(output.splitlines()[-1]) for output, _ in outputs)
    alone = subprocess.run(
        [sys.executable, "-c", TRAIN.replace("epochs=place.rank", "epochs=0")],
        env=environment(XLA_FLAGS="--xla_force_host_platform_device_count=2"),
        capture_output=True,
        text=True,
        check=True,
    )
    together = json.loads(alone.stdout.splitlines()[-1])
    assert first["vector"] == second["vector"] == together["vector"]
    assert first["losses"] == second["losses"] == together["losses"]
    assert first["predictions"] == second["predictions"]
    assert first["device"].startswith("2 × in 2 processes")
    assert together["device"].startswith("2 × cpu")
    assert first["events"] > second["events"] == 0  # process 0 alone has callbacks
    assert "no such column" in second["failed"]
    assert "process 1 calls train with other arguments" in second["failed"]
    assert first["failed"] == second["failed"]
    native = glassnet.train(
        penguins_path(),
        "species",
        recipe="single",
        hidden=(6,),
        epochs=4,
        batch_size=25,
        dropout=0.2,
        dtype="float64",
        seed=3,
        engine="native",
    )
    np.testing.assert_allclose(first["vector"], native.members[0].learnt.vector, rtol=0, atol=1e-12)
    np.testing.assert_allclose(first["losses"], native.members[0].history.loss, rtol=0, atol=1e-12)
