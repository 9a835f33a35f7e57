"""Writes a run's playlist to Spotify: create, fill, read back. Safe to repeat after any failure.

Creating is the one call that must not be repeated blindly, so the intent is saved first and the
playlist's description carries the run's marker, by which a playlist that was made is found again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime

from django.conf import settings
from django.utils import formats

from playlists import notes
from playlists.models import PlaylistRun
from vibe.clients.errors import ServiceError
from vibe.clients.spotify import SpotifyClient
from vibe.clients.types import Clock, Playlist

LOOK_AGAIN = (0.0, 1.0, 3.0)  # seconds before each look-up: a new playlist may take a moment to be listed
UNCERTAIN = ("timeout", "connection", "unavailable", "malformed")  # the write may have been applied


def publish(run: PlaylistRun, client: SpotifyClient, clock: Clock, sleep: Callable[[float], None] = time.sleep) -> None:
    """Leaves exactly one playlist with exactly the planned tracks; its id, link and name are on the run.

    Raises `ServiceError`. A playlist this call made but could not fill is taken away again.
    """
    uris = [f"spotify:track:{track['id']}" for track in run.planned]
    if not run.playlist_id:
        playlist = _find_or_create(run, client, clock, sleep)
        run.advance(clock(), playlist_id=playlist.id, playlist_url=playlist.url, playlist_name=playlist.name)
    try:
        _fill(client, run.playlist_id, uris)
    except ServiceError:
        _take_away(run, client, clock())
        raise


def _find_or_create(run: PlaylistRun, client: SpotifyClient, clock: Clock, sleep: Callable[[float], None]) -> Playlist:
    if run.intent_at and (made := _look_up(run, client, sleep)):
        return made
    run.advance(clock(), intent_at=clock())
    try:
        return _create(run, client)
    except ServiceError as error:
        if error.code not in UNCERTAIN:
            raise
    # Whether it was made, only a look tells; the second attempt's answer is the last word.
    if made := _look_up(run, client, sleep):
        return made
    try:
        return _create(run, client)
    except ServiceError as error:
        if error.code in UNCERTAIN:
            raise ServiceError(error.service, "unconfirmed", status=error.status) from None
        raise


def _create(run: PlaylistRun, client: SpotifyClient) -> Playlist:
    tracks, day = run.planned, formats.date_format(run.day, "DATE_FORMAT")
    name = notes.playlist_name(run.day.isoformat())
    description = notes.description(day, sum(track["is_new"] for track in tracks), len(tracks), run.marker)
    return client.create_playlist(name, description, settings.PLAYLIST_VISIBILITY == "public")


def _look_up(run: PlaylistRun, client: SpotifyClient, sleep: Callable[[float], None]) -> Playlist | None:
    for pause in LOOK_AGAIN:
        sleep(pause)
        for playlist in client.my_playlists():
            if run.marker in playlist.description:
                return playlist
    return None


def _fill(client: SpotifyClient, playlist_id: str, uris: Sequence[str]) -> None:
    """Adds the tracks and reads them back; what is not right is replaced as a whole, which may be repeated."""
    try:
        client.add_items(playlist_id, uris)
    except ServiceError as error:
        if error.code not in UNCERTAIN:
            raise
    if client.playlist_uris(playlist_id) == tuple(uris):
        return
    client.replace_items(playlist_id, uris)
    if client.playlist_uris(playlist_id) != tuple(uris):
        raise ServiceError("spotify", "incomplete")


def _take_away(run: PlaylistRun, client: SpotifyClient, now: datetime) -> None:
    """A half-filled list in a library is worse than none; where even this fails, the next attempt fills it."""
    try:
        client.unfollow(run.playlist_id)
    except ServiceError:
        return
    run.advance(now, playlist_id="", playlist_url="", playlist_name="", intent_at=None)
