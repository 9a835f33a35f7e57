"""What the queue's workers carry out. Arguments are ids only; results and errors are on our own rows."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import ParamSpec

from django.db import transaction
from django.utils import timezone

from accounts import consent, incidents
from accounts import outbox as messages
from playlists import budget, night, notify, queue, worker
from playlists import prune as shears
from playlists.generate import perform
from playlists.models import PlaylistRun
from playlists.request import AlreadyRunning
from playlists.states import Status
from recommendations import listen as listening
from vibe.clients.models import Heartbeat

logger = logging.getLogger(__name__)
RINGS = 1_000  # a minute; more than any number of workers carries out
GOOD_NIGHT = timedelta(hours=20)
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
        perform(row, timezone.now)
    except AlreadyRunning:
        return  # done, parked, or the user's other run is under way: `reap` rings again when it is time
    messages.send_due(timezone.now, limit=5)


@_task
def tick() -> None:
    night.enqueue_due(timezone.now())


@_task
def reap() -> None:
    """Once a minute: the dead are revived or buried, the forgotten rung for, the operator told."""
    now = timezone.now()
    bury(now)
    PlaylistRun.objects.revive(now)
    queue.ring_all(list(PlaylistRun.objects.unheard(now).order_by("created_at")[:RINGS]), now)
    watch(now)
    Heartbeat.objects.update_or_create(name="reap", defaults={"at": now})


@_task
def outbox() -> None:
    messages.send_due(timezone.now)


@_task
def listen() -> None:
    listening.listen(timezone.now, calls=budget.for_listening(timezone.now()))


@_task
def prune() -> None:
    """Once a day."""
    now = timezone.now()
    consent.warn(now)
    shears.prune(now)


def bury(now: datetime) -> None:
    """Runs that will not come to anything end, and their users are told."""
    for runs, code in (
        (PlaylistRun.objects.worn_out(now), "worn_out"),
        (PlaylistRun.objects.stale(now), "stale"),
    ):
        for row in runs.select_related("user")[:RINGS]:
            try:
                with transaction.atomic():
                    if row.bury(now, code):
                        notify.ended(row, now)
            except Exception:
                # One row's trouble must not keep the others from being revived.
                logger.exception("run=%s could not be ended", row.pk)


def watch(now: datetime) -> None:
    """What the operator is told once: services that refuse everybody, nights with failures."""
    incidents.watch_services(now)
    nightly = PlaylistRun.objects.filter(trigger=PlaylistRun.Trigger.NIGHTLY, finished_at__gt=now - GOOD_NIGHT)
    failed = nightly.filter(status=Status.FAILED)
    if count := failed.count():
        incidents.begin("night", now, count=count, users=[str(row.user) for row in failed.select_related("user")[:5]])
    elif nightly.filter(status=Status.SUCCESS).exists():
        incidents.over("night", now)
