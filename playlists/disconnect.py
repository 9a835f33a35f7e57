"""The listener leaves Spotify, or is taken off it: all that was read there goes at once."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from accounts.models import Outbox, User
from playlists.models import PlaylistRunTrack, RunLedger
from playlists.states import Status

FROM_SPOTIFY = ("account", "artist", "artists", "file", "name", "tracks", "words")  # in a message's payload


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
    forget_runs(user)
    user.spotify_accounts.all().delete()
    user.link_requests.all().delete()
    # The night's rows that wait for their hour; what he asked for himself tells him how it ends.
    waiting = user.runs.filter(status=Status.QUEUED, asked=0)
    waiting.update(status=Status.FAILED, error_code="disconnected", error_params={}, finished_at=now)
    return left


def forget_runs(user: User) -> None:
    """His runs keep their days, their counts and where their playlists are; what was read at Spotify for them goes.

    So it does from what was said to him of them, and what was not said yet is not said any more.
    """
    PlaylistRunTrack.objects.filter(run__user=user).delete()
    RunLedger.objects.filter(run__user=user).delete()
    user.runs.filter(plan__isnull=False).update(plan=None)
    chats = [user.telegram_chat_id] if user.telegram_chat_id else []
    told = Outbox.objects.filter(chat_id__in=chats, payload__has_any_keys=FROM_SPOTIFY)
    told = told.exclude(kind="approve_request")  # of others, to the operator
    told.filter(status=Outbox.Status.PENDING).update(status=Outbox.Status.DEAD, error_code="disconnected")
    told.filter(status__in=[Outbox.Status.SENT, Outbox.Status.DEAD]).update(payload={})
