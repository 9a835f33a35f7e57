"""Keeps the group of processes alive: starts it, ends all of it when one of them is gone, and starts it again."""

from __future__ import annotations

import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Mapping
from datetime import datetime

from django import db
from django.utils import timezone

from accounts import incidents
from playlists import worker
from playlists.worker import broker, linux
from playlists.worker.group import Group

logger = logging.getLogger(__name__)

TICK = 0.1  # all intervals in seconds
LOOK = 30.0  # between two looks at what the queues achieve
AGAIN = 5.0  # until the database is asked again whether it is there
SHORTEST, LONGEST = 1.0, 30.0  # pause before a restart
GRACE, SETTLED = 50.0, 60.0


class Supervisor:
    """For the main thread of a process of its own: it takes over the process's signals and orphans.

    workers: processes a queue. grace: how long tasks may go on after SIGTERM. settled: who lived as long has recovered.
    """

    def __init__(self, workers: Mapping[str, int], grace: float = GRACE, settled: float = SETTLED) -> None:
        self.workers = workers
        self.grace = grace
        self.settled = settled
        self.name = f"{socket.gethostname()[:40]}:{os.getpid()}"
        self.asked = 0  # how often to stop
        self.suspects: set[str] = set()

    def run(self) -> bool:
        """Until SIGTERM or SIGINT; whether all tasks came to their end then."""
        linux.adopt_orphans()
        linux.name("runworker")
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.ask)
        clean, pause = True, 0.0
        while not self.asked:
            if self.give_back():
                pause, clean = self.live(pause)
            else:
                self.wait(AGAIN)
        if clean:
            logger.info("worker: stopped")
        else:
            logger.warning("worker: stopped; what was not done in time will be repeated")
        return clean

    def ask(self, *_signal: object) -> None:
        self.asked += 1

    def live(self, pause: float) -> tuple[float, bool]:
        """One life of the group and the pause after it, given the last one; and whether it ended as it should."""
        group, born = Group(self.name, self.workers), time.monotonic()
        logger.info("worker: started", extra={"group": self.name, **self.workers})
        why = self.watch(group)
        if self.asked:
            self.stop(group)
        group.kill()
        if self.asked:
            self.give_back()
            return pause, group.clean()
        pause = next_pause(pause, time.monotonic() - born, self.settled)
        logger.error("worker: died, and starts again in %g s", pause, extra={"why": why})
        report(incidents.begin, why=why)
        self.wait(pause)
        return pause, True

    def watch(self, group: Group) -> str:
        """Why the group must end; nothing when that was asked for."""
        started, born = timezone.now(), time.monotonic()
        next_look, recovers = born, born + self.settled
        while not self.asked:
            if why := group.end():
                return why
            now = time.monotonic()
            if now >= next_look:
                if stuck := self.look(started):
                    return f"{', '.join(sorted(stuck))}: no progress"
                next_look = time.monotonic() + LOOK
            if now >= recovers:
                report(incidents.over)
                recovers = float("inf")
            time.sleep(TICK)
        return ""

    def look(self, started: datetime) -> set[str]:
        """The queues that stood still at this look and the last: after a machine slept, all seem to, once."""
        before = self.suspects
        try:
            self.suspects = worker.standing_still(self.name, started, timezone.now())
        except db.Error as error:
            self.suspects = set()
            logger.warning("worker: the queues cannot be looked at: %s", error)
        finally:
            db.connections.close_all()
        return before & self.suspects

    def stop(self, group: Group) -> None:
        """Lets the tasks in hand end, within the grace period; a second signal is impatience."""
        logger.info("worker: stopping", extra={"within": self.grace})
        group.ask_to_stop()
        deadline = time.monotonic() + self.grace
        while not group.stopped() and self.asked == 1 and time.monotonic() < deadline:
            time.sleep(TICK)

    def give_back(self) -> bool:
        """Makes what the last group had in hand ready for others; not so while the database or its tables are away."""
        try:
            if count := broker.give_back(self.name, timezone.now()):
                logger.info("worker: %s runs in hand are given back", count)
        except db.Error as error:
            logger.warning("worker: the database cannot be used: %s", error)
            return False
        finally:
            db.connections.close_all()
        return True

    def wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self.asked and time.monotonic() < deadline:
            time.sleep(TICK)


def next_pause(last: float, lived: float, settled: float) -> float:
    """Twice the last one, unless the group had recovered from that."""
    return SHORTEST if lived >= settled else min(max(2 * last, SHORTEST), LONGEST)


def report(change: Callable[..., object], **details: str) -> None:
    """Begins or ends the operator's incident."""
    try:
        change("worker", timezone.now(), **details)
    except Exception:
        # Whatever is wrong with the telling: the worker has to go on.
        logger.exception("worker: the operator could not be told")
    finally:
        db.connections.close_all()
