"""The ids by which MusicBrainz and ListenBrainz know a world's artists and recordings."""

from __future__ import annotations

import uuid
from collections import defaultdict

from vibe.sandbox.world import Artist, Track, World

NAMESPACE = uuid.UUID("6f1a53b2-6c5e-4a8e-9d0e-5f3b8e7c2a10")
UNKNOWN = 10  # one recording in so many is not there


def artist_id(artist: Artist) -> str:
    return str(uuid.uuid5(NAMESPACE, f"artist {artist.id}"))


def recording_id(track: Track) -> str:
    return str(uuid.uuid5(NAMESPACE, f"recording {track.id}"))


def share(track: Track, parts: int) -> int:
    """Which of so many parts of the world a track is in: the same one always."""
    return uuid.uuid5(NAMESPACE, f"share {track.id}").int % parts


class Brainz:
    """What of a world MusicBrainz knows: all artists, and most recordings."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.artists = {artist_id(artist): artist for artist in world.artists.values()}
        self.recordings: dict[str, Track] = {}
        self.isrcs: dict[str, list[Track]] = defaultdict(list)
        self.by_artist: dict[str, list[Track]] = defaultdict(list)  # most heard first
        for track in sorted(world.tracks.values(), key=lambda one: (-one.listeners, one.id)):
            if share(track, UNKNOWN):
                self.recordings[recording_id(track)] = track
                self.isrcs[track.isrc].append(track)
                self.by_artist[track.artists[0].id].append(track)
