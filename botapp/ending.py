"""SIGTERM and SIGINT: what only waits is broken off at once, what is under way has a moment to come to its end."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

GRACE = 1.5  # seconds; what is broken off then is rolled back, and Telegram brings it again


class Asked(BaseException):
    """The process is to end; nothing of ours may catch it but who ends it."""


class Ending:
    """For the main thread of a process of its own."""

    def __init__(self) -> None:
        self.asked = False
        self._waiting = False

    def listen(self) -> None:
        """From now on the signals are taken here."""
        signal.signal(signal.SIGALRM, self._break_off)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Nothing is lost when the body is broken off. Raises Asked."""
        self._waiting = True
        try:
            # One that came just before would otherwise wait with us.
            if self.asked:
                raise Asked
            yield
        finally:
            self._waiting = False

    def sleep(self, seconds: float) -> None:
        with self.waiting():
            time.sleep(seconds)

    def done(self) -> None:
        """What follows is short and is not broken off any more."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        self.asked, self._waiting = True, False

    def _ask(self, *_signal: object) -> None:
        if self.asked:
            return
        self.asked = True
        if self._waiting:
            raise Asked
        signal.setitimer(signal.ITIMER_REAL, GRACE)

    def _break_off(self, *_signal: object) -> None:
        raise Asked
