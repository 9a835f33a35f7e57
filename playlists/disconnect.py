"""The listener leaves Spotify, or is taken off it: all that was read there goes at once."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from accounts.models import User
from playlists.states import Status


class Left(NamedTuple):
    """What was linked until now."""

    account: str
    likes: int


def linked(user: User) -> Left | None:
    """What `disconnect` would take away; None where nothing is linked."""
    account = user.spotify
    if account is None:
        return None
    return Left(str(account), account.saved_tracks.filter(removed_at=None).count())


@transaction.atomic
def disconnect(user: User, now: datetime) -> Left | None:
    """Deletes his accounts with all that hangs on them, and the links that were not opened yet.

    A consent that waits to be confirmed goes too. None where nothing was linked.
    """
    left = linked(user)
    user.spotify_accounts.all().delete()
    user.link_requests.all().delete()
    # The night's rows that wait for their hour; what he asked for himself tells him how it ends.
    waiting = user.runs.filter(status=Status.QUEUED, asked=0)
    waiting.update(status=Status.FAILED, error_code="disconnected", error_params={}, finished_at=now)
    return left
