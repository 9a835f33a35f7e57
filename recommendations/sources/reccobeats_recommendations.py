"""Tracks like the seed tracks, as ReccoBeats sees them: the nearest to what Spotify's own recommendations were."""

from __future__ import annotations

from recommendations.candidates import Found, Profile
from recommendations.questions import Conversation, reccobeats_recommendations
from recommendations.source import Source, words

SEEDS_A_CALL = 5  # its limit


def find(profile: Profile) -> Conversation[list[Found]]:
    """Five seeds share an answer; the first of them stands for it."""
    seeds = [seed for seed in profile.seeds if seed.id]
    calls = [seeds[i : i + SEEDS_A_CALL] for i in range(0, len(seeds), SEEDS_A_CALL)]
    answers = yield [reccobeats_recommendations([seed.id for seed in some], profile.market) for some in calls]
    pairs = zip(calls, answers, strict=True)
    return [word for some, rows in pairs for word in words(SOURCE.name, "recommended", some[0], rows)]


SOURCE = Source("reccobeats_recommendations", "reccobeats", find)
