"""The best-known tracks of the listener's own artists that he does not have yet."""

from __future__ import annotations

from recommendations.candidates import Found, Profile
from recommendations.questions import Conversation, top_tracks
from recommendations.source import Source

SEED_ARTISTS = 15
TRACKS = 20  # one call answers them all; the deeper ones are for later days


def find(profile: Profile) -> Conversation[list[Found]]:
    seeds = profile.artists[:SEED_ARTISTS]
    answers = yield [top_tracks(seed.name) for seed in seeds]
    return [
        Found(
            source=SOURCE.name,
            relation="artist_top",
            seed=seed.key,
            because=seed.name,
            match=0.0,
            rank=rank,
            artist=seed.name,
            title=row.title,
        )
        for seed, rows in zip(seeds, answers, strict=True)
        for rank, row in enumerate(rows[:TRACKS], 1)
    ]


SOURCE = Source("lastfm_top_tracks", "lastfm", find)
