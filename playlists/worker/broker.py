"""Which of the queue's rows a group has in hand, so that those of a dead group need not wait for their time-out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from zlib import crc32

from django_q.brokers.orm import ORM
from django_q.models import OrmQ

from playlists.worker import GROUP, QUEUES

RUN = "playlists.tasks.run"


class Broker(ORM):
    """The table has no column for who fetched a row; the moment until which it is taken carries it, in its fraction."""

    def timeout(self, task: object) -> datetime:
        until: datetime = super().timeout(task)  # type: ignore[no-untyped-call]
        return until.replace(microsecond=mark(os.environ[GROUP]))


def mark(group: str) -> int:
    return crc32(group.encode()) % 1_000_000


def give_back(group: str, now: datetime) -> int:
    """Makes runs that a dead group had in hand ready for others, and answers how many.

    Everything else is forgotten: its schedule fires again, and a task that killed its worker would do so for ever. A
    run counts its attempts.
    """
    taken = list(_in_hand(group, now))
    runs = [row.pk for row in taken if row.func() == RUN]  # type: ignore[no-untyped-call]
    OrmQ.objects.filter(pk__in={row.pk for row in taken} - set(runs)).delete()
    return OrmQ.objects.filter(pk__in=runs).update(lock=now)


def _in_hand(group: str, now: datetime) -> Iterator[OrmQ]:
    for row in OrmQ.objects.filter(key__in=QUEUES, lock__gt=now):
        if row.lock and row.lock.microsecond == mark(group):
            yield row
