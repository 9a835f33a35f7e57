"""Tracks that a search for the listener's artists brings up, in Spotify's own order."""

from __future__ import annotations

from recommendations.candidates import Found, Profile
from recommendations.questions import Conversation, artist_search
from recommendations.source import Source

SEED_ARTISTS = 4  # searches are the scarcest quota there is
WIDE = 12  # where nothing else answers


def find(profile: Profile) -> Conversation[list[Found]]:
    seeds = profile.artists[: WIDE if profile.wide else SEED_ARTISTS]
    answers = yield [artist_search(seed.name) for seed in seeds]
    return [
        Found(
            source=SOURCE.name,
            relation="search",
            seed=seed.key,
            because=seed.name,
            match=0.0,
            rank=rank,
            artist=row.artist,
            title=row.title,
            track=row.track,
        )
        for seed, rows in zip(seeds, answers, strict=True)
        for rank, row in enumerate(rows, 1)
        # The search is full-text: a namesake or a guest spot is not the seed's own track.
        if row.track and any(artist.id == seed.id or artist.name == seed.name for artist in row.track.artists)
    ]


SOURCE = Source("spotify_search", "spotify", find)
