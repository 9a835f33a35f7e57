"""The database goes away while a real worker group is at work: PostgreSQL stopped for 10 s, or SQLite's disk full."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playlists.tests.chaos.aside import Line, ground
from playlists.tests.chaos.hands import Hands, until
from playlists.tests.chaos.server import Server, own_server
from vibe.sandbox.synthetic import build
from vibe.tests.sandbox_process import Sandbox

if TYPE_CHECKING:
    from playlists.models import PlaylistRun
    from playlists.tests.chaos.field import Field

RUNS, FEW = 20, 6
LATENCY = 150  # milliseconds: the runs take some seconds, and are in the middle of it
GONE = 10.0  # seconds
# Seconds, of which there are 120 and 600 in life: until a run whose worker could not save anything is found dead, and
# until a ring that was answered in vain is repeated. The pauses between attempts and the schedules are the real ones.
CLOCKS = {"CHAOS_LEASE": "10", "CHAOS_RING": "30"}
PATIENCE = 600.0
DISK = 12  # MiB


def play(database: str, short: bool) -> list[Line]:
    world = build(artists=200, likes=60, listeners=24)
    runs = FEW if short else RUNS
    with Sandbox(world, latency=LATENCY) as sandbox:
        if database == "postgresql":
            with own_server() as server, ground(database, sandbox, place=server.place) as field:
                return [_stopped(field, server, runs)]
        if os.geteuid():
            return [Line("the disk full, then freed", "not played", 0.0, ["only root can mount a small disk"])]
        with small_disk() as disk, ground(database, sandbox, place=_file(disk)) as field:
            return [_full(field, disk, runs)]


def _file(disk: Path) -> dict[str, str]:
    return {"DATABASE_URL": "", "DB_PATH": str(disk / "chaos.sqlite3")}


def _stopped(field: Field, server: Server, count: int) -> Line:
    from django.db import connections

    begun = time.monotonic()
    with at_work(field) as hands:
        runs = start(field, count)
        connections.close_all()
        server.stop()
        time.sleep(GONE)
        server.start()
        back = time.monotonic()
        troubles = ended(field, hands, runs)
        took = time.monotonic() - back
    happened = (
        f"stopped (immediate) for {GONE:g} s in the midst of {count} runs; all done {took:.0f} s after its return"
    )
    return Line("PostgreSQL stopped 10 s", happened, time.monotonic() - begun, troubles)


def _full(field: Field, disk: Path, count: int) -> Line:
    from django.db import connection

    begun, ballast = time.monotonic(), disk / "ballast"
    with at_work(field) as hands:
        runs = start(field, count)
        fill(ballast, GONE)
        ballast.unlink()
        freed = time.monotonic()
        troubles = ended(field, hands, runs)
        took = time.monotonic() - freed
        refused = hands.said.count("database or disk is full")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        integrity = [row[0] for row in cursor.fetchall()]
    troubles += [f"integrity_check: {integrity[:3]}"] * (integrity != ["ok"])
    troubles += ["nothing was refused: the disk was not full"] * (not refused)
    happened = (
        f"full for {GONE:g} s in the midst of {count} runs, {refused} times 'database or disk is full'; "
        f"integrity_check {integrity[0]}, all done {took:.0f} s after"
    )
    return Line("the disk full, then freed", happened, time.monotonic() - begun, troubles)


@contextmanager
def at_work(field: Field) -> Iterator[Hands]:
    hands = Hands(field, "--workers", "4", "--manual-workers", "1", **CLOCKS)
    try:
        if until(hands.is_complete, 60) is None:
            raise RuntimeError(hands.said[-500:])
        yield hands
    finally:
        hands.kill()


def start(field: Field, count: int) -> list[PlaylistRun]:
    """So many nightly runs, of which some are under way when this returns."""
    from playlists.models import PlaylistRun
    from playlists.tests.chaos.group import ring

    runs = [ring(field, "night") for _ in range(count)]
    until(lambda: PlaylistRun.objects.filter(stage="writing").exists(), 60)
    return runs


def fill(ballast: Path, seconds: float) -> None:
    """Takes every byte that is or becomes free."""
    give_up = time.monotonic() + seconds
    with ballast.open("ab", buffering=0) as file:
        size = 65_536
        while time.monotonic() < give_up:
            try:
                file.write(b"\0" * size)
            except OSError:
                size = max(size // 2, 512)
                time.sleep(0.02)


def ended(field: Field, hands: Hands, runs: list[PlaylistRun]) -> list[str]:
    """What is wrong when all have ended, or when nobody waits any longer."""
    from playlists.models import PlaylistRun
    from playlists.tests.chaos.verdict import Outside, playlist_troubles

    unfinished = PlaylistRun.objects.unfinished()
    until(lambda: not unfinished.exists(), PATIENCE, 0.5)
    outside = Outside.look(field)
    troubles = []
    for run in runs:
        run.refresh_from_db()
        troubles += playlist_troubles(run, outside)
    return [*troubles, hands.said[-1_000:]] if troubles else []


@contextmanager
def small_disk() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        subprocess.run(["/bin/mount", "-t", "tmpfs", "-o", f"size={DISK}m", "tmpfs", name], check=True)
        try:
            yield Path(name)
        finally:
            subprocess.run(["/bin/umount", "--lazy", name], check=True)
