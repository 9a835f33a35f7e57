"""Deep cuts: one album of each of the listener's artists, for apps without top tracks."""

from __future__ import annotations

from dataclasses import replace

from recommendations.candidates import Found, Profile
from recommendations.questions import Conversation, album_tracks, artist_albums
from recommendations.source import Source, artists_for, words

WIDE = 6  # where nothing else answers
SEED_ARTISTS = 3  # artist albums are the quota that locked earliest in what was measured


def find(profile: Profile) -> Conversation[list[Found]]:
    seeds = artists_for(profile, SEED_ARTISTS, WIDE)
    albums = yield [artist_albums(seed.id) for seed in seeds]
    chosen = [
        (seed, rows[_turn(profile, place) % len(rows)])
        for place, (seed, rows) in enumerate(zip(seeds, albums, strict=True))
        if rows
    ]
    answers = yield [album_tracks(album.id, album.title) for _seed, album in chosen]
    return [
        replace(word, track=replace(word.track, album=album.title)) if word.track else word
        for (seed, album), rows in zip(chosen, answers, strict=True)
        for word in words(SOURCE.name, "deep_cut", seed, rows)
    ]


def _turn(profile: Profile, place: int) -> int:
    """Another album each time an artist is asked about, the newest alone would be used up at once.

    `place`: the artist's among today's. Taken by the day, the album would be the same whenever the artists' turn and
    the number of albums keep step.
    """
    artists = sum(bool(artist.id) for artist in profile.artists)
    return (profile.day * WIDE + place) // artists if profile.wide and artists > WIDE else profile.day


SOURCE = Source("spotify_albums", "spotify", find, instead_of="artist_top_tracks")
