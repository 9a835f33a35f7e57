"""The best-known tracks of artists near the listener's own."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from recommendations.candidates import Found, Profile, SeedArtist
from recommendations.questions import Answer, Conversation, similar_artists, top_tracks
from recommendations.source import Source, words

SEED_ARTISTS = 10
NEIGHBOURS = 10  # of each seed artist
ARTISTS = 40  # the nearest of all of them
TRACKS = 10  # of each; five score best on the first day, the rest keeps a month from running dry


def find(profile: Profile) -> Conversation[list[Found]]:
    seeds = profile.artists[:SEED_ARTISTS]
    near = _nearest(seeds, (yield [similar_artists(seed.name) for seed in seeds]))
    tops = yield [top_tracks(name) for name, _seed, _closeness in near]
    return [
        word
        for (_name, seed, closeness), rows in zip(near, tops, strict=True)
        for word in words(SOURCE.name, "similar_artist", seed, rows[:TRACKS], closeness)
    ]


def _nearest(seeds: Sequence[SeedArtist], answers: Sequence[Answer]) -> list[tuple[str, SeedArtist, float]]:
    """(artist, the seed that speaks loudest for it, closeness 0..1), nearest first."""
    total: dict[str, float] = {}
    loudest: dict[str, tuple[float, SeedArtist]] = {}
    for seed, rows in zip(seeds, answers, strict=True):
        for row in rows[:NEIGHBOURS]:
            say = row.match * sqrt(seed.count)
            total[row.artist] = total.get(row.artist, 0.0) + say
            loudest[row.artist] = max(loudest.get(row.artist, (0.0, seed)), (say, seed), key=lambda pair: pair[0])
    best = sorted(total, key=lambda name: (-total[name], name))[:ARTISTS]
    most = max(total.values(), default=1.0) or 1.0
    return [(name, loudest[name][1], total[name] / most) for name in best]


SOURCE = Source("lastfm_similar_artists", "lastfm", find)
