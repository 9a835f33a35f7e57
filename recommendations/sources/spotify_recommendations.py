"""Spotify's own recommendations, alive only for apps that had them before November 2024.

https://developer.spotify.com/documentation/web-api/reference/get-recommendations
"""

from __future__ import annotations

from recommendations.candidates import Found, Profile
from recommendations.questions import Conversation, probe, recommendations
from recommendations.source import Source, words

SEEDS_A_CALL = 5  # Spotify's limit over all kinds of seeds


def find(profile: Profile) -> Conversation[list[Found]]:
    """Five seeds share an answer; the first of them stands for it."""
    calls = [profile.seeds[i : i + SEEDS_A_CALL] for i in range(0, len(profile.seeds), SEEDS_A_CALL)]
    answers = yield from probe([recommendations([seed.id for seed in seeds]) for seeds in calls])
    pairs = zip(calls, answers, strict=True)
    return [word for seeds, rows in pairs for word in words(SOURCE.name, "recommended", seeds[0], rows)]


SOURCE = Source("spotify_recommendations", "spotify", find, capability="recommendations")
