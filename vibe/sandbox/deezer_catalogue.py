"""What of a world Deezer has, under its own numbers."""

from __future__ import annotations

from vibe.sandbox.discography import Discography, number
from vibe.sandbox.world import Artist, Track, World

UNKNOWN = 12  # one recording in so many is not there


class Deezer:
    """All artists, and most recordings."""

    def __init__(self, world: World, discography: Discography) -> None:
        self._tracks = discography.tracks_by_artist
        self.artists = {identity(artist): artist for artist in world.artists.values()}
        self.recordings = {one.isrc: one for one in world.tracks.values() if one.isrc and _is_there(one)}

    def top(self, artist: Artist) -> list[Track]:
        """Most heard first."""
        return [track for track in self._tracks.get(artist.id, []) if _is_there(track)]


def identity(one: Artist | Track) -> int:
    """The number it goes by at Deezer."""
    return number(f"deezer {one.id}") % 10**9 + 1


def _is_there(track: Track) -> bool:
    return identity(track) % UNKNOWN > 0
