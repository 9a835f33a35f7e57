"""What Deezer answers."""

from __future__ import annotations

from django.conf import settings

from recommendations.questions import Answer, Row
from recommendations.services import Table
from vibe.clients.deezer import DEEZER, DeezerArtist, DeezerClient, DeezerTrack
from vibe.clients.meter import Meter


def table(meter: Meter) -> Table:
    if not settings.DEEZER:
        return {}
    client = DeezerClient(meter)
    return {
        (DEEZER, "artists"): lambda isrc: _artists_of(client.track(isrc)),
        (DEEZER, "related"): lambda artist: _near(client.related_artists(artist)),
        (DEEZER, "top_tracks"): lambda artist: tuple(map(_row, client.top_tracks(artist))),
    }


def _artists_of(track: DeezerTrack | None) -> Answer:
    return tuple(_row(track, artist) for artist in track.artists) if track else ()


def _row(track: DeezerTrack, artist: DeezerArtist | None = None) -> Row:
    artist = artist or track.artists[0]
    return Row(artist.name, track.title, id=artist.id, duration_ms=track.duration_ms, isrc=track.isrc)


def _near(artists: tuple[DeezerArtist, ...]) -> Answer:
    """Deezer tells an order and nothing more: their matches fall evenly."""
    return tuple(Row(one.name, id=one.id, match=1 - place / len(artists)) for place, one in enumerate(artists))
