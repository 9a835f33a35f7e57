"""A day of the clock at sixty times its speed: what a real worker group holds is the same late as it was early.

The calendar of all its processes and of the sandbox goes faster; its schedules are fired by the harness, since
django-q2 looks at them by a clock of its own.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from datetime import time as wall
from pathlib import Path
from typing import TYPE_CHECKING

from playlists.tests.chaos import clocked
from playlists.tests.chaos.aside import Line, ground
from playlists.tests.chaos.field import LISTENERS
from playlists.tests.chaos.hands import Hands, handles, resident, until
from playlists.tests.chaos.server import own_server
from vibe.sandbox.synthetic import build
from vibe.tests.sandbox_process import Sandbox

if TYPE_CHECKING:
    from playlists.tests.chaos.field import Field

CLOCKED = "playlists/tests/chaos/clocked.py"
SPEED = 60.0
USERS = 12
HOUR = timedelta(hours=1)
# Hours of the day that are compared: by the first all has been warm for a while and the first prune is over.
EARLY, LATE, EARLY_SHORT, LATE_SHORT = 4, 24, 1, 2
SAMPLE = 10.0  # seconds, or ten minutes of the day
FLAT = 1.05
# A write-ahead log is kept up to this size (journal_size_limit of ours, min_wal_size of the server), in MiB.
KEPT = {"sqlite": 64, "postgresql": 80}
# Not the clock of the pauses and calls, which go no faster: a lease of 120 real seconds.
LEASE = 120 * SPEED
STEADY = ("OrmQ", "Task", "Heartbeat", "ServiceState", "OAuthState", "SavedTrack", "LibraryState", "Incident")


LOG = "write-ahead log"


@dataclass
class Sample:
    at: datetime
    memory: int  # bytes, of all processes together
    handles: int
    log: int  # bytes of the write-ahead log, on disk
    rows: dict[str, int] = field(default_factory=dict)


def play(database: str, short: bool) -> list[Line]:
    begun, hours = time.monotonic(), (EARLY_SHORT, LATE_SHORT) if short else (EARLY, LATE)
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(build(artists=400, likes=200, listeners=LISTENERS)))
        # A server of its own: nobody else's writes are in its log.
        place = stack.enter_context(own_server()).place if database == "postgresql" else None
        ground_ = stack.enter_context(ground(database, sandbox, place=place))
        samples = _lived(ground_, hours[-1])
        return [_line(samples, *hours, KEPT[database], time.monotonic() - begun)]


def _lived(ground_: Field, hours: int) -> list[Sample]:
    from django.utils import timezone

    from playlists.request import order

    start = timezone.now()
    for number in range(USERS):
        order(ground_.user(nightly_at=wall((start.hour + 2 * number) % 24)), trigger="bot", now=start)
    turned = clocked.since(start, SPEED)
    with _at_work(ground_, turned) as hands:
        clocked.turn(turned[clocked.NAME])  # from here on also this process lives faster
        samples: list[Sample] = []
        end, next_sample = start + hours * HOUR, start
        while (now := timezone.now()) < end:
            _fire(ground_, now)
            if now >= next_sample:
                samples.append(_sample(ground_, hands, now))
                next_sample = now + timedelta(seconds=SAMPLE * SPEED)
            time.sleep(0.5)
        if not hands.is_complete():
            raise RuntimeError(hands.said[-500:])
    return samples


@contextmanager
def _at_work(ground_: Field, turned: dict[str, str]) -> Iterator[Hands]:
    hands = Hands(ground_, launcher=CLOCKED, CHAOS_LEASE=str(LEASE), **turned)
    try:
        if until(hands.is_complete, 60) is None:
            raise RuntimeError(hands.said[-500:])
        yield hands
    finally:
        hands.stop()


def _fire(ground_: Field, now: datetime) -> None:
    """What the guard does twice a minute of its own clock; every ten minutes somebody asks for one more list."""
    from django_q.brokers import get_broker
    from django_q.scheduler import scheduler

    ground_.sandbox.set_clock(now)
    scheduler(broker=get_broker("manual"))
    if now.minute % 10 == 0:
        _ask(now)


def _ask(now: datetime) -> None:
    from accounts.models import User
    from playlists.request import AlreadyRunning, order

    user = User.objects.order_by("pk")[(6 * now.hour + now.minute // 10) % USERS]
    try:
        order(user, trigger="bot", now=now, force=True)
    except AlreadyRunning:
        return


def _sample(ground_: Field, hands: Hands, now: datetime) -> Sample:
    pids = list(hands.members())
    log, rows = _log_size(ground_), _rows()
    return Sample(now, sum(map(resident, pids)), sum(map(handles, pids)), log, rows)


def _log_size(ground_: Field) -> int:
    if ground_.database == "sqlite":
        return Path(ground_.environment["DB_PATH"] + "-wal").stat().st_size
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(size), 0) FROM pg_ls_waldir()")
        return int(cursor.fetchone()[0])


def _rows() -> dict[str, int]:
    from django.apps import apps

    return {model.__name__: model._default_manager.count() for model in apps.get_models() if not model._meta.proxy}


def _line(samples: list[Sample], early: int, late: int, log_kept: int, seconds: float) -> Line:
    start = samples[0].at
    first, last = (_window(samples, start + (hour - 1) * HOUR, start + hour * HOUR) for hour in (early, late))
    compared = {
        "memory": (_mean(first, "memory") / 2**20, _mean(last, "memory") / 2**20, "MB"),
        "open files": (_mean(first, "handles"), _mean(last, "handles"), ""),
        LOG: (_mean(first, "log") / 2**20, _mean(last, "log") / 2**20, "MB"),
    }
    for name in STEADY:  # at their fewest, for at any moment some tasks are under way
        compared[f"rows of {name}"] = (min(one.rows[name] for one in first), min(one.rows[name] for one in last), "")
    troubles = [
        f"{what}: {before:.1f} at hour {early}, {after:.1f} at hour {late}"
        for what, (before, after, _) in compared.items()
        if after > (log_kept if what == LOG else before * FLAT)
    ]
    shown = ", ".join(f"{what} {old:.0f} → {new:.0f} {unit}".rstrip() for what, (old, new, unit) in compared.items())
    happened = f"hour {early} → hour {late}: {shown}; by design grew {_grown(first[-1], last[-1])}"
    return Line(f"{late} h at {SPEED:g} times the speed", happened, seconds, troubles)


def _window(samples: list[Sample], begin: datetime, end: datetime) -> list[Sample]:
    return [one for one in samples if begin <= one.at < end] or samples[-1:]


def _mean(samples: list[Sample], name: str) -> float:
    values: list[float] = [getattr(one, name) for one in samples]
    return sum(values) / len(values)


def _grown(first: Sample, last: Sample) -> str:
    """Rows of what is kept for a month, a year, or for good."""
    more = {name: last.rows[name] - count for name, count in first.rows.items() if name not in STEADY}
    return ", ".join(f"{name} +{count}" for name, count in more.items() if count)
