from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest

from botapp import ending as module
from botapp.ending import Asked, Ending

NUMBERS = (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)


@pytest.fixture
def ending() -> Iterator[Ending]:
    before = {number: signal.getsignal(number) for number in NUMBERS}
    ending = Ending()
    ending.listen()
    yield ending
    ending.done()
    for number, handler in before.items():
        signal.signal(number, handler)


def ask(number: int = signal.SIGTERM) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_wait_is_broken_off(ending, number):
    with pytest.raises(Asked), ending.waiting():
        ask(number)
    assert ending.asked


def test_who_was_asked_before_does_not_begin_to_wait(ending):
    ask()
    with pytest.raises(Asked), ending.waiting():
        pytest.fail("it waits")
    with pytest.raises(Asked):
        ending.sleep(60)


def test_work_goes_on_for_a_moment_and_no_longer(ending, monkeypatch):
    ask()
    ask()
    assert ending.asked
    monkeypatch.setattr(module, "GRACE", 0.01)
    ending.asked = False
    ask()
    with pytest.raises(Asked):
        time.sleep(60)


def test_what_follows_the_end_is_not_broken_off(ending):
    ask()
    ending.done()
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
    ask()
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
