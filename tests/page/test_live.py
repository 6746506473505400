"""The live page's server: what it tells, what it does, and whom it refuses."""

import base64
import functools
import http.client
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

import glassnet
from effort import LONGEST_WAIT, wait_for
from glassnet.page import live
from glassnet.page.live import Server
from glassnet.page.live_run import moments_of, train_arguments
from glassnet.page.session import Session
from glassnet.page.sources import penguin_source, toy_source, worked_source
from glassnet.tables import penguins_path
from page_server import ask, served


@pytest.fixture(scope="module")
def server() -> Any:
    with served(toy_source("xor", rows=100)) as own:
        yield own


def test_only_the_page_itself_is_answered(server: Server) -> None:
    assert ask(server, "/state", token="wrong")[0] == 403
    assert ask(server, "/state", token="")[0] == 403
    assert ask(server, "/control", {"action": "play"}, Origin="https://elsewhere.example")[0] == 403
    assert ask(server, "/state", Host="elsewhere.example")[0] == 403
    assert ask(server, "/state")[0] == 200


def test_the_answer_has_a_strict_policy(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=LONGEST_WAIT)
    connection.request("GET", f"/?token={server.token}")
    answer = connection.getresponse()
    policy = answer.headers["content-security-policy"]
    assert answer.status == 200
    assert b"<div id" in answer.read()
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    connection.close()


def test_everything_that_the_page_loads_first_is_small(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=LONGEST_WAIT)
    connection.request("GET", f"/?token={server.token}", headers={"accept-encoding": "gzip"})
    answer = connection.getresponse()
    assert answer.headers["content-encoding"] == "gzip"
    assert len(answer.read()) <= 150_000
    connection.close()


def test_large_networks_are_recorded_less_often() -> None:
    assert moments_of(worked_source(), worked_source().settings) == 1000
    large = {"hidden": [2000, 2000]}
    assert moments_of(penguin_source(), large) == 20


def test_it_is_bound_to_this_computer(server: Server) -> None:
    assert server._socket.getsockname()[0] == "127.0.0.1"
    assert server.url.startswith(f"http://127.0.0.1:{server.port}/?token=")


def test_epochs_are_run_when_they_are_asked_for() -> None:
    with served() as own:
        assert ask(own, "/control", {"action": "epoch"})[0] == 200
        run = own.session.run
        wait_for(lambda: run.epoch == 1)
        told = ask(own, "/state")[1]
        assert told["run"]["state"] == "paused"
        assert told["run"]["epoch"] == 1
        assert told["document"]["network"]["layers"][0]["width"] == 5
        ask(own, "/control", {"action": "finish"})
        wait_for(lambda: own.model is not None)
        assert own.model.history.epochs == 10_001
        errors = 1 - own.model.predict(own.session.run.source.table)[:2]
        assert (errors < 0.03).all()


def test_the_worked_example_learns_what_the_lesson_learns() -> None:
    from glassnet.lessons import worked_example

    with served() as own:
        ask(own, "/control", {"action": "finish"})
        wait_for(lambda: own.model is not None)
        exact = worked_example.run().exact
        np.testing.assert_allclose(own.model.learnt.vector, exact.learnt.vector, rtol=1e-9, atol=1e-12)


def test_an_unlimited_training_gets_few_events(monkeypatch: pytest.MonkeyPatch) -> None:
    # after an event there is none for a long time, unless the state changes
    monkeypatch.setattr(live, "SHARE", 1e-9)
    monkeypatch.setattr(live, "LONGEST_PAUSE", LONGEST_WAIT)
    with served(toy_source("moons", rows=100)) as own:
        states = []
        connection = http.client.HTTPConnection("127.0.0.1", own.port, timeout=LONGEST_WAIT)
        connection.request("GET", f"/events?token={own.token}")
        stream = connection.getresponse()
        ask(own, "/start", {"settings": {"epochs": 3000}, "play": False})
        ask(own, "/control", {"action": "finish"})
        while "ended" not in states:
            line = stream.readline().decode()
            if line.startswith("data: "):
                states.append(json.loads(line[6:])["state"])
        connection.close()
    assert states.count("playing") <= 1
    assert states.count("ended") == 1


