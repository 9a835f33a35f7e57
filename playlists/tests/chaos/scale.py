"""A tick, a reap and a page of the admin over 100,000 users and 1,000,000 runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from playlists.tests.chaos.aside import Line, ground
from playlists.tests.chaos.crowd import NIGHTS, fill
from vibe.sandbox.synthetic import build
from vibe.tests.sandbox_process import Sandbox

NOW = datetime(2026, 11, 23, 5, 2, tzinfo=UTC)  # early morning in Europe, where most of the crowd lives
TICK, REAP = 5.0, 1.0  # seconds; the page is told for information


def play(database: str, short: bool) -> list[Line]:
    users = 10_000 if short else 100_000
    with Sandbox(build(artists=200, likes=10)) as sandbox, ground(database, sandbox):
        begun = time.monotonic()
        fill(users, NOW)
        took = {"filling": time.monotonic() - begun, **_ticks(), **_reaps(), "list page": _page()}
        troubles = [
            f"{what} took {seconds:.2f} s"
            for what, seconds in took.items()
            for kind, most in (("tick", TICK), ("reap", REAP))
            if what.startswith(kind) and seconds > most
        ]
        happened = ", ".join(f"{what} {seconds:.2f} s" for what, seconds in took.items() if what != "filling")
        return [Line(f"{users:,} users, {users * NIGHTS:,} runs", happened, time.monotonic() - begun, troubles)]


def _ticks() -> dict[str, float]:
    """After half a night in which nothing ticked; in an ordinary hour; and with nothing to do."""
    from playlists import night

    after_hours, _ = timed(lambda: night.enqueue_due(NOW))
    queued = 1
    while queued:  # the rest of what was missed
        queued = night.enqueue_due(NOW)["queued"]
    _finish_all()
    nothing, _ = timed(lambda: night.enqueue_due(NOW))
    later, counts = timed(lambda: night.enqueue_due(NOW + timedelta(minutes=5)))
    _finish_all()
    return {
        "tick after 12 hours without (2,500 queued)": after_hours,
        f"tick of an ordinary five minutes ({counts['queued']:,} queued)": later,
        "tick with nothing due": nothing,
    }


def _finish_all() -> None:
    """Workers have carried out what was queued."""
    from django_q.models import OrmQ

    from playlists.models import PlaylistRun

    PlaylistRun.objects.filter(status="queued").update(status="success", finished_at=NOW, lease_until=NOW)
    OrmQ.objects.all().delete()


def _reaps() -> dict[str, float]:
    from django_q.models import OrmQ

    from playlists import tasks
    from playlists.models import PlaylistRun

    # The task asks the real clock, the crowd lives by another one.
    now = datetime.now(UTC)
    newest = list(PlaylistRun.objects.order_by("-pk").values_list("pk", flat=True)[:1_000])
    queued = {"status": "queued", "created_at": now, "enqueued_at": None, "finished_at": None}
    quiet, _ = timed(tasks.reap)
    PlaylistRun.objects.filter(pk__in=newest[:900]).update(**queued)
    dead = {"status": "running", "lease_until": now - timedelta(minutes=1), "attempts": 1, "finished_at": None}
    PlaylistRun.objects.filter(pk__in=newest[900:]).update(**dead, created_at=now)
    busy, _ = timed(tasks.reap)
    assert OrmQ.objects.count() == len(newest), "not all were rung for"
    return {"reap with nothing to do": quiet, "reap with 100 dead and 900 unheard": busy}


def _page() -> float:
    """The list of runs as staff see it."""
    from django.test import Client

    from accounts.models import User

    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(User.objects.create_superuser("chief"))
    seconds, answer = timed(lambda: client.get("/admin/playlists/playlistrun/"))
    assert answer.status_code == 200, answer.status_code
    return seconds


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    answer = act()
    return time.perf_counter() - begun, answer
