"""Model files whose digest is right and whose content is wrong: one error, which names the part."""

from __future__ import annotations

import json
import os
import re
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet.errors import InputError, ModelFileError
from glassnet.tables import penguins_path
from model_mutations import put_together, taken_apart

Document = Any
Tensors = dict[str, Any]


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Document, Tensors]:
    path = tmp_path_factory.mktemp("model") / "m"
    settings: dict[str, Any] = {"hidden": (5, 4), "epochs": 4, "snapshots": 3, "holdout": 0.2, "threads": 2}
    glassnet.train(penguins_path(), "species", seed=1, **settings, recipe="single").save(path)
    return taken_apart(path)


@pytest.fixture
def changed(parts: tuple[Document, Tensors], tmp_path: Path) -> Callable[..., Path]:
    """A file of the model with a change: ``change`` is given its document and its tensors."""

    def write(change: Callable[[Document, Tensors], Any]) -> Path:
        document, tensors = json.loads(json.dumps(parts[0])), {**parts[1]}
        change(document, tensors)
        put_together(tmp_path / "m", document, tensors)
        return tmp_path / "m"

    return write


def replaced(name: str, place: Any, value: float) -> Callable[[Document, Tensors], None]:
    def change(_: Document, tensors: Tensors) -> None:
        tensors[name] = tensors[name].copy()
        tensors[name][place] = value

    return change


def put(value: Any, *keys: Any) -> Callable[[Document, Tensors], None]:
    def change(document: Document, _: Tensors) -> None:
        for key in keys[:-1]:
            document = document[key]
        document[keys[-1]] = value

    return change


