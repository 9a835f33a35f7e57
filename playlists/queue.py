"""The doorbell: wakes a worker for a run. The only module of the job that knows django-q2; the run's row is the truth.

A ring may be lost or doubled: `reap` rings again, and a run is claimed only once.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.models import OrmQ
from django_q.tasks import async_task

from playlists.models import PlaylistRun

LONG = 500
MANUAL, NIGHT = "manual", "night"


def is_long() -> bool:
    """Whether so much waits that a ring which seems lost is most likely just waiting its turn."""
    return bool(OrmQ.objects.count() > LONG)


def enqueue(run: PlaylistRun, now: datetime) -> None:
    """Rings for one run, in the caller's transaction."""
    ring_all([run], now)


def ask(task: str, *arguments: Any) -> None:
    """Has a worker carry out a task that a person waits for, in the caller's transaction."""
    async_task(task, *arguments, cluster=MANUAL)  # type: ignore[no-untyped-call]


@transaction.atomic
def ring_all(runs: Collection[PlaylistRun], now: datetime) -> None:
    """Rings once for each, with few statements however many they are."""
    PlaylistRun.objects.filter(pk__in=[run.pk for run in runs]).update(enqueued_at=now)
    # What a person asked for, or asked for again, never waits behind the many of a night.
    manual, night = _Tray(MANUAL), _Tray(NIGHT)
    for run in runs:
        tray = manual if run.asked else night
        async_task("playlists.tasks.run", run.pk, task_name=f"run {run.pk}", broker=tray)  # type: ignore[no-untyped-call]
    OrmQ.objects.bulk_create(manual.rings + night.rings)


class _Tray(ORM):
    """The broker of one queue, but that the rings for a whole night are inserted together and not one by one."""

    def __init__(self, queue: str) -> None:
        super().__init__(queue)
        self.rings: list[OrmQ] = []

    def enqueue(self, task: str) -> int:
        self.rings.append(OrmQ(key=self.list_key, payload=task, lock=timezone.now()))
        return len(self.rings)
