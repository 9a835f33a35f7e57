"""The night: who is due by his own clock, and the rows that are queued for him.

A listener's hour lives in his own time zone and is spread by his id. The unique (user, night) makes a doubled tick
harmless, and CATCH_UP a late one.
"""

from __future__ import annotations

import heapq
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence, Set
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple, TypeVar
from zlib import crc32
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q

from accounts.models import SpotifyAccount, User
from playlists import queue
from playlists.models import PlaylistRun
from playlists.states import Status, Trigger

logger = logging.getLogger(__name__)
T = TypeVar("T")

DAY = timedelta(days=1)
SPREAD = timedelta(hours=1)
# A night that was missed by more is let go: its playlist would come in the middle of the next day.
CATCH_UP = timedelta(hours=12)
# Ticks come every few minutes; more than this would keep one from ending before the next.
A_TICK = 2_500
# A transaction; so short that nobody who writes to SQLite meanwhile waits for long.
BATCH = 500
ENDED_BADLY = (Status.FAILED, Status.NEEDS_LINK)


def due_at(zone: ZoneInfo, nightly_at: time, night: date, user_id: int) -> datetime:
    """When (UTC) this listener's playlist of that local date is made: in the hour from `nightly_at`, by his id.

    A wall time that spring leaves out moves forward, one that autumn doubles counts once; never beyond midnight.
    """
    # A time on the wall has no fold, but equals one that has, so that the memory below would mix the two up.
    begins, spread = _hour(zone, nightly_at.replace(fold=0), night)
    return begins + spread * (crc32(str(user_id).encode()) / 2**32)


def is_due(due: datetime, now: datetime, since: datetime | None = None) -> bool:
    """Its time has come, not so long ago that it is let go, and not before the listener chose his hour (`since`)."""
    return now - CATCH_UP <= due <= now and (since is None or since <= due)


def nights(zone: ZoneInfo, now: datetime) -> list[date]:
    """The local dates of which something may be due now: today and, while it is caught up with, yesterday."""
    first, today = (now - CATCH_UP).astimezone(zone).date() - DAY, now.astimezone(zone).date()
    dates = (first + DAY * count for count in range((today - first).days + 1))
    return [night for night in dates if _exists(zone, night) and _midnight(zone, night + DAY) >= now - CATCH_UP]


def _exists(zone: ZoneInfo, night: date) -> bool:
    """Not so where a country moves over the date line and leaves a day out."""
    return _midnight(zone, night) < _midnight(zone, night + DAY)


def _midnight(zone: ZoneInfo, night: date) -> datetime:
    """Where that date begins, in UTC."""
    return datetime.combine(night, time.min, zone).astimezone(UTC)


@lru_cache(maxsize=10_000)
def _hour(zone: ZoneInfo, nightly_at: time, night: date) -> tuple[datetime, timedelta]:
    """Its beginning in UTC and its length, which midnight may cut short."""
    midnight = _midnight(zone, night + DAY)
    begins = min(datetime.combine(night, nightly_at, zone).astimezone(UTC), midnight)
    return begins, min(SPREAD, midnight - begins)


class Turn(NamedTuple):
    """One listener and one of his nights; `there`: it, or a later one of his, has its run, however that ended."""

    user_id: int
    zone: ZoneInfo
    nightly_at: time
    since: datetime | None
    night: date
    there: bool


def enqueue_due(now: datetime) -> dict[str, int]:
    """Queues the nights that are due, the longest overdue first. Call it every few minutes; twice at once is harmless.

    Counts people: queued; done (due, and has the run of that night or of a later one); off, not_linked and blocked
    (never due).
    """
    done, missing = 0, []
    for turn in _turns(lambda zone: nights(zone, now)):
        due = due_at(turn.zone, turn.nightly_at, turn.night, turn.user_id)
        if not is_due(due, now, turn.since):
            continue
        if turn.there:
            done += 1
        else:
            missing.append((due, turn.user_id, turn.night))
    oldest = heapq.nsmallest(A_TICK, missing)
    if len(missing) > A_TICK:
        logger.warning("night: %s more are due than one tick queues", len(missing) - A_TICK)
    queued = _queued([(user_id, night) for _due, user_id, night in oldest], Trigger.NIGHTLY, now)
    # Who is missing no more was queued by somebody else meanwhile.
    return {"queued": len(queued), "done": done + len(oldest) - len(queued), **_left_out()}


def enqueue_all(now: datetime, trigger: str) -> tuple[list[int], dict[str, int]]:
    """Queues today's playlist of everybody who has a night, whatever the hour.

    The ids of the runs that wait by this call, and the counts of `enqueue_due` for everybody else. What ended badly is
    queued again: whoever calls this has mended something.
    """
    turns = list(_turns(lambda zone: [now.astimezone(zone).date()]))
    missing = [(turn.user_id, turn.night) for turn in turns if not turn.there]
    queued = _again({(turn.user_id, turn.night) for turn in turns if turn.there}, now)
    queued += _queued(missing, trigger, now)
    return queued, {"done": len(turns) - len(queued), **_left_out()}


