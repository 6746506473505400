"""Stop tokens, and Ctrl-C: the first ends a training, the second interrupts as usual."""

from __future__ import annotations

import os
import signal
import threading
from types import SimpleNamespace

import pytest

from glassnet.training.stop import StopToken, stop_on_interrupt


def test_the_first_interrupt_stops_and_the_second_interrupts() -> None:
    token = StopToken()
    with pytest.raises(KeyboardInterrupt), stop_on_interrupt(token):
        os.kill(os.getpid(), signal.SIGINT)
        assert token.stopped
        assert token.reason == "interrupted"
        os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_the_handler_is_given_back() -> None:
    with stop_on_interrupt(StopToken()):
        assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_somebody_elses_handler_is_left_alone() -> None:
    heard: list[int] = []
    previous = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        with stop_on_interrupt(StopToken()) as _:
            os.kill(os.getpid(), signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, previous)
    assert heard == [signal.SIGINT]


def test_other_threads_train_without_signals() -> None:
    entered: list[bool] = []

    def work() -> None:
        with stop_on_interrupt(StopToken()):
            entered.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert entered == [True]


def test_the_first_reason_stays() -> None:
    token = StopToken()
    token.stop("first")
    token.stop("second")
    assert token.reason == "first"


def test_a_token_among_callbacks_links_the_tokens_of_trainings() -> None:
    shared, one, other, late = (StopToken() for _ in range(4))
    for own in (one, other):
        shared(SimpleNamespace(stop=own))
    assert not one.stopped
    one.stop("enough")
    assert (other.stopped, other.reason, shared.reason) == (True, "enough", "enough")
    shared(SimpleNamespace(stop=late))
    assert late.reason == "enough"
    late.stop("again")
    assert late.reason == "enough"
