"""What is played most now at Deezer of the listener's own artists, and he does not have yet."""

from __future__ import annotations

from recommendations.candidates import Found, Profile
from recommendations.deezer import at_deezer
from recommendations.questions import Conversation, deezer_top_tracks
from recommendations.source import Source, artists_for, words

SEED_ARTISTS, WIDE = 10, 20  # as for similar artists: asked once, both are answered


def find(profile: Profile) -> Conversation[list[Found]]:
    seeds = yield from at_deezer(artists_for(profile, SEED_ARTISTS, WIDE))
    answers = yield [deezer_top_tracks(key) for _seed, key in seeds]
    pairs = zip(seeds, answers, strict=True)
    return [word for (seed, _key), rows in pairs for word in words(SOURCE.name, "artist_top", seed, rows)]


SOURCE = Source("deezer_top_tracks", "deezer", find)
