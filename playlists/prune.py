"""Once a day: what has served goes, in small steps, so that no writer waits for long."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from axes.models import AccessAttempt
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, Q, QuerySet
from django_q.models import Task

from accounts.models import Incident, OAuthState, Outbox, SpotifyAccount
from playlists.models import PlaylistRun, PlaylistRunTrack, RunLedger
from playlists.states import Status
from recommendations.models import UNNAMED, Play, ResolvedTrack, SavedTrack, SourceCache
from vibe.clients.models import ApiUsage, Heartbeat

STEP = 1_000
DAY = timedelta(days=1)
MONTH = timedelta(days=30)
QUARTER = timedelta(days=90)  # after which names and pictures that nobody refreshed go
YEAR = timedelta(days=365)


def prune(now: datetime) -> dict[str, int]:
    """Deletes what is past its time; answers how many rows of each table went.

    Runs and the ids of their tracks stay a year, so that every day of it can be restored; what the tracks are called
    stays a quarter, the fate of each candidate and the frozen plan a month. The recommendation history is never pruned:
    the promise of novelty rests on it.
    """
    _forget_plans(now)
    _forget_names(now - QUARTER)
    return {rows.model.__name__: _delete(rows) for rows in _past(now)}


def _forget_plans(now: datetime) -> None:
    old = Q(finished_at__lt=now - MONTH) | ~_linked("user")
    ended = PlaylistRun.objects.filter(old, finished_at__isnull=False, plan__isnull=False)
    _change(ended.exclude(status__in=[Status.QUEUED, Status.RUNNING]), plan=None)


def _forget_names(before: datetime) -> None:
    """Spotify's terms: what is shown is kept fresh or goes. Ids and keys stay, on which novelty and restoring rest."""
    shown = PlaylistRunTrack.objects.filter(run__created_at__lt=before).exclude(name="")
    _change(shown, name="", artists="", cover_url="", reason={})
    for rows in (SavedTrack.objects.filter(seen_at__lt=before), Play.objects.filter(played_at__lt=before)):
        _change(rows.exclude(name=""), name="", artists=UNNAMED)
    _change(SavedTrack.objects.filter(name="").exclude(album=""), album="")


def _linked(user: str) -> Exists:
    return Exists(SpotifyAccount.objects.filter(user=OuterRef(user), pending=False))


def _past(now: datetime) -> list[QuerySet[Any]]:
    return [
        # Of who left Spotify while a run was under way, which wrote its plan behind his back.
        RunLedger.objects.filter(Q(run__created_at__lt=now - MONTH) | ~_linked("run__user")),
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
        LogEntry.objects.filter(action_time__lt=now - YEAR),
        AccessAttempt.objects.filter(attempt_time__lt=now - MONTH),
    ]


def _change(rows: QuerySet[Any], **columns: Any) -> None:
    last = 0
    while keys := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:STEP]):
        rows.model.objects.filter(pk__in=keys).update(**columns)
        last = keys[-1]


def _delete(rows: QuerySet[Any]) -> int:
    deleted = 0
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:STEP]):
        deleted += rows.model.objects.filter(pk__in=keys).delete()[0]
    return deleted
