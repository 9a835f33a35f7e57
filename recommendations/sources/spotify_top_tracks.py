"""The listener's artists' top tracks, alive only for older Spotify apps.

https://developer.spotify.com/documentation/web-api/reference/get-an-artists-top-tracks
"""

from __future__ import annotations

from recommendations.candidates import Found, Profile
from recommendations.questions import Conversation, probe, spotify_top_tracks
from recommendations.source import Source, words

SEED_ARTISTS = 5


def find(profile: Profile) -> Conversation[list[Found]]:
    seeds = [seed for seed in profile.artists if seed.id][:SEED_ARTISTS]
    answers = yield from probe([spotify_top_tracks(seed.id) for seed in seeds])
    pairs = zip(seeds, answers, strict=True)
    return [word for seed, rows in pairs for word in words(SOURCE.name, "artist_top", seed, rows)]


SOURCE = Source("spotify_top_tracks", "spotify", find, capability="artist_top_tracks")
