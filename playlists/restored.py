"""After a backup was put back: it may be older than last night's playlists, and none of them is to come twice."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from accounts.encryption import Unreadable, unseal
from accounts.models import Outbox, SpotifyAccount, User
from playlists.models import PlaylistRun
from playlists.states import RESTORED, Status
from vibe.clients.models import ServiceState


def settle(now: datetime) -> None:
    """What was under way when the backup was made has happened since, for all we know. In the caller's transaction."""
    # The nights up to now are not caught up with: their playlists are at Spotify.
    User.objects.filter(nightly_at__isnull=False).update(nightly_since=now)
    _end_runs(now)
    waiting = [Outbox.Status.PENDING, Outbox.Status.SENDING]
    for row in Outbox.objects.filter(status__in=waiting).iterator():
        changes = {"status": Outbox.Status.DEAD, "error_code": RESTORED, "lease_until": None, "payload": row.lasting}
        Outbox.objects.filter(pk=row.pk).update(**changes)
    SpotifyAccount.objects.update(refreshing_until=None)
    ServiceState.objects.update(permits_at=None)
    ServiceState.objects.filter(blocked_until__lte=now).update(blocked_until=None, reason="")


def _end_runs(now: datetime) -> None:
    """They fail, and nobody is told. Who asks for one again gets what bears its marker at Spotify, if it is there."""
    left = PlaylistRun.objects.unfinished()
    # A standing playlist that is known is simply refilled; everything else may have been made by now.
    known = Q(mode=User.Mode.STANDING) & Q(user__spotify_accounts__standing_playlist_id__gt="")
    makes = left.filter(dry_run=False).exclude(known)
    PlaylistRun.objects.filter(pk__in=makes.values("pk")).update(intent_at=Coalesce("intent_at", F("created_at")))
    left.update(
        status=Status.FAILED,
        error_code=RESTORED,
        error_params={},
        finished_at=now,
        attempts=0,
        lease_token="",
        lease_until=None,
        not_before=None,
        enqueued_at=None,
    )


def unreadable() -> int:
    """How many accounts have to be connected again, since none of this installation's keys opens their tokens."""
    return sum(not _opens(account) for account in SpotifyAccount.objects.iterator())


def _opens(account: SpotifyAccount) -> bool:
    owner = f"{account.user_id}/{account.account_id}"
    sealed = {"access": account.access_token_sealed, "refresh": account.refresh_token_sealed}
    try:
        for kind, token in sealed.items():
            if token:
                unseal(f"{owner}/{kind}", token)
    except Unreadable:
        return False
    return True
