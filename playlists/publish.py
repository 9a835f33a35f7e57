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

    Tracks that Spotify does not keep leave the plan. Raises `ServiceError`; a playlist that could not be filled is
    taken away again.
    """
    if not run.playlist_id:
        playlist = _find_or_create(run, client, clock, sleep)
        run.advance(clock(), playlist_id=playlist.id, playlist_url=playlist.url, playlist_name=playlist.name)
    try:
        kept = _fill(client, run.playlist_id, [f"spotify:track:{track['id']}" for track in run.planned])
    except ServiceError:
        _take_away(run, client, clock())
        raise
    if len(kept) < len(run.planned):
        tracks = [track for track in run.planned if f"spotify:track:{track['id']}" in kept]
        run.advance(
            clock(), plan={"tracks": tracks, "relaxations": [*(run.plan or {}).get("relaxations", []), "short"]}
        )


def sweep(run: PlaylistRun, client: SpotifyClient) -> None:
    """Takes away what other runs of this user left at Spotify: they ended badly and nothing takes them up again."""
    for other in PlaylistRun.objects.leftovers(run):
        try:
            left = other.playlist_id or getattr(_listed(other, client), "id", "")
            if left:
                client.unfollow(left)
        except ServiceError:
            continue  # the next run tries again
        PlaylistRun.objects.filter(pk=other.pk).update(playlist_id="", playlist_url="", intent_at=None)


def _find_or_create(run: PlaylistRun, client: SpotifyClient, clock: Clock, sleep: Callable[[float], None]) -> Playlist:
    if run.intent_at and (made := _look_up(run, client, sleep)):
        return made
    run.advance(clock(), intent_at=clock())
    try:
        return _create(run, client)
    except ServiceError as error:
        if error.code not in UNCERTAIN:
            run.advance(clock(), intent_at=None)
            raise
    # Whether it was made, only a look tells; the second attempt's answer is the last word.
    if made := _look_up(run, client, sleep):
        return made
    try:
        return _create(run, client)
    except ServiceError as error:
        code = "unconfirmed" if error.code in UNCERTAIN else error.code
        raise ServiceError(error.service, code, status=error.status) from None


def _create(run: PlaylistRun, client: SpotifyClient) -> Playlist:
    tracks, day = run.planned, formats.date_format(run.day, "DATE_FORMAT")
    name = notes.playlist_name(run.day.isoformat())
    description = notes.description(day, sum(track["is_new"] for track in tracks), len(tracks), run.marker)
    return client.create_playlist(name, description, settings.PLAYLIST_VISIBILITY == "public")


def _look_up(run: PlaylistRun, client: SpotifyClient, sleep: Callable[[float], None]) -> Playlist | None:
    for pause in LOOK_AGAIN:
        sleep(pause)
        if made := _listed(run, client):
            return made
    return None


def _listed(run: PlaylistRun, client: SpotifyClient) -> Playlist | None:
    """The playlist with the run's marker; a second one, from an answer that came too late, is taken away."""
    made = [one for one in client.my_playlists() if run.marker in one.description]
    for double in made[1:]:
        client.unfollow(double.id)
    return made[0] if made else None


def _fill(client: SpotifyClient, playlist_id: str, uris: Sequence[str]) -> tuple[str, ...]:
    """Adds the tracks and reads them back; what is not right is replaced as a whole, which may be repeated.

    Answers what Spotify keeps: all of it, or at least half where it refuses some.
    """
    try:
        client.add_items(playlist_id, uris)
    except ServiceError as error:
        if error.code not in UNCERTAIN:
            raise
    kept = client.playlist_uris(playlist_id)
    if kept == tuple(uris):
        return kept
    client.replace_items(playlist_id, uris)
    kept = client.playlist_uris(playlist_id)
    if len(kept) * 2 < len(uris) or kept != tuple(uri for uri in uris if uri in kept):
        raise ServiceError("spotify", "incomplete")
    return kept


def _take_away(run: PlaylistRun, client: SpotifyClient, now: datetime) -> None:
    """A half-filled list in a library is worse than none; where even this fails, the next run fills or removes it."""
    try:
        client.unfollow(run.playlist_id)
    except ServiceError:
        return
    run.advance(now, playlist_id="", playlist_url="", playlist_name="", intent_at=None)