def test_increments_add_up_to_the_history() -> None:
    with served(toy_source("moons", rows=100)) as own:
        url = f"/events?token={own.token}"
        connection = http.client.HTTPConnection("127.0.0.1", own.port, timeout=LONGEST_WAIT)
        connection.request("GET", url)
        stream = connection.getresponse()
        ask(own, "/start", {"settings": {"epochs": 30}, "play": False})
        ask(own, "/control", {"action": "finish"})
        losses, cursor, sequence = [], 0, 0
        while True:
            line = stream.fp.readline()
            if not line.startswith(b"data:"):
                continue
            told = json.loads(line[5:])
            assert told["sequence"] > sequence
            sequence = told["sequence"]
            if told["id"] == own.session.run.id and told["curves"]:
                assert told["from"] == cursor
                losses += np.frombuffer(base64.b64decode(told["curves"]["loss"]["data"]), "<f8").tolist()
                cursor = told["epoch"]
            if told["state"] == "ended":
                break
        connection.close()
        assert losses == own.model.history.loss.tolist()


def test_parameters_and_recorded_epochs_come_as_numbers(server: Server) -> None:
    ask(server, "/start", {"settings": {"epochs": 20}, "play": False})
    ask(server, "/control", {"action": "finish"})
    wait_for(lambda: server.model is not None)
    run, size = server.session.run, server.model.learnt.vector.size
    data = ask(server, f"/parameters?run={run.id}")[1]
    assert np.frombuffer(data[:16], "<f8").tolist() == [1, 20]
    assert (np.frombuffer(data[16:], "<f4") == server.model.learnt.vector).all()
    data = ask(server, f"/moments?run={run.id}")[1]
    count = int(np.frombuffer(data[:8], "<f8")[0])
    assert count == 20
    vectors = np.frombuffer(data[8 * (count + 1) :], "<f4").reshape(count, size)
    assert (vectors[-1] == server.model.learnt.vector).all() or server.model.history.best_epoch != 20
    assert ask(server, "/parameters?run=other")[0] == 400


@pytest.mark.parametrize(
    "source", [{"kind": "example"}, {"kind": "toy", "name": "circles", "features": ["x1²"]}]
)
def test_the_script_makes_the_same_model_to_the_bit(source: dict[str, Any], tmp_path: Path) -> None:
    with served() as own:
        ask(own, "/start", {"source": source, "settings": {"epochs": 40}, "play": False})
        ask(own, "/control", {"action": "finish"})
        wait_for(lambda: own.model is not None)
        text = ask(own, "/download/script")[1].decode()
        assert "recipe='single'" in text  # not left to the default
        scope: dict[str, Any] = {}
        exec(compile(text, "train.py", "exec"), scope)
        assert (scope["model"].learnt.vector == own.model.learnt.vector).all()
        (tmp_path / "m.glassnet").write_bytes(ask(own, "/download/model")[1])
        assert (glassnet.load(tmp_path / "m.glassnet").learnt.vector == own.model.learnt.vector).all()
        assert ask(own, "/download/report")[1].startswith(b"<!doctype html>")


def test_one_network_is_trained_whatever_the_default_recipe_is() -> None:
    balanced = functools.partial(glassnet.train, recipe="balanced")
    with Server(Session(balanced, toy_source("xor", rows=50)), port=0) as own:
        own.start()
        ask(own, "/start", {"settings": {"epochs": 2}, "play": True})
        wait_for(lambda: own.model is not None)
        assert own.model.settings.recipe == "single"
        assert len(own.model.members) == 1


def test_a_table_is_brought_understood_and_trained_on() -> None:
    rows = "\n".join(f"{at},{'red' if at % 2 else 'blue'},{at * 2 + (at % 2)}" for at in range(60))
    with served() as own:
        status, about = ask(own, "/upload?name=..%2F..%2Fetc%2Fmy.csv", f"size,color,price\n{rows}".encode())
        assert status == 200
        assert [column["type"] for column in about["columns"]] == ["number", "category", "number"]
        request = {
            "source": {"kind": "table"},
            "target": "price",
            "column_types": {"size": "ignore"},
            "settings": {"epochs": 3},
        }
        assert ask(own, "/start", {**request, "play": True})[0] == 200
        names = [each["column"] for each in ask(own, "/state")[1]["document"]["encoders"]]
        assert names == ["color"]


