"""Once a day: what has served goes, in small steps, so that no writer waits for long."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django_q.models import Task

from accounts.models import Incident, OAuthState, Outbox, SpotifyAccount
from playlists.models import PlaylistRun, RunLedger
from playlists.states import Status
from recommendations.models import Play, ResolvedTrack, SavedTrack, SourceCache
from vibe.clients.models import ApiUsage, Heartbeat

STEP = 1_000
DAY = timedelta(days=1)
MONTH = timedelta(days=30)
YEAR = timedelta(days=365)


def prune(now: datetime) -> dict[str, int]:
    """Deletes what is past its time; answers how many rows of each table went.

    Runs and their tracks stay a year, so that every day of it can be restored; the fate of each candidate and the
    frozen plan stay a month. The recommendation history is never pruned: the promise of novelty rests on it.
    """
    _forget_plans(now)
    return {rows.model.__name__: _delete(rows) for rows in _past(now)}


def _forget_plans(now: datetime) -> None:
    old = PlaylistRun.objects.filter(finished_at__lt=now - MONTH, status=Status.SUCCESS, plan__isnull=False)
    while keys := list(old.values_list("pk", flat=True)[:STEP]):
        PlaylistRun.objects.filter(pk__in=keys).update(plan=None)


def _past(now: datetime) -> list[QuerySet[Any]]:
    return [
        RunLedger.objects.filter(run__created_at__lt=now - MONTH),
        PlaylistRun.objects.filter(created_at__lt=now - YEAR),
        PlaylistRun.objects.filter(created_at__lt=now - MONTH, dry_run=True),
        SourceCache.objects.filter(expires_at__lt=now),
        ResolvedTrack.objects.filter(expires_at__lt=now),
        # Longer than any window in which plays count as recent, and the law of storing no more than is needed.
        Play.objects.filter(played_at__lt=now - YEAR),
        SavedTrack.objects.filter(removed_at__lt=now - MONTH),
        OAuthState.objects.filter(expires_at__lt=now - DAY),
        SpotifyAccount.objects.filter(pending=True, authorized_at__lt=now - DAY),
        Outbox.objects.filter(created_at__lt=now - MONTH, status__in=[Outbox.Status.SENT, Outbox.Status.DEAD]),
        Incident.objects.filter(closed_at__lt=now - YEAR),
        ApiUsage.objects.filter(hour__lt=now - MONTH),
        Heartbeat.objects.filter(at__lt=now - DAY),
        Task.objects.filter(stopped__lt=now - MONTH),
        Session.objects.filter(expire_date__lt=now),
    ]


def _delete(rows: QuerySet[Any]) -> int:
    deleted = 0
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:STEP]):
        deleted += rows.model.objects.filter(pk__in=keys).delete()[0]
    return deleted