def _again(known: Set[tuple[int, date]], now: datetime) -> list[int]:
    """Queues those of these nights that ended badly; their ids."""
    ended = PlaylistRun.objects.filter(night__in={night for _user_id, night in known}, status__in=ENDED_BADLY)
    rows = [run for run in ended.defer("plan", "report").order_by("pk") if (run.user_id, run.night) in known]
    again = [pk for batch in _batches(rows) for pk in _requeue(batch, now)]
    if again:
        logger.info("night: %s runs that ended badly are queued again", len(again))
    return again


@transaction.atomic
def _requeue(rows: Sequence[PlaylistRun], now: datetime) -> list[int]:
    # One by one, in the order of their ids: neither database tells which rows of many an UPDATE has changed.
    ours = [run for run in rows if _is_revived(run, now)]
    queue.ring_all(ours, now)
    return [run.pk for run in ours]


def _is_revived(run: PlaylistRun, now: datetime) -> bool:
    """As a person's wish would do it, but that nobody asked: False where somebody was faster."""
    plan = {} if run.intent_at else {"plan": None}
    ended = PlaylistRun.objects.filter(pk=run.pk, status__in=ENDED_BADLY)
    wanted = {"status": Status.QUEUED, "attempts": 0, "not_before": now, "enqueued_at": None, "finished_at": None}
    return bool(ended.update(**wanted, **plan))


def _queued(missing: Sequence[tuple[int, date]], trigger: str, now: datetime) -> list[int]:
    queued = [pk for batch in _batches(missing) for pk in _enqueue(batch, trigger, now)]
    if queued:
        logger.info("night: %s runs queued by %s", len(queued), trigger)
    return queued


def _batches(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))


def _turns(nights_of: Callable[[ZoneInfo], Sequence[date]]) -> Iterator[Turn]:
    """Everybody who may get a playlist, with each of the nights that his zone has."""
    linked = User.objects.filter(_linked(), is_active=True, is_bot_blocked=False, nightly_at__isnull=False)
    zones = {name: User(timezone=name).zone for name in linked.values_list("timezone", flat=True).distinct()}
    names = defaultdict(list)
    for name, zone in zones.items():
        for night in nights_of(zone):
            names[night].append(name)
    for night, there in names.items():  # seldom more than three dates are under way on Earth
        # Who has a later one, his first perhaps, asked for by hand, wants no earlier one after it.
        known = Exists(PlaylistRun.objects.filter(user=OuterRef("pk"), night__gte=night))
        people = linked.filter(timezone__in=there).values_list("pk", "timezone", "nightly_at", "nightly_since", known)
        for user_id, name, nightly_at, since, has_run in people.iterator():
            yield Turn(user_id, zones[name], nightly_at, since, night, has_run)


def _linked() -> Exists:
    return Exists(SpotifyAccount.objects.filter(user=OuterRef("pk"), pending=False, needs_reconnect=False))


def _left_out() -> dict[str, int]:
    """Who has no night: each is counted once, under what he would have to mend first."""
    linked, blocked = Q(linked=True), Q(is_bot_blocked=True)
    return (
        User.objects.filter(is_active=True)
        .annotate(linked=_linked())
        .aggregate(
            off=Count("pk", filter=linked & ~blocked & Q(nightly_at=None)),
            not_linked=Count("pk", filter=~linked),
            blocked=Count("pk", filter=linked & blocked),
        )
    )


@transaction.atomic
def _enqueue(wanted: Sequence[tuple[int, date]], trigger: str, now: datetime) -> list[int]:
    """Inserts the rows that are not there and rings for exactly those; their ids."""
    users = User.objects.in_bulk([user_id for user_id, _night in wanted])
    # By user: two that insert the same people at once wait for each other in one order, and so not for ever.
    rows = [_row(users[user_id], night, trigger, now) for user_id, night in sorted(wanted) if user_id in users]
    PlaylistRun.objects.bulk_create(rows, ignore_conflicts=True)
    # Neither database tells which rows it inserted; but the marker is ours alone.
    markers = {row.marker for row in rows}
    found = PlaylistRun.objects.filter(user__in=users, night__in={night for _user_id, night in wanted})
    ours = [run for run in found.defer("plan", "report") if run.marker in markers]
    queue.ring_all(ours, now)
    return [run.pk for run in ours]


def _row(user: User, night: date, trigger: str, now: datetime) -> PlaylistRun:
    return PlaylistRun(
        user=user,
        trigger=trigger,
        night=night,
        day=night,
        mode=user.playlist_mode,
        size_asked=user.size,
        min_new_ratio=user.ratio,
        wildness=user.wildness,
        languages=user.languages,
        created_at=now,
    )
