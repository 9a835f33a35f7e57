"""What the queue's workers carry out. Arguments are ids only; results and errors are on our own rows."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import ParamSpec

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.consent import warn
from accounts.outbox import send_due, send_now
from playlists import budget, night, notify, queue, worker
from playlists.generate import perform
from playlists.live import watched
from playlists.models import PlaylistRun
from playlists.prune import prune as prune_tables
from playlists.request import AlreadyRunning
from playlists.states import BUSY
from playlists.watch import watch
from recommendations.listen import listen as hear
from vibe.clients import limiter
from vibe.clients.models import Heartbeat

logger = logging.getLogger(__name__)
LOOK_AGAIN = (1.1, 1.1, 2.0)  # seconds
RINGS = 1_000  # a minute; more than any number of workers carries out
P = ParamSpec("P")


class TaskFailed(Exception):
    """All that the queue's tables and logs learn of a failure."""


def _task(work: Callable[P, None]) -> Callable[P, None]:
    """Shows that the worker makes progress, and keeps every text of an error out of the queue's tables."""

    @wraps(work)
    def task(*args: P.args, **kwargs: P.kwargs) -> None:
        worker.beat(timezone.now())
        try:
            work(*args, **kwargs)
        except SystemExit as stop:
            # The queue's own time-out too. What it broke into may be chained to it, with texts the queue would store.
            raise stop from None
        except Exception:
            # Its text may hold an address with a key, and the queue would store it; our log is scrubbed.
            logger.exception("task=%s failed", work.__name__)
            raise TaskFailed(work.__name__) from None
        finally:
            worker.beat(timezone.now())

    return task


@_task
def run(run_id: int) -> None:
    """Carries one run out, or finds that there is nothing (left) to do."""
    row = PlaylistRun.objects.select_related("user").filter(pk=run_id).first()
    if row is None:
        return
    try:
        perform(row, timezone.now, watched(row, timezone.now))
    except AlreadyRunning:
        # Done, parked, or the user's other run is under way; then `reap` is to ring again within a minute.
        PlaylistRun.objects.due(timezone.now()).filter(pk=run_id).update(enqueued_at=None)
        if row.is_passing:  # nobody rings for it again
            row.bury(timezone.now(), BUSY)
        return
    _tell(row)
    send_due(timezone.now, limit=5)


def _tell(row: PlaylistRun) -> None:
    """Its own end before whatever else may be waiting to be said."""
    if settings.TELEGRAM_BOT_TOKEN:
        meter = limiter.opened(timezone.now)
        tries = iter(LOOK_AGAIN)
        # The card may be on its way yet, which the end is to take the place of.
        while send_now(notify.keys(row), meter)["again"] and (pause := next(tries, None)):
            time.sleep(pause)
        limiter.store(meter)


@_task
def tick() -> None:
    night.enqueue_due(timezone.now())


@_task
def reap() -> None:
    """Once a minute: the dead are revived or buried, the forgotten rung for, the operator told."""
    now = timezone.now()
    bury(now)
    PlaylistRun.objects.revive(now)
    unheard = PlaylistRun.objects.unheard(now).order_by("created_at")
    if queue.is_long():
        unheard = unheard.filter(enqueued_at=None)
    queue.ring_all(list(unheard[:RINGS]), now)
    watch(now)
    Heartbeat.objects.update_or_create(name="reap", defaults={"at": now})


@_task
def outbox() -> None:
    send_due(timezone.now)


@_task
def listen() -> None:
    hear(timezone.now, calls=budget.for_listening(timezone.now()))


@_task
def prune() -> None:
    """Once a day."""
    now = timezone.now()
    warn(now)
    prune_tables(now)


def bury(now: datetime) -> None:
    """Runs that will not come to anything end, and their users are told."""
    for runs, code in (
        (PlaylistRun.objects.worn_out(now), "worn_out"),
        (PlaylistRun.objects.stale(now), "stale"),
    ):
        for row in runs[:RINGS]:  # their users one by one: joined, SQLite would begin with all users there are
            try:
                with transaction.atomic():
                    if row.bury(now, code):
                        notify.ended(row, now)
            except Exception:
                # One row's trouble must not keep the others from being revived.
                logger.exception("run=%s could not be ended", row.pk)
