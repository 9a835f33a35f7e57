"""The best-known tracks of the listener's own artists that he does not have yet."""

from __future__ import annotations

from recommendations.candidates import Found, Profile
from recommendations.questions import Conversation, top_tracks
from recommendations.source import Source, in_turn, words

STEADY, SEED_ARTISTS = 8, 15  # the first are asked about every day, the others take turns
TRACKS = 20  # one call answers them all; the deeper ones are for later days


def find(profile: Profile) -> Conversation[list[Found]]:
    seeds = in_turn(profile.artists, profile.day, STEADY, SEED_ARTISTS)
    answers = yield [top_tracks(seed.name) for seed in seeds]
    pairs = zip(seeds, answers, strict=True)
    return [word for seed, rows in pairs for word in words(SOURCE.name, "artist_top", seed, rows[:TRACKS])]


SOURCE = Source("lastfm_top_tracks", "lastfm", find)
