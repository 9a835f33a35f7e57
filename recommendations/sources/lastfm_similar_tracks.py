"""Tracks that Last.fm's listeners play beside the seed tracks: the best signal there is."""

from __future__ import annotations

from recommendations.candidates import Found, Profile
from recommendations.questions import Conversation, similar_tracks
from recommendations.source import Source, words


def find(profile: Profile) -> Conversation[list[Found]]:
    answers = yield [similar_tracks(seed.artist, seed.name) for seed in profile.seeds]
    pairs = zip(profile.seeds, answers, strict=True)
    return [word for seed, rows in pairs for word in words(SOURCE.name, "similar_track", seed, rows)]


SOURCE = Source("lastfm_similar_tracks", "lastfm", find)
