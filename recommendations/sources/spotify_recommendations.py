"""Spotify's own recommendations, alive only for apps that had them before November 2024.

https://developer.spotify.com/documentation/web-api/reference/get-recommendations
"""

from __future__ import annotations

from recommendations.candidates import Found, Profile
from recommendations.questions import Conversation, probe, recommendations
from recommendations.source import Source

SEEDS_A_CALL = 5  # Spotify's limit over all kinds of seeds


def find(profile: Profile) -> Conversation[list[Found]]:
    calls = [profile.seeds[i : i + SEEDS_A_CALL] for i in range(0, len(profile.seeds), SEEDS_A_CALL)]
    answers = yield from probe([recommendations([seed.id for seed in seeds]) for seeds in calls])
    return [
        Found(
            source=SOURCE.name,
            relation="recommended",
            seed=seeds[0].key,
            because=f"{seeds[0].artist} - {seeds[0].name}",
            match=0.0,
            rank=rank,
            artist=row.artist,
            title=row.title,
            track=row.track,
        )
        for seeds, rows in zip(calls, answers, strict=True)
        for rank, row in enumerate(rows, 1)
    ]


SOURCE = Source("spotify_recommendations", "spotify", find, capability="recommendations")
