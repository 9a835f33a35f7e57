"""Reads and changes of many runs at once."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models

from playlists.states import Status

if TYPE_CHECKING:
    from playlists.models import PlaylistRun


class Runs(models.QuerySet["PlaylistRun"]):
    def leftovers(self, run: PlaylistRun) -> list[PlaylistRun]:
        """Other runs of this user that ended badly and may have left a playlist at Spotify."""
        ended = self.filter(user=run.user_id, status__in=["failed", "needs_link"], intent_at__isnull=False)
        return list(ended.exclude(pk=run.pk))

    def release_dead(self, now: datetime) -> int:
        """Ends runs whose process died, so that they can be asked for again."""
        return self.filter(status=Status.RUNNING, lease_until__lt=now).update(
            status=Status.FAILED, error_code="interrupted", error_params={}, finished_at=now, lease_token=""
        )
