"""Gives a past day's playlist back from the database: its tracks, in their order. No history changes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.db import IntegrityError, transaction

from accounts.models import User
from playlists import contents, notes, standing
from playlists.models import PlaylistRun
from playlists.publish import in_use
from playlists.request import AlreadyRunning
from playlists.states import LEASE, LostLease, Status, Trigger
from playlists.tidy import held
from playlists.whereabouts import PAGES, in_library, marked
from vibe.clients.errors import ServiceError
from vibe.clients.spotify import SpotifyClient
from vibe.clients.types import Clock, Playlist

logger = logging.getLogger(__name__)
GoOn = Callable[[], None]


class NothingToRestore(Exception):
    """`code`: `no_tracks` (the run made no playlist) or `there` (the playlist is in the library, as it was)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Restored:
    playlist: Playlist
    tracks: int  # as many as Spotify still has
    is_new: bool  # a new playlist, or the standing one


def restore(run: PlaylistRun, client: SpotifyClient, clock: Clock) -> Restored:
    """Into the standing playlist, or into a new private one where the day's own is no longer in the library.

    A new one, since following an unfollowed playlist again answers 500:
    https://developer.spotify.com/documentation/web-api/reference/save-library-items. It counts as kept. Repeated
    after a failure it does no harm. Raises `NothingToRestore`, `AlreadyRunning` and ServiceError, after which the
    standing playlist holds what it held before.
    """
    wanted = contents.uris(run.tracks.values_list("spotify_track_id", flat=True))
    if not wanted or run.dry_run or run.status != Status.SUCCESS:
        raise NothingToRestore("no_tracks")
    with alone(run.user, clock) as go_on:
        is_standing = run.user.playlist_mode == User.Mode.STANDING
        if place := standing.home(run, client) if is_standing else None:
            return _into(place, run, wanted, client, go_on)
        if _is_there(run, wanted, client):
            raise NothingToRestore("there")
        return _anew(run, wanted, client, go_on)


@contextmanager
def alone(user: User, clock: Clock) -> Iterator[GoOn]:
    """Keeps runs of this user from starting meanwhile; gives what renews that. Raises `AlreadyRunning`.

    By a row of its own that counts as running, for of those the database admits one a user. A dry one: where this
    process is killed, the row ends like any other whose lease is over, and nobody is told.
    """
    now = clock()
    PlaylistRun.objects.filter(user=user).revive(now)
    try:
        with transaction.atomic():
            row = _running(user, now)
    except IntegrityError:
        raise AlreadyRunning from None
    try:
        yield lambda: row.advance(clock())
    except LostLease:  # the process slept for so long that another run may have begun
        raise AlreadyRunning from None
    finally:
        PlaylistRun.objects.filter(pk=row.pk).delete()


def _running(user: User, now: datetime) -> PlaylistRun:
    lease = {"status": Status.RUNNING, "lease_token": uuid4().hex, "lease_until": now + LEASE}
    asked = {"size_asked": user.size, "min_new_ratio": user.ratio, "trigger": Trigger.SHELL, "dry_run": True}
    times = {"day": user.local_date(now), "created_at": now, "started_at": now}
    return PlaylistRun.objects.create(user=user, **lease, **asked, **times)


def _is_there(run: PlaylistRun, wanted: tuple[str, ...], client: SpotifyClient) -> bool:
    if not run.playlist_id or not in_library(run.playlist_id, client):
        return False
    return set(wanted) <= set(client.playlist_uris(run.playlist_id))


def _into(place: Playlist, run: PlaylistRun, wanted: tuple[str, ...], client: SpotifyClient, go_on: GoOn) -> Restored:
    before = client.playlist_uris(place.id)
    try:
        kept = contents.write(place.id, wanted, client, go_on)
    except ServiceError:
        _put_back(place.id, before, client)
        raise
    standing.describe(place, run, client)
    return Restored(place, len(kept), is_new=False)


def _put_back(playlist_id: str, before: tuple[str, ...], client: SpotifyClient) -> None:
    try:
        client.replace_items(playlist_id, before)
    except ServiceError as error:
        logger.warning("playlist=%s: what it held before was not put back: %s", playlist_id, error.code)


def _anew(run: PlaylistRun, wanted: tuple[str, ...], client: SpotifyClient, go_on: GoOn) -> Restored:
    go_on()
    left = _left_behind(run, client)
    place = left or _create(run, client)
    try:
        kept = contents.write(place.id, wanted, client, go_on, is_new=left is None)
    except ServiceError:
        _take_away(place.id, client)
        raise
    _remember(run, place)
    return Restored(place, len(kept), is_new=True)


def _left_behind(run: PlaylistRun, client: SpotifyClient) -> Playlist | None:
    """What a restore that broke off has made: it bears the marker, is nobody's good playlist, and is empty.

    One that holds anything may be an earlier restore's, which the listener has changed since.
    """
    found = (one for one in marked(run.marker, client, PAGES) if not in_use(run.user, one.id))
    return next((one for one in found if held(one.id, client) == ()), None)


def _take_away(playlist_id: str, client: SpotifyClient) -> None:
    try:
        client.unfollow(playlist_id)
    except ServiceError as error:
        logger.warning("playlist=%s: it could not be filled nor taken away: %s", playlist_id, error.code)


def _create(run: PlaylistRun, client: SpotifyClient) -> Playlist:
    name = run.playlist_name if run.mode == User.Mode.FRESH else notes.playlist_name(run.day.isoformat())
    return client.create_playlist(name, standing.description(run, run.marker), public=False)


def _remember(run: PlaylistRun, place: Playlist) -> None:
    """The run's playlist is the new one from now on, and somebody wants it: it is never tidied away."""
    changes = {"playlist_id": place.id, "playlist_url": place.url, "playlist_name": place.name[:200]}
    PlaylistRun.objects.filter(pk=run.pk).update(**changes, tidied_at=None, kept=True)
    if run.mode == User.Mode.FRESH:
        latest = User.objects.filter(pk=run.user_id, latest_playlist_id=run.playlist_id)
        latest.update(latest_playlist_id=place.id, latest_playlist_url=place.url)