def test_a_single_step_is_told_with_its_arithmetic() -> None:
    with served(penguin_source()) as own:
        settings = {"epochs": 2, "optimizer": "momentum", "dropout": 0.2, "seed": 4}
        ask(own, "/start", {"settings": settings, "play": False})
        run = own.session.run
        for number in (1, 2):
            ask(own, "/control", {"action": "step"})
            wait_for(lambda: run.step is not None and run.step.place == number)  # noqa: B023
        told = ask(own, "/state")[1]["run"]
        facts = told["step"]
        assert (told["state"], told["epoch"], facts["number"], facts["count"]) == ("paused", 0, 2, 32)
        assert len(set(facts["rows"])) == 32
        data = ask(own, f"/step?run={run.id}")[1]
        assert np.frombuffer(data[:48], "<f8").tolist() == [5, 2, 2, 2, 2, 2]
        before, gradient, after, velocity, new = np.frombuffer(data[48:], "<f4").reshape(5, -1)
        np.testing.assert_allclose(new, 0.9 * velocity - facts["rate"] * gradient, rtol=1e-4, atol=1e-7)
        np.testing.assert_allclose(after, before + new, rtol=1e-5, atol=1e-7)
        data = own.session.parameters(run.id)
        assert np.frombuffer(data[:16], "<f8").tolist() == [1, -1]  # not those of an epoch
        assert (np.frombuffer(data[16:], "<f4") == after).all()
        ask(own, "/control", {"action": "finish"})
        wait_for(lambda: own.model is not None)
        assert ask(own, "/state")[1]["run"]["step"] is None
        given = train_arguments(run.source, run.settings)
        whole = glassnet.train(penguins_path(), "species", **given)
        assert (whole.learnt.vector == own.model.learnt.vector).all()


def test_what_is_malformed_or_too_large_is_refused_with_the_reason() -> None:
    with served(upload_limit=1000) as own:
        status, said = ask(own, "/upload?name=x.parquet", b"PAR1 and then nonsense PAR1")
        assert status == 400
        assert "x.parquet" in said["error"]
        status, said = ask(own, "/upload?name=big.csv", b"a,b\n" + b"1,2\n" * 1000)
        assert status == 413
        assert "at most 0.001 MB" in said["error"]
        assert ask(own, "/start", b"not json")[0] == 400
        assert ask(own, "/start", b"[1]")[0] == 400
        status, said = ask(own, "/start", {"settings": {"hidden": [0], "activation": "rellu"}})
        assert status == 400
        assert "relu" in said["error"]
        assert ask(own, "/start", {"settings": {"path": "x"}})[0] == 400
        assert ask(own, "/start", {"source": {"kind": "toy", "name": "cirles"}})[0] == 400
        assert ask(own, "/control", {"action": "explode"})[0] == 400
        assert ask(own, "/download/script")[0] == 400
        assert own.session.run.state == "ready"  # the training that was there is still there


def test_a_training_that_diverges_says_so() -> None:
    with served(toy_source("plane", rows=100)) as own:
        settings = {"learning_rate": 1e30, "activation": "relu", "optimizer": "gradient_descent"}
        ask(own, "/start", {"settings": {**settings, "validation": 0.0}, "play": False})
        ask(own, "/control", {"action": "finish"})
        wait_for(lambda: own.session.run.state == "failed")
        assert "diverged" in ask(own, "/state")[1]["run"]["error"]


def test_it_is_examined_when_it_has_ended(server: Server) -> None:
    ask(server, "/start", {"settings": {"epochs": 5}, "play": False})
    assert ask(server, "/examine", {})[0] == 400
    ask(server, "/control", {"action": "finish"})
    wait_for(lambda: server.model is not None)
    found = ask(server, "/examine", {})[1]
    assert found["card"][0]["text"].startswith("Model card")
    assert "permutation" in found["importances"]["values"]
    assert found["findings"]["checked"]


@pytest.mark.parametrize(
    "settings",
    [
        {"epochs": 3},
        {"epochs": 30, "learning_rate": 3.0},
        {"epochs": 40, "hidden": [8] * 6, "activation": "sigmoid"},
        {"epochs": 20, "scaling": "none", "activation": "sigmoid"},
    ],
)
def test_what_the_doctor_would_change_are_settings_of_the_page(settings: dict[str, Any]) -> None:
    with served(penguin_source()) as own:
        ask(own, "/start", {"settings": settings, "play": False})
        ask(own, "/control", {"action": "finish"})
        wait_for(lambda: own.model is not None)
        found = ask(own, "/examine", {})[1]["findings"]["findings"]
        changes = [finding["change"] for finding in found if finding["change"]]
        assert changes
        for change in changes:
            assert ask(own, "/start", {"settings": change, "play": False}) == (200, {})


def test_rows_are_known_by_the_part_that_they_belong_to(server: Server) -> None:
    rows = ask(server, "/state")[1]["document"]["rows"]
    assert {part: rows["parts"].count(part) for part in set(rows["parts"])} == {"train": 80, "validation": 20}
