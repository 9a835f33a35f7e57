"""Deep cuts: one album of each of the listener's artists, for apps without top tracks."""

from __future__ import annotations

from dataclasses import replace

from recommendations.candidates import Found, Profile
from recommendations.questions import Conversation, album_tracks, artist_albums
from recommendations.source import Source, artists_for, words

WIDE = 5  # where nothing else answers
SEED_ARTISTS = 3  # artist albums are the quota that locked earliest in what was measured


def find(profile: Profile) -> Conversation[list[Found]]:
    seeds = artists_for(profile, SEED_ARTISTS, WIDE)
    albums = yield [artist_albums(seed.id) for seed in seeds]
    # Another album every day: the newest alone would be used up at once.
    chosen = [(seed, rows[profile.day % len(rows)]) for seed, rows in zip(seeds, albums, strict=True) if rows]
    answers = yield [album_tracks(album.id, album.title) for _seed, album in chosen]
    return [
        replace(word, track=replace(word.track, album=album.title)) if word.track else word
        for (seed, album), rows in zip(chosen, answers, strict=True)
        for word in words(SOURCE.name, "deep_cut", seed, rows)
    ]


SOURCE = Source("spotify_albums", "spotify", find, instead_of="artist_top_tracks")
