"""A run that kills its worker every time it is tried: it ends by our own cap, and nobody else is the worse for it."""

from __future__ import annotations

import signal
import time

from accounts.models import Outbox
from playlists.models import PlaylistRun
from playlists.request import order
from playlists.states import ATTEMPTS
from playlists.tests.chaos.field import Field
from playlists.tests.chaos.launcher import Order
from playlists.tests.chaos.points import finish, quiet_troubles
from playlists.tests.chaos.verdict import Row

OTHERS = 3
LEASE = 1.0  # seconds, five times


def poison(field: Field, short: bool) -> list[Row]:
    begun = time.monotonic()
    field.sandbox.clear_faults()
    run, _ = order(field.user(), trigger="nightly", now=field.now())
    others = [order(field.user(), trigger="nightly", now=field.now())[0] for _ in range(OTHERS)]
    kills = 0
    while run.status in ("queued", "running") and kills <= ATTEMPTS + 1:
        worker = field.start(Order("playlists.tasks:run", (run.pk,), at="planned", lease=LEASE))
        kills += worker.join() == -signal.SIGKILL
        time.sleep(LEASE)
        field.start(Order("playlists.tasks:reap")).join()
        run.refresh_from_db()
    troubles = finish(field, others)
    troubles += quiet_troubles({f"other {number}": other for number, other in enumerate(others)}, field, 0)
    troubles += _poisoned(run, kills)
    happened = f"{kills} workers killed, then {run.status} {run.error_code}; {OTHERS} others done"
    return [Row("a run that kills its worker", happened, time.monotonic() - begun, troubles)]


def _poisoned(run: PlaylistRun, kills: int) -> list[str]:
    troubles = []
    if (run.status, run.error_code, kills) != ("failed", "worn_out", ATTEMPTS):
        troubles.append(f"{kills} kills, then {run.status} {run.error_code}")
    if not Outbox.objects.filter(key__startswith=f"run:{run.pk}:", kind="failed").exists():
        troubles.append("the user was not told")
    return troubles
