"""Model files with a right digest and wrong content: refused by one error, or models that work."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from model_mutations import mutated, put_together
from strange_models import Source, loaded, outcome
from strange_models import sources as all_sources


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> list[Source]:
    return all_sources(tmp_path_factory.mktemp("models"))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(6))
def test_a_changed_model_is_refused_or_works(seed: int, sources: list[Source], tmp_path: Path) -> None:
    rng, path, found = random.Random(seed), tmp_path / "model", []
    for _ in range(60):
        data, (document, tensors) = rng.choice(sources)
        changed, numbers, said = mutated(document, tensors, rng)
        put_together(path, changed, numbers)
        try:
            found.append(outcome(loaded(path), data))
        except Exception as error:
            raise AssertionError(said) from error
    assert {"refused", "works"} <= set(found)
