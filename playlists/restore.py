"""Gives a past day's playlist back from the database: its tracks, in their order. No history changes."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from playlists import contents, notes, standing
from playlists.models import PlaylistRun
from playlists.publish import in_use
from playlists.request import AlreadyRunning
from playlists.states import Status
from playlists.whereabouts import PAGES, in_library, marked
from vibe.clients.errors import ServiceError
from vibe.clients.spotify import SpotifyClient
from vibe.clients.types import Clock, Playlist

logger = logging.getLogger(__name__)


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
    _refuse_while_running(run.user, clock())
    is_standing = run.user.playlist_mode == User.Mode.STANDING
    if place := standing.home(run, client) if is_standing else None:
        return _into(place, run, wanted, client)
    if _is_there(run, wanted, client):
        raise NothingToRestore("there")
    return _anew(run, wanted, client)


def _refuse_while_running(user: User, now: datetime) -> None:
    if PlaylistRun.objects.filter(user=user, status=Status.RUNNING, lease_until__gte=now).exists():
        raise AlreadyRunning


def _is_there(run: PlaylistRun, wanted: tuple[str, ...], client: SpotifyClient) -> bool:
    if not run.playlist_id or not in_library(run.playlist_id, client):
        return False
    return set(wanted) <= set(client.playlist_uris(run.playlist_id))


def _go_on() -> None:
    """No lease to renew: this is no run."""


def _into(place: Playlist, run: PlaylistRun, wanted: tuple[str, ...], client: SpotifyClient) -> Restored:
    before = client.playlist_uris(place.id)
    try:
        kept = contents.write(place.id, wanted, client, _go_on)
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


def _anew(run: PlaylistRun, wanted: tuple[str, ...], client: SpotifyClient) -> Restored:
    # What bears the marker and is nobody's good playlist was left behind by a restore that broke off.
    left = [one for one in marked(run.marker, client, PAGES) if not in_use(run.user, one.id)]
    place = left[0] if left else _create(run, client)
    try:
        kept = contents.write(place.id, wanted, client, _go_on, is_new=not left)
    except ServiceError:
        _take_away(place.id, client)
        raise
    _remember(run, place)
    return Restored(place, len(kept), is_new=True)


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
