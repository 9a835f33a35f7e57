"""Albums, derived from the tracks of a world: an artist and an album's name make one."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from vibe.sandbox.world import Artist, Track, World

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(slots=True, eq=False)
class Album:
    id: str
    name: str
    artist: Artist
    tracks: list[Track] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return "single" if len(self.tracks) < 3 else "album"

    @property
    def year(self) -> int:
        """The first year a track gives; else one drawn from the name, always the same."""
        known = [track.year for track in self.tracks if track.year]
        return min(known) if known else 1970 + number(f"year {self.id}") % 55

    @property
    def released(self) -> str:
        drawn = number(f"day {self.id}")
        return f"{self.year}-{drawn % 12 + 1:02}-{drawn % 28 + 1:02}"


@dataclass(slots=True, eq=False)
class Discography:
    albums: dict[str, Album]
    album_of: dict[str, Album]  # by track id
    by_artist: dict[str, list[Album]]  # by artist id, newest first; guest appearances included, at the end
    tracks_by_artist: dict[str, list[Track]]  # by artist id, most heard first


def derive(world: World) -> Discography:
    albums: dict[str, Album] = {}
    album_of: dict[str, Album] = {}
    tracks_by_artist: dict[str, list[Track]] = defaultdict(list)
    for track in world.tracks.values():
        key = identifier(f"album {track.artists[0].id} {track.album.casefold()}")
        album = albums.setdefault(key, Album(key, track.album, track.artists[0]))
        album.tracks.append(track)
        album_of[track.id] = album
        for artist in track.artists:
            tracks_by_artist[artist.id].append(track)
    for tracks in tracks_by_artist.values():
        tracks.sort(key=lambda track: (-track.listeners, track.id))
    by_artist = {
        key: _ordered(key, {album_of[track.id] for track in tracks}) for key, tracks in tracks_by_artist.items()
    }
    return Discography(albums, album_of, by_artist, tracks_by_artist)


def _ordered(artist_id: str, albums: Iterable[Album]) -> list[Album]:
    newest = sorted(albums, key=lambda album: (album.released, album.id), reverse=True)
    return sorted(newest, key=lambda album: album.artist.id != artist_id)


def identifier(seed: str) -> str:
    """22 letters and digits, as Spotify's ids are; the same for the same seed."""
    drawn = number(seed)
    letters = []
    for _ in range(22):
        drawn, digit = divmod(drawn, 62)
        letters.append(ALPHABET[digit])
    return "".join(letters)


def number(seed: str) -> int:
    return int.from_bytes(hashlib.sha256(seed.encode()).digest(), "big")
