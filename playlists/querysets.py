"""Reads and changes of many runs at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from playlists.states import ATTEMPTS, Status

if TYPE_CHECKING:
    from playlists.models import PlaylistRun

# A ring that was lost is repeated after so long; a busy night is not to pile up double ones.
RING_AGAIN = timedelta(minutes=10)
# Longer than Spotify's longest lock-out (a day): what waits longer is of no use to anybody.
STALE = timedelta(hours=36)


class Runs(models.QuerySet["PlaylistRun"]):
    def unfinished(self) -> Runs:
        return self.filter(status__in=[Status.QUEUED, Status.RUNNING])

    def dead(self, now: datetime) -> Runs:
        """Running by their row, though no progress has renewed the lease."""
        return self.filter(status=Status.RUNNING, lease_until__lt=now)

    def revive(self, now: datetime) -> int:
        """Runs whose process died wait again, with their plan and their traces; a dry run just ends."""
        ended: dict[str, Any] = {
            "lease_token": "",
            "lease_until": None,
            "error_code": "interrupted",
            "error_params": {},
        }
        self.dead(now).filter(dry_run=True).update(status=Status.FAILED, finished_at=now, **ended)
        again = self.dead(now).filter(attempts__lt=ATTEMPTS)
        return again.update(status=Status.QUEUED, not_before=now, enqueued_at=None, **ended)

    def worn_out(self, now: datetime) -> Runs:
        """Dead once more after the last attempt."""
        return self.dead(now).filter(attempts__gte=ATTEMPTS, dry_run=False)

    def stale(self, now: datetime) -> Runs:
        return self.filter(status=Status.QUEUED, created_at__lt=now - STALE)

    def due(self, now: datetime) -> Runs:
        """Waiting, their hour has come."""
        return self.filter(Q(not_before=None) | Q(not_before__lte=now), status=Status.QUEUED, dry_run=False)

    def unheard(self, now: datetime) -> Runs:
        """Due, and nobody was rung for, or so long ago that the ring was lost."""
        return self.due(now).filter(Q(enqueued_at=None) | Q(enqueued_at__lt=now - RING_AGAIN))

    def supersede(self, run: PlaylistRun, now: datetime) -> int:
        """Runs of this user's earlier days that still wait: today's takes their place."""
        earlier = self.filter(user=run.user_id, day__lt=run.day, status=Status.QUEUED)
        return earlier.update(status=Status.FAILED, error_code="stale", error_params={}, finished_at=now)

    def leftovers(self, run: PlaylistRun) -> list[PlaylistRun]:
        """Other runs of this user that ended badly and may have left a playlist at Spotify."""
        ended = self.filter(user=run.user_id, status__in=["failed", "needs_link"], intent_at__isnull=False)
        return list(ended.exclude(pk=run.pk))
