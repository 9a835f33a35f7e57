"""64 writers on one SQLite file for twenty seconds, beside a worker group: none is ever told "locked"."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from playlists.tests.chaos.aside import Line, ground
from playlists.tests.chaos.hands import Hands, until
from playlists.tests.chaos.launcher import Order
from vibe.sandbox.synthetic import build
from vibe.tests.sandbox_process import Sandbox

if TYPE_CHECKING:
    from accounts.models import User

PROCESSES, THREADS = 8, 8
SECONDS, FEW_SECONDS = 20.0, 5.0
BESIDE = 10  # real runs meanwhile
PLAN = {"tracks": [{"id": "0" * 22, "name": "A name", "artists": "Somebody", "isrc": "", "score": 0.5}] * 30}


def play(database: str, short: bool) -> list[Line]:
    """PostgreSQL's writers do not wait for each other."""
    if database != "sqlite":
        return []
    seconds = FEW_SECONDS if short else SECONDS
    with Sandbox(build(artists=200, likes=60, listeners=24)) as sandbox, ground(database, sandbox) as field:
        begun = time.monotonic()
        hands = Hands(field)
        try:
            until(hands.is_complete, 60)
            said, done = _written(field, seconds)
            locked = hands.said.count("locked")
        finally:
            hands.kill()
        return [_line(said, locked, done, seconds, time.monotonic() - begun)]


def _written(field: Any, seconds: float) -> tuple[list[dict[str, Any]], int]:
    """What each process says at its end, and how many of the real runs are done."""
    from playlists.models import PlaylistRun
    from playlists.tests.chaos.group import ring

    keys = [[field.user().pk for _ in range(THREADS)] for _ in range(PROCESSES)]
    beside = [ring(field, "night").pk for _ in range(BESIDE)]
    begin = time.time() + 2
    children = [
        field.start(Order("playlists.tests.chaos.writers:write", (users, seconds), begin=begin)) for users in keys
    ]
    for child in children:
        child.join()
    done = PlaylistRun.objects.filter(pk__in=beside, status="success")
    until(lambda: done.count() == BESIDE, 60)
    return [json.loads(child.said.splitlines()[-1]) for child in children], done.count()


def _line(said: list[dict[str, Any]], locked: int, done: int, seconds: float, whole: float) -> Line:
    errors = sum((Counter(one["errors"]) for one in said), Counter[str]())
    times = sorted(spent for one in said for spent in one["times"])
    troubles = [f"{count} times {error}" for error, count in errors.items()]
    troubles += [f"the worker group met {locked} locks"] * bool(locked)
    troubles += [f"{BESIDE - done} runs beside them are not done"] * (done < BESIDE)
    happened = (
        f"{len(times) / seconds:.0f} transactions a second as runs write them, 99 % within "
        f"{times[len(times) * 99 // 100]:.2f} s, the slowest {times[-1]:.1f} s, "
        f"{sum(errors.values()) + locked} errors; "
        f"{done} real runs done beside them"
    )
    return Line(f"{PROCESSES * THREADS} writers on SQLite for {seconds:g} s", happened, whole, troubles)


def write(users: list[int], seconds: float) -> None:
    """What a child does: so many threads that write as runs do, each for its own user."""
    errors: Counter[str] = Counter()
    times: list[float] = []
    give_up = time.monotonic() + seconds
    threads = [threading.Thread(target=_write, args=(user, give_up, errors, times)) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"errors": errors, "times": times}))  # noqa: T201


def _write(user_id: int, give_up: float, errors: Counter[str], times: list[float]) -> None:
    from django.db import DatabaseError, connection

    from accounts.models import User

    user = User.objects.get(pk=user_id)
    while time.monotonic() < give_up:
        for step in _steps(user):
            begun = time.monotonic()
            try:
                step()
            except DatabaseError as error:
                errors[str(error)] += 1
            times.append(time.monotonic() - begun)
    connection.close()


def _steps(user: User) -> list[Any]:
    """The transactions of a run, in their order and sizes."""
    from django.db import transaction
    from django.utils import timezone

    from playlists.models import PlaylistRun, PlaylistRunTrack

    now = timezone.now()
    run = PlaylistRun(user=user, trigger="shell", day=now.date(), size_asked=30, min_new_ratio=0.8, created_at=now)

    @transaction.atomic
    def finish() -> None:
        PlaylistRunTrack.objects.bulk_create(
            PlaylistRunTrack(run=run, position=place, spotify_track_id=track["id"], name=track["name"])
            for place, track in enumerate(run.planned, 1)
        )
        run.advance(now, status="success", finished_at=now, lease_token="")

    advances = [lambda: run.advance(now, plan=PLAN), lambda: run.advance(now, intent_at=now, stage="writing")]
    return [run.save, lambda: run.claim(now), *advances, finish]
