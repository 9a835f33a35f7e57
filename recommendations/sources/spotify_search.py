"""Tracks that a search for the listener's artists brings up, in Spotify's own order."""

from __future__ import annotations

from recommendations.candidates import Found, Profile, SeedArtist
from recommendations.questions import Answer, Conversation, Row, artist_search
from recommendations.source import Source, artists_for, words

SEED_ARTISTS = 4  # searches are the scarcest quota there is
WIDE = (
    13  # where nothing else answers: two tracks of each make most of a list; a prime, so that no window comes back soon
)


def find(profile: Profile) -> Conversation[list[Found]]:
    seeds = artists_for(profile, SEED_ARTISTS, WIDE)
    answers = yield [artist_search(seed.name) for seed in seeds]
    pairs = zip(seeds, answers, strict=True)
    return [word for seed, rows in pairs for word in words(SOURCE.name, "search", seed, _own(seed, rows))]


def _own(seed: SeedArtist, rows: Answer) -> list[Row]:
    """The search is full-text: a namesake's track is not the seed's own."""
    return [
        row
        for row in rows
        if row.track and any(artist.id == seed.id or artist.name == seed.name for artist in row.track.artists)
    ]


SOURCE = Source("spotify_search", "spotify", find)
