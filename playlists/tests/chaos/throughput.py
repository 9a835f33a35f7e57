"""Runs a minute with 1, 2 and 4 worker processes, where every call takes a quarter of a second."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as wall
from pathlib import Path
from typing import TYPE_CHECKING

from playlists.tests.chaos.aside import Line, ground
from playlists.tests.chaos.clocked import since
from playlists.tests.chaos.hands import TICKS, Hands, spent, until
from playlists.tests.chaos.launcher import Order
from vibe.sandbox.synthetic import build
from vibe.tests.sandbox_process import Sandbox

if TYPE_CHECKING:
    from playlists.tests.chaos.field import Field

CLOCKED = "playlists/tests/chaos/clocked.py"
LATENCY = 250  # milliseconds
# The most first: each night warms the shared caches for the next, which may only make the others look better.
WORKERS = (4, 2, 1)
LEAST = {2: 1.8, 4: 3.0}  # times the runs of one
WARM_NIGHTS = 3
PATIENCE = 900.0  # seconds for a night
PERMIT_PROCESSES, PERMIT_SECONDS, BLOCK = 4, 5.0, 8


@dataclass
class Night:
    """A night that so many workers carried out. Seconds of processors."""

    workers: int
    runs: int
    seconds: float
    ours: float
    sandbox: float
    idle: float
    bytes: int  # by which the database has grown
    calls: float  # a run
    wall: float  # a run

    @property
    def a_minute(self) -> float:
        return 60 * self.runs / self.seconds

    def __str__(self) -> str:
        return (
            f"{self.workers}: {self.a_minute:.1f} a minute ({self.wall:.1f} s and {self.calls:.0f} calls each, "
            f"{100 * self.idle / self.seconds / (os.cpu_count() or 1):.0f} % of the processors idle)"
        )


def play(database: str, short: bool) -> list[Line]:
    begun, users = time.monotonic(), 8 if short else 32
    world = build(artists=400, likes=500, listeners=24)
    with Sandbox(world, latency=LATENCY) as sandbox, ground(database, sandbox, DEFAULT_PLAYLIST_SIZE="30") as field:
        for _ in range(users):
            field.user(nightly_at=wall(0))
        start = field.now()
        for day in range(WARM_NIGHTS):
            night(field, start + timedelta(days=day), 6)
        nights = [night(field, start + timedelta(days=day), n) for day, n in enumerate(WORKERS, WARM_NIGHTS)]
        return [_line(nights, time.monotonic() - begun), _permits(field)]


def _line(nights: list[Night], seconds: float) -> Line:
    by_workers = {one.workers: one for one in nights}
    grown = {count: by_workers[count].a_minute / by_workers[1].a_minute for count in LEAST}
    troubles = [f"{count} workers: {grown[count]:.2f} times" for count, least in LEAST.items() if grown[count] < least]
    runs = sum(one.runs for one in nights)
    kept = sum(one.bytes for one in nights) / runs / 1_000
    ours, theirs = sum(one.ours for one in nights) / runs, sum(one.sandbox for one in nights) / runs
    cores = os.cpu_count() or 1
    happened = (
        f"{'; '.join(str(by_workers[count]) for count in sorted(by_workers))}; "
        f"grows {grown[2]:.2f} and {grown[4]:.2f} times; a run adds {kept:.0f} KB to the database and costs "
        f"{ours:.2f} s of a processor, the sandbox another {theirs:.2f} s: "
        f"{60 * cores / (ours + theirs):.0f} a minute would keep the {cores} cores busy"
    )
    return Line(f"runs a minute, {LATENCY} ms a call, no pacing", happened, seconds, troubles)


def night(field: Field, now: datetime, workers: int) -> Night:
    """Everybody's playlist of that date. Raises where they do not come."""
    from playlists.models import PlaylistRun
    from playlists.night import enqueue_all

    field.sandbox.set_clock(now)
    hands = Hands(field, "--workers", str(workers), "--manual-workers", "1", launcher=CLOCKED, **since(now))
    try:
        if until(hands.is_complete, 60) is None:
            raise RuntimeError(hands.said[-500:])
        time.sleep(2)  # what the start itself costs is over
        before, size = _spent(field, hands), _size()
        enqueue_all(now, "endpoint")
        runs = PlaylistRun.objects.filter(night=now.date())
        if until(lambda: not runs.exclude(status="success").exists(), PATIENCE, 0.2) is None:
            raise RuntimeError(f"{runs.exclude(status='success').count()} runs did not end: {hands.said[-500:]}")
        after, size = _spent(field, hands), _size() - size
    finally:
        hands.stop()
    return _measured(list(runs), workers, size, tuple(late - early for early, late in zip(before, after, strict=True)))


def _measured(runs: list, workers: int, size: int, used: tuple[float, ...]) -> Night:
    begun, ended = min(run.started_at for run in runs), max(run.finished_at for run in runs)
    calls = sum(sum(run.report["calls"].values()) for run in runs)
    took = sum((run.finished_at - run.started_at).total_seconds() for run in runs)
    seconds = (ended - begun).total_seconds()
    ours, sandbox, idle = used
    return Night(workers, len(runs), seconds, ours, sandbox, idle, size, calls / len(runs), took / len(runs))


def _spent(field: Field, hands: Hands) -> tuple[float, float, float]:
    """Processor seconds until now: the group's, the sandbox's, and those in which nothing ran on this machine."""
    idle = int(Path("/proc/stat").read_text().split()[4]) / TICKS
    return hands.seconds(), spent(field.sandbox._process.pid), idle


def _size() -> int:
    """Bytes that the database fills."""
    from django.db import connection

    sizes = {
        "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
        "postgresql": "SELECT pg_database_size(current_database())",
    }
    with connection.cursor() as cursor:
        cursor.execute(sizes[connection.vendor])
        return int(cursor.fetchone()[0])


def _permits(field: Field) -> Line:
    """How fast the limiter itself is when its pace holds nobody back."""
    begun = time.monotonic()
    order = Order("playlists.tests.chaos.throughput:take", (PERMIT_SECONDS,), begin=time.time() + 2)
    children = [field.start(order) for _ in range(PERMIT_PROCESSES)]
    for child in children:
        child.join()
    total = sum(int(child.said.split()[-1]) for child in children)
    happened = f"{total / PERMIT_SECONDS:,.0f} permits a second, {BLOCK} at a time"
    return Line(f"the limiter, {PERMIT_PROCESSES} processes", happened, time.monotonic() - begun, [])


def take(seconds: float) -> None:
    """What a child does: permits, block by block, at a pace that nobody can reach; prints how many."""
    from django.utils import timezone

    from vibe.clients import limiter

    meter, taken = limiter.opened(timezone.now, {"spotify": 1e-5}), 0
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        limiter.reserve(meter, "spotify", BLOCK)
        taken += BLOCK
    print(taken)  # noqa: T201
