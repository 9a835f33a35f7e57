"""Tracks that Last.fm's listeners play beside the seed tracks: the best signal there is."""

from __future__ import annotations

from recommendations.candidates import Found, Profile
from recommendations.questions import Conversation, similar_tracks
from recommendations.source import Source


def find(profile: Profile) -> Conversation[list[Found]]:
    answers = yield [similar_tracks(seed.artist, seed.name) for seed in profile.seeds]
    return [
        Found(
            source=SOURCE.name,
            relation="similar_track",
            seed=seed.key,
            because=f"{seed.artist} - {seed.name}",
            match=row.match,
            rank=rank,
            artist=row.artist,
            title=row.title,
        )
        for seed, rows in zip(profile.seeds, answers, strict=True)
        for rank, row in enumerate(rows, 1)
    ]


SOURCE = Source("lastfm_similar_tracks", "lastfm", find)
