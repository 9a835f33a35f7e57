"""What Last.fm knows a world by: names, not ids."""

from __future__ import annotations

from collections import defaultdict

from vibe.sandbox.world import Track, World


class Names:
    """What Last.fm knows a world's artists, tracks and tags by: lower-cased names."""

    def __init__(self, world: World) -> None:
        self.artists = {artist.name.casefold(): artist for artist in world.artists.values()}
        self.tracks: dict[tuple[str, str], Track] = {}
        self.by_artist: dict[str, list[Track]] = defaultdict(list)
        self.by_tag: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        self.world = world
        for track in sorted(world.tracks.values(), key=lambda one: (-one.listeners, one.id)):
            artist = track.artists[0]
            key = artist.name.casefold(), track.name.casefold()
            if key not in self.tracks:
                self.tracks[key] = track
                self.by_artist[key[0]].append(track)
            weights = dict.fromkeys(track.tags, 1.0) | artist.tags
            for tag, weight in weights.items():
                self.by_tag[tag.casefold()][track.id] += weight
