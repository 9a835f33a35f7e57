"""One queue's processes: django-q2's cluster, which ends as a whole where django-q2 would replace a dead process.

A process that is killed may hold a lock of the queues between them, and its successor then waits for ever
(https://github.com/django-q2/django-q2/issues/23, https://github.com/django-q2/django-q2/issues/339).
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
from multiprocessing import Process
from typing import Any, TextIO

from django_q import cluster as django_q

# Tasks are found by name, so nothing here uses them; but what is loaded before the fork is shared by all workers.
from playlists import tasks  # noqa: F401
from playlists.worker import End, linux
from playlists.worker.broker import Broker
from vibe.logs import scrub

TIMED_OUT, RECYCLED = 0, -2  # what django-q2 writes into a worker's timer
HANGS = 120  # seconds; the guard goes round twice a second, or waits for its schedules' database
TICK = 0.2


class Scrubbed:
    """multiprocessing prints what a process dies of, past all logging."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        return self.stream.write(scrub(text))

    def flush(self) -> None:
        self.stream.flush()


class Family:
    """What every process that is forked here must do first."""

    def __init__(self, queue: str) -> None:
        self.queue = queue
        self.role = "sentinel"
        self.parent = 0
        os.register_at_fork(before=self.before, after_in_child=self.in_child)

    def before(self) -> None:
        self.parent = os.getpid()

    def in_child(self) -> None:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        # A service manager may send it to all; but only the main process may stop the others, in their order.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        sys.stderr = Scrubbed(sys.stderr)
        linux.die_with(self.parent)
        linux.name(f"{self.queue}-{self.role}")


class Sentinel(django_q.Sentinel):
    """Ends at a death, with the reason as its exit code; the supervisor then ends all and starts anew."""

    family: Family
    rounds: Any  # of the guard; shared with the main process and without a lock, which a death could leave taken

    def __init__(self, stop: Any, start: Any, cluster: Any, _broker: None, timeout: None) -> None:
        super().__init__(stop, start, cluster, Broker(), timeout)  # type: ignore[no-untyped-call]

    def start(self) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, self.on_death)
        super().start()  # type: ignore[no-untyped-call]

    def spawn_process(self, target: Any, *arguments: Any) -> Process:
        self.family.role = target.__name__
        process: Process = super().spawn_process(target, *arguments)
        return process

    def on_death(self, *_signal: object) -> None:
        """Not left to the guard's loop: that may be waiting for a lock which the dead process held."""
        for process in self.pool:
            end_if_killed(process, End.WORKER_DIED)
        end_if_killed(self.monitor, End.MONITOR_DIED)
        end_if_killed(self.pusher, End.PUSHER_DIED)

    def reincarnate(self, process: Any) -> None:
        """A worker is replaced when it was recycled; a pusher or monitor that gave up on the database always."""
        # The signal of a death cannot tell whose it was where it comes while the guard is asking that very thing.
        self.on_death()
        if process in self.pool and process.timer.value != RECYCLED:
            os._exit(End.TASK_TOO_LONG if process.timer.value == TIMED_OUT else End.WORKER_DIED)
        super().reincarnate(process)  # type: ignore[no-untyped-call]

    def status(self) -> str:
        """Asked for once a round."""
        self.rounds.value += 1
        answer: str = super().status()
        return answer


def end_if_killed(process: Process | None, reason: End) -> None:
    if process is not None and (process.exitcode or 0) < 0:
        os._exit(reason)


def serve(queue: str, supervisor: int) -> int:
    """Serves a queue until SIGTERM, then ends what is in hand; the exit code. For the main thread of a process."""
    linux.die_with(supervisor)
    linux.name(f"{queue}-main")
    Sentinel.family, Sentinel.rounds = Family(queue), multiprocessing.RawValue("L", 0)
    django_q.Sentinel = Sentinel  # type: ignore[misc, assignment]
    cluster: Any = django_q.Cluster()
    asked: list[int] = []
    # Its own handler would stop a cluster that is only half started.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: asked.append(number))
    gc.freeze()  # what is here already stays shared with the forked
    try:
        cluster.start()
    except RuntimeError:  # the sentinel has ended already
        return ended(cluster.sentinel)
    return watch(cluster, asked)


def watch(cluster: Any, asked: list[int]) -> int:
    silence, seen = 0.0, -1
    while cluster.sentinel.is_alive() and not asked:
        cluster.sentinel.join(TICK)
        # Counted in turns of our own and not by the clock: a machine that sleeps stops both.
        silence, seen = (0.0 if Sentinel.rounds.value != seen else silence + TICK), Sentinel.rounds.value
        if silence > HANGS:
            os._exit(End.SENTINEL_HANGS)  # an orderly end would wait for it
    cluster.stop()
    return ended(cluster.sentinel)


def ended(sentinel: Process) -> int:
    sentinel.join()
    return End.SENTINEL_DIED if (sentinel.exitcode or 0) < 0 else sentinel.exitcode or 0
