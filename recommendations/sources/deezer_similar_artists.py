"""The best-known tracks of artists near the listener's own, where Deezer knows who is near."""

from __future__ import annotations

from recommendations.candidates import Found, Profile
from recommendations.deezer import at_deezer
from recommendations.questions import Conversation, deezer_related, deezer_top_tracks
from recommendations.source import Source, artists_for, nearest, words

SEED_ARTISTS, WIDE = 10, 20
NEAREST = 40
TRACKS = 10  # of each


def find(profile: Profile) -> Conversation[list[Found]]:
    seeds = yield from at_deezer(artists_for(profile, SEED_ARTISTS, WIDE))
    related = yield [deezer_related(key) for _seed, key in seeds]
    near = nearest([seed for seed, _key in seeds], related, NEAREST)
    tops = yield [deezer_top_tracks(one.id) for one in near]
    return [
        word
        for one, rows in zip(near, tops, strict=True)
        for word in words(SOURCE.name, "similar_artist", one.seed, rows[:TRACKS], one.closeness)
    ]


SOURCE = Source("deezer_similar_artists", "deezer", find)
