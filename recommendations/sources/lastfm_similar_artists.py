"""The best-known tracks of artists near the listener's own."""

from __future__ import annotations

from recommendations.candidates import Found, Profile
from recommendations.questions import Conversation, similar_artists, top_tracks
from recommendations.source import Source, nearest, words

SEED_ARTISTS = 10
TRACKS = 10  # of each; five score best on the first day, the rest keeps a month from running dry


def find(profile: Profile) -> Conversation[list[Found]]:
    seeds = profile.artists[:SEED_ARTISTS]
    near = nearest(seeds, (yield [similar_artists(seed.name) for seed in seeds]))
    tops = yield [top_tracks(one.artist) for one in near]
    return [
        word
        for one, rows in zip(near, tops, strict=True)
        for word in words(SOURCE.name, "similar_artist", one.seed, rows[:TRACKS], one.closeness)
    ]


SOURCE = Source("lastfm_similar_artists", "lastfm", find)
