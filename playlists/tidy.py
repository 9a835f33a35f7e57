"""Takes our own old playlists out of the library: only what bears our marker and is just as we left it."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from accounts.models import User
from playlists import contents, outcomes, standing
from playlists.models import PlaylistRun
from playlists.publish import ENDED, in_use
from playlists.querysets import Runs
from playlists.states import Status
from playlists.whereabouts import bears, look
from vibe.clients.errors import ServiceError
from vibe.clients.spotify import SpotifyClient
from vibe.clients.types import Clock, Playlist

logger = logging.getLogger(__name__)

DOUBTFUL = timedelta(days=2)  # how long a process that was taken over may have left a double behind


def tidy(run: PlaylistRun, client: SpotifyClient, clock: Clock, limit: int = 3) -> dict[str, Any]:
    """After a playlist was published: what was looked at and what became of it, for the run's report.

    `limit`: old playlists a run, oldest first, three calls each. An error of Spotify ends it quietly and is named in
    `error`; the rest waits for the next run. Raises `LostLease`.
    """
    done: dict[str, Any] = {"doubles": 0, "looked": 0, "unfollowed": 0, "kept": 0, "gone": 0, "error": ""}
    try:
        done["doubles"] = _doubles(run, client, clock)
        for old in _old(run, clock())[:limit]:
            run.advance(clock())
            done["looked"] += 1
            done[_tidy_one(old, client, clock())] += 1
    except ServiceError as error:
        logger.info("run=%s: tidying ended early: %s", run.pk, error.code)
        done["error"] = error.code
    return done


def _old(run: PlaylistRun, now: datetime) -> Runs:
    """Good playlists of a day each that had their time; a standing one belongs to no day."""
    days = settings.TIDY_AFTER_DAYS
    if not days:
        return Runs(PlaylistRun).none()
    runs: Runs = PlaylistRun.objects.filter(
        user=run.user_id,
        status=Status.SUCCESS,
        dry_run=False,
        mode=User.Mode.FRESH,
        kept=False,
        tidied_at=None,
        finished_at__lt=now - timedelta(days=days),
    )
    latest = ["", run.playlist_id, run.user.latest_playlist_id, standing.current_id(run.user)]
    return runs.exclude(pk=run.pk).exclude(playlist_id__in=latest).order_by("finished_at", "pk")


def _tidy_one(old: PlaylistRun, client: SpotifyClient, now: datetime) -> str:
    """What became of it: unfollowed, kept for good, or gone already."""
    found = look(old.playlist_id, client)
    if found and not _untouched(old, found, client, now):
        PlaylistRun.objects.filter(pk=old.pk, tidied_at=None).update(kept=True)
        return "kept"
    # The listener may press "keep" at this moment: who changes the row first has it.
    if not PlaylistRun.objects.filter(pk=old.pk, kept=False, tidied_at=None).update(tidied_at=now):
        return "kept"
    if found is None:
        return "gone"
    try:
        client.unfollow(old.playlist_id)
    except ServiceError:
        PlaylistRun.objects.filter(pk=old.pk, tidied_at=now).update(tidied_at=None)
        raise
    return "unfollowed"


def _untouched(old: PlaylistRun, found: Playlist, client: SpotifyClient, now: datetime) -> bool:
    if not bears(old.marker, found) or found.name != old.playlist_name:
        return False
    wrote = contents.uris(old.tracks.values_list("spotify_track_id", flat=True))
    holds = held(old.playlist_id, client) if wrote else None
    outcomes.note(old, holds or (), now)
    return holds == wrote


def held(playlist_id: str, client: SpotifyClient) -> tuple[str, ...] | None:
    """What the playlist holds (URIs); None where it is not this account's: another one was linked since."""
    try:
        return client.playlist_uris(playlist_id)
    except ServiceError as error:
        if error.code not in ("forbidden", "not_found"):
            raise
        return None


def _doubles(run: PlaylistRun, client: SpotifyClient, clock: Clock) -> int:
    """Unfollows what bears the marker of a run that has another playlist: made by a process that was taken over.

    Only one that nobody has changed: it is empty, or holds exactly that run's tracks. One call, and only where a run
    was taken over lately; one more for each that bears such a marker.
    """
    # A run that waits without a playlist may still adopt what bears its marker.
    settled = ~Q(playlist_id="") | Q(status__in=ENDED)
    recent = PlaylistRun.objects.filter(settled, user=run.user_id, attempts__gt=1, created_at__gt=clock() - DOUBTFUL)
    makers = list(recent)
    if not makers:
        return 0
    taken = 0
    for one in client.my_playlists():
        maker = _maker(one, makers)
        if maker and not in_use(run.user, one.id) and _as_left(maker, one, client):
            run.advance(clock())
            client.unfollow(one.id)
            taken += 1
    return taken


def _maker(one: Playlist, makers: list[PlaylistRun]) -> PlaylistRun | None:
    """The run whose double this is."""
    return next((run for run in makers if bears(run.marker, one) and one.id != run.playlist_id), None)


def _as_left(maker: PlaylistRun, one: Playlist, client: SpotifyClient) -> bool:
    planned = contents.uris(track["id"] for track in maker.planned)
    wrote = contents.uris(maker.tracks.values_list("spotify_track_id", flat=True))
    return held(one.id, client) in ((), planned, wrote)
