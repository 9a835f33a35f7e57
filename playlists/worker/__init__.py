"""The worker, which carries out what is queued; here the signs of life of its tasks, and what they are judged by."""

from __future__ import annotations

import logging
import os
from datetime import datetime, timedelta
from enum import IntEnum

from django import db
from django.db.models import Min
from django_q.models import OrmQ

from vibe.clients.models import Heartbeat

logger = logging.getLogger(__name__)

MANUAL, NIGHT = QUEUES = ("manual", "night")
# Environment variables that the supervisor sets for each queue's processes; the second is django-q2's.
GROUP, QUEUE = "WORKER_GROUP", "Q_CLUSTER_NAME"
SILENCE = timedelta(minutes=10)  # no task may last as long: the queue's time-out is shorter
WAITING = timedelta(minutes=5)
UNSEEN = timedelta(minutes=5)  # `reap` beats every minute


class End(IntEnum):
    """Exit codes by which a queue's processes tell the supervisor why they give up."""

    WORKER_DIED = 81
    MONITOR_DIED = 82
    PUSHER_DIED = 83
    SENTINEL_DIED = 84
    TASK_TOO_LONG = 85
    SENTINEL_HANGS = 86


def beat(now: datetime) -> None:
    """Shows that this process's queue makes progress; nothing outside of a worker. Raises nothing of the database's."""
    group, queue = os.environ.get(GROUP), os.environ.get(QUEUE)
    if not group or not queue:
        return
    name = beat_name(group, queue)
    try:
        if not Heartbeat.objects.filter(name=name).update(at=now):
            Heartbeat.objects.bulk_create([Heartbeat(name=name, at=now)], ignore_conflicts=True)
    except db.Error:
        logger.warning("worker: no sign of life could be left", exc_info=True)


def last_seen() -> datetime | None:
    """When any worker last showed that it carries something out; None where none ever did."""
    return Heartbeat.objects.filter(name="reap").values_list("at", flat=True).first()


def is_alive(now: datetime) -> bool:
    last = last_seen()
    return last is not None and now - last <= UNSEEN


def beat_name(group: str, queue: str) -> str:
    return f"{group}/{queue}"


def standing_still(group: str, started: datetime, now: datetime) -> set[str]:
    """The queues in which this group, `started` then, makes no progress."""
    names = {beat_name(group, queue): queue for queue in QUEUES}
    beats = {names[name]: at for name, at in Heartbeat.objects.filter(name__in=names).values_list("name", "at")}
    ready = OrmQ.objects.filter(key__in=QUEUES, lock__lt=now).values_list("key").annotate(Min("lock"))
    return {queue for queue, oldest in ready if stands_still(now, started, beats.get(queue), oldest)}


def stands_still(now: datetime, started: datetime, last_beat: datetime | None, oldest: datetime) -> bool:
    """Whether work that is ready since `oldest` is left lying, and no task of the group has begun or ended for long."""
    alive = max(started, last_beat or started)
    return now - alive > SILENCE and now - oldest > WAITING
