"""kill -9 of each process of a real worker group: the next task is soon done, and nobody is left behind."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Any

from playlists.tests.chaos.aside import Line, ground
from playlists.tests.chaos.hands import Hands, until
from vibe.sandbox.synthetic import build
from vibe.tests.sandbox_process import Sandbox

if TYPE_CHECKING:
    from playlists.models import PlaylistRun
    from playlists.tests.chaos.field import Field

QUEUES = {"manual": "bot", "night": "nightly"}
PARTS = ("main", "sentinel", "worker", "busy worker", "pusher", "monitor")
IN_TIME, GONE, START = 10.0, 2.0, 30.0  # seconds
LEASE, REAPED = 2.0, 180.0  # a killed run is found by its lease, and rung for by the next reap
SLOW = 4.0  # seconds that the calls of a run take while its worker is to be found busy
# As if it had run well for a minute before each kill: else every restart would wait twice as long as the last one.
SETTLED = ("--settled", "0.5")


def play(database: str, short: bool) -> list[Line]:
    queues = ["night"] if short else list(QUEUES)
    parts = [part for part in PARTS if not short or part in ("worker", "monitor")]
    with Sandbox(build(artists=200, likes=60, listeners=24)) as sandbox, ground(database, sandbox) as field:
        hands = Hands(field, *SETTLED, CHAOS_LEASE=str(LEASE))
        try:
            return _killed(field, hands, [(queue, part) for queue in queues for part in parts])
        finally:
            hands.kill()


def _killed(field: Field, hands: Hands, victims: list[tuple[str, str]]) -> list[Line]:
    begun = time.monotonic()
    times: dict[str, float] = {}
    troubles: list[str] = []
    runs: list[PlaylistRun] = []
    if until(hands.is_complete, START) is None:
        return [Line("kill of each process", "the group did not start", START, [hands.said[-500:]])]
    for queue, part in victims:
        name = f"{queue} {part}"
        old = _kill(field, hands, queue, part, runs)
        if not old:
            troubles.append(f"{name}: not found among {sorted(hands.members().values())}")
            continue
        times[name], found = _recovery(field, hands, queue, name, old, runs)
        troubles += found
    times["supervisor"], found = _supervisor(field, hands, runs)
    troubles += found + _unfinished(runs)
    happened = (
        f"{len(times)} kills, next task done after {min(times.values()):.1f} to {max(times.values()):.1f} s "
        f"(slowest: {max(times, key=lambda name: times[name])}), 0 orphans, {len(runs)} runs done"
    )
    if troubles:
        happened = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in times.items())
    return [Line("kill -9 of each process of the worker group", happened, time.monotonic() - begun, troubles)]


def _kill(field: Field, hands: Hands, queue: str, part: str, runs: list[PlaylistRun]) -> set[int]:
    """Kills it (of several idle workers all, for one of them holds the queue's lock); who lived then."""
    busy = part == "busy worker"
    if busy:
        field.sandbox.fault("slow", seconds=SLOW, times=None, service="spotify")
        run = ring(field, queue)
        runs.append(run)
        until(lambda: _status(run) == "running", IN_TIME)
        field.sandbox.clear_faults()
    old, victims = set(hands.members()), hands.named(f"{queue}-{'worker' if busy else part}")
    for pid in victims:
        os.kill(pid, signal.SIGKILL)
    return old if victims else set()


def _recovery(
    field: Field, hands: Hands, queue: str, name: str, old: set[int], runs: list[PlaylistRun]
) -> tuple[float, list[str]]:
    """Seconds until the next task of that queue is done."""
    supervisor = hands.process.pid
    run = ring(field, queue)
    runs.append(run)
    seconds = until(lambda: _status(run) == "success", 4 * IN_TIME)
    troubles = []
    if seconds is None or seconds > IN_TIME:
        troubles.append(f"{name}: the next task took {seconds or 4 * IN_TIME:.1f} s")
    until(hands.is_complete, START)
    if left := {pid: known for pid, known in hands.members().items() if pid in old - {supervisor}}:
        troubles.append(f"{name}: left behind {left}")
    return seconds or 4 * IN_TIME, troubles


def _supervisor(field: Field, hands: Hands, runs: list[PlaylistRun]) -> tuple[float, list[str]]:
    """Whoever keeps it running (systemd, a container) starts another one."""
    hands.process.kill()
    hands.process.wait()
    gone = until(lambda: not hands.members(), START)
    troubles = [] if gone is not None and gone <= GONE else [f"supervisor: left behind {hands.members()}"]
    hands.start()
    run = ring(field, "night")
    runs.append(run)
    seconds = until(lambda: _status(run) == "success", 4 * IN_TIME) or 4 * IN_TIME
    return seconds, troubles + [f"supervisor: the next task took {seconds:.1f} s"] * (seconds > IN_TIME)


def ring(field: Field, queue: str) -> PlaylistRun:
    """A new user's run: a task of that queue."""
    from playlists import queue as doorbell
    from playlists.models import PlaylistRun
    from playlists.request import order

    user, now = field.user(), field.now()
    if queue == "manual":
        return order(user, trigger=QUEUES[queue], now=now)[0]
    day = user.local_date(now)
    run = PlaylistRun.objects.create(
        user=user, trigger="nightly", night=day, day=day, size_asked=5, min_new_ratio=0.8, created_at=now
    )
    doorbell.enqueue(run, now)
    return run


def _status(run: PlaylistRun) -> Any:
    run.refresh_from_db(fields=["status"])
    return run.status


def _unfinished(runs: list[PlaylistRun]) -> list[str]:
    """Also those whose workers were killed come to their end by themselves."""
    until(lambda: all(_status(run) == "success" for run in runs), REAPED, 0.5)
    return [f"run {run.pk} is {run.status}" for run in runs if run.status != "success"]