CLASSES = ["Adelie", "Chinstrap", "Gentoo", "Macaroni", "Royal"]
LEARNT = "members.0.learnt.1.weights"
CHANGES: dict[str, tuple[Callable[[Document, Tensors], Any], str]] = {
    "a weight of NaN": (replaced(LEARNT, (0, 0), np.nan), f"tensor {LEARNT} has numbers that are not finite"),
    "infinite biases": (replaced("members.0.initial.3.biases", ..., np.inf), r"initial\.3\.biases .*not finite"),
    "five classes for three outputs": (put(CLASSES, "target", 0, "classes"), "its baseline has 3 numbers for 5"),
    "classes and shares for five": (
        lambda document, _: (
            put(CLASSES, "target", 0, "classes")(document, _), put([0.2] * 5, "baseline")(document, _)
        ),
        r"its network 0 is 15 inputs .* 3 softmax, but .* 5 softmax",
    ),
    "a class twice": (
        put(["Adelie"] * 3, "target", 0, "classes"), "its classes are of different types, or not each once"
    ),
    "a scale of 0": (put(0.0, "encoder", "encoders", 1, "scale"), "column 'bill_length_mm' has the scale 0"),
    "a column less": (lambda document, _: document["schema"]["columns"].pop(), "column encoders are not those"),
    "an encoder of another column": (put("x", "encoder", "encoders", 0, "column"), "column encoders are not those"),
    "no target": (put([], "schema", "target"), "or no target"),
    "another unit": (put("kg", "encoder", "encoders", 1, "unit"), "has another unit .* than the schema"),
    "labels read in another way": (put(True, "target", 0, "folded"), "reads labels in another way"),
    "no levels": (put([], "encoder", "encoders", 0, "levels"), "column 'island' has no levels"),
    "a level less": (put(["Biscoe", "Dream"], "encoder", "encoders", 0, "levels"), "its network 0 is 15 inputs"),
    "another type": (put("3", "format"), "not a model file that glassnet saved"),
    "a later format": (put(2, "format"), "has format 2"),
    "a huge temperature": (put(9.0, "target", 0, "temperature"), "its target has the temperature 9.0"),
    "a negative count": (put(-1, "members", 0, "history", "best_epoch"), r">= 0.*best_epoch"),
    "an epoch that never was": (put(5, "members", 0, "history", "best_epoch"), "best epoch is 5, but .* 4 epochs"),
    "a text for a number": (put("1", "settings", "l2"), "l2 is '1'"),
    "an object for a text": (put({"a": [1]}, "settings", "engine"), r"Expected `str`, got `object` - at `\$\.engine`"),
    "an unknown key": (put(1, "more"), "unknown field `more`"),
    "a key less": (lambda document, _: document.pop("target"), "missing required field `target`"),
    "a default left out": (lambda document, _: document["target"][0].pop("folded"), "not as glassnet writes it"),
    "threads": (put(10**6, "settings", "threads"), "not as glassnet writes it"),
    "a huge layer": (put(10**12, "members", 0, "network", "layers", 0, "width"), "its network 0 is"),
    "a huge layer everywhere": (
        lambda document, _: (
            put(10**12, "members", 0, "network", "layers", 0, "width")(document, _),
            put([10**12, 4], "settings", "hidden")(document, _),
        ),
        "tensor members.0.initial.1.weights is .* must be float32",
    ),
    "nested settings": (put([[[1]]], "settings", "metric"), "form of a model"),
    "a rule in a rule in a rule": (
        put("warm_up(then=" * 3000 + "cosine" + ")" * 3000, "settings", "schedule"),
        "schedule is",
    ),
    "no tensor": (lambda _, tensors: tensors.pop(LEARNT), f"it lacks the tensor {LEARNT}"),
    "rows without their weights": (
        put(True, "evaluations", "holdout", "weighted"), "it lacks the tensor holdout.weights"
    ),
    "a row with a weight below 0": (
        lambda document, tensors: (
            put(True, "evaluations", "holdout", "weighted")(document, tensors),
            tensors.update({"holdout.weights": -np.ones(len(tensors["holdout.rows"]))}),
        ),
        "its holdout has weights below 0, or none above 0",
    ),
    "a tensor too many": (lambda _, tensors: tensors.update(more=np.zeros(2)), "do not belong to a model: more"),
    "half precision": (
        lambda _, tensors: tensors.update({LEARNT: tensors[LEARNT].astype(np.float16)}),
        "of the type F16",
    ),
    "double precision": (
        lambda _, tensors: tensors.update({LEARNT: tensors[LEARNT].astype(np.float64)}),
        "is float64 .* must be float32",
    ),
    "turned": (
        lambda _, tensors: tensors.update({LEARNT: tensors[LEARNT].T}),
        r"\(5, 15\), but must be float32 \(15, 5\)",
    ),
    "a curve cut short": (
        lambda _, tensors: tensors.update({"members.0.history.rate": np.ones(3)}),
        "curve rate has 3 epochs, but its loss has 4",
    ),
    "a snapshot of another epoch": (replaced("members.0.snapshots.epochs", 0, 3), "its snapshots are those of"),
    "statistics of other epochs": (replaced("members.0.stats.epochs", 0, 1), "statistics of its network 0"),
    "duplicates of no input": (
        lambda _, tensors: tensors.update({"stats.duplicates": np.array([[0, 99]])}),
        "name inputs that it does not have",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_part_that_is_wrong_is_named(name: str, changed: Callable[..., Path]) -> None:
    change, message = CHANGES[name]
    path = changed(change)
    with pytest.raises(ModelFileError, match=message) as caught:
        glassnet.load(path)
    assert all(fault.startswith(f"{str(path)!r} ") for fault in caught.value.faults)
    assert len(str(caught.value)) < 2000


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of the overflow
def test_outputs_that_are_no_numbers_are_no_class(changed: Callable[..., Path]) -> None:
    model = glassnet.load(changed(replaced(LEARNT, ..., -3e38)))
    for predict in (model.predict, model.predict_proba):
        with pytest.raises(
            InputError, match=r"outputs of \d+ rows?, the first of them row 0, are not numbers"
        ):
            predict(penguins_path())


def test_what_is_not_changed_is_loaded(changed: Callable[..., Path]) -> None:
    model = glassnet.load(changed(lambda *_: None))
    assert model.settings.threads is None  # the number of threads of the machine that trained
    assert set(model.predict(penguins_path())) == {"Adelie", "Chinstrap", "Gentoo"}


@pytest.mark.parametrize(
    "text",
    ["NaN", "[" * 100_000, '{"format":1,"schema":' + '{"a":' * 100_000, '{"format":1e999}', "9" * 10_000],
    ids=["NaN", "deep", "deep in an object", "infinite", "long"],
)  # fmt: skip
def test_a_header_that_is_no_document_is_refused(
    text: str, parts: tuple[Document, Tensors], tmp_path: Path
) -> None:
    put_together(tmp_path / "m", text, parts[1])
    with pytest.raises(ModelFileError, match=r"not a model file that glassnet saved|form of a model"):
        glassnet.load(tmp_path / "m")


def test_a_header_that_would_take_much_memory_is_refused(changed: Callable[..., Path]) -> None:
    path = changed(
        lambda document, _: document["provenance"].update(more=dict.fromkeys(map(str, range(2_000_000))))
    )
    with pytest.raises(ModelFileError, match=r"its header has [\d,]+ characters, but may have [\d,]+"):
        glassnet.load(path)
    path = changed(lambda document, _: document["encoder"].update(ignored=["ab"] * 200_000))
    with pytest.raises(ModelFileError, match=r"its header has 200,\d+ values, but may have [\d,]+"):
        glassnet.load(path)


def test_columns_without_their_keys_are_refused_before_there_are_many_of_them(
    changed: Callable[..., Path],
) -> None:
    path = changed(
        lambda document, _: document["schema"].update(columns=[{"name": "", "type": "number"}] * 20_000)
    )
    tracemalloc.start()
    with pytest.raises(ModelFileError, match="its header is not as glassnet writes it"):
        glassnet.load(path)
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert used < 10 * path.stat().st_size


def test_only_the_first_of_many_faults_are_named(changed: Callable[..., Path]) -> None:
    path = changed(lambda document, _: document["settings"].update(dict.fromkeys(map(str, range(30_000)))))
    with pytest.raises(ModelFileError, match=r"There are 29,980 more faults\.") as error:
        glassnet.load(path)
    assert len(str(error.value)) < 3000


@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_not_finite_are_refused(
    token: str, parts: tuple[Document, Tensors], tmp_path: Path
) -> None:
    text = re.sub(r'"l2":[^,]+', f'"l2":{token}', json.dumps(parts[0], separators=(",", ":")))
    assert token in text
    put_together(tmp_path / "m", text, parts[1])
    with pytest.raises(ModelFileError, match=r"not a model file that glassnet saved|form of a model"):
        glassnet.load(tmp_path / "m")


@pytest.mark.parametrize("dtype", ["BF16", "F8_E4M3", "U64", "BOOL", "C64", "F4"])
@pytest.mark.parametrize("size", [1, 10**12])
def test_tensors_of_other_types_and_sizes_are_refused(
    dtype: str, size: int, changed: Callable[..., Path]
) -> None:
    path = changed(lambda *_: None)
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    header[LEARNT] |= {"dtype": dtype, "shape": [size, *header[LEARNT]["shape"]]}
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + content[8 + length :])
    with pytest.raises(ModelFileError):
        glassnet.load(path)


def test_what_is_no_file_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), Path("/dev/null")):
        with pytest.raises(ModelFileError, match="is no regular file"):
            glassnet.load(path)
