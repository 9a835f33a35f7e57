"""Small makers of the engine's words; every test overrides what it is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from recommendations.candidates import Candidate, Found, Given, Heard, Profile, Ranked, Seed, SeedArtist
from recommendations.identity import artist_key, match_key
from vibe.clients.types import Artist, Track

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def make_track(artist: str, title: str, **fields) -> Track:
    names = artist.split("|")
    fields = {"id": f"id of {match_key(names[0], title)}", **fields}
    return Track(name=title, artists=tuple(Artist(f"id of {name}", name) for name in names), **fields)


def make_heard(artist: str, title: str, days: float = 400, **fields) -> Heard:
    key = match_key(artist, title)
    fields = {"id": f"id of {key}", "artist_id": f"id of {artist}", "isrc": "", **fields}
    return Heard(name=title, artist=artist, key=key, at=ago(days), **fields)


def make_given(artist: str, title: str, days: float, **fields) -> Given:
    key = match_key(artist, title)
    return Given(**{"id": f"id of {key}", "key": key, "isrc": "", "last": ago(days), **fields})


def make_found(artist: str, title: str, **fields) -> Found:
    told = {
        "source": "lastfm_similar_tracks",
        "relation": "similar_track",
        "seed": match_key("Seed", "One"),
        "because": "Seed - One",
        "match": 1.0,
        "rank": 1,
    }
    return Found(artist=artist, title=title, **{**told, **fields})


def make_ranked(artist: str, title: str, score: float, **fields) -> Ranked:
    vector = fields.pop("vector", {})
    candidate = Candidate(match_key(artist, title), artist_key(artist), artist, title, fields.pop("track", None))
    assert not fields
    return Ranked(candidate, score, {}, vector)


def make_profile(seeds: int = 2, known: dict[str, int] | None = None, **fields) -> Profile:
    """Seeds "Seed - One", "Seed - Two" and so on; `known`: artist -> count, all of them in `artists`."""
    titles = ("One", "Two", "Three", "Four")[:seeds]
    known = known or {}
    return Profile(
        tuple(Seed(t, t, "Seed", "s", match_key("Seed", t), 1.0, "like") for t in titles),
        tuple(SeedArtist(name, name, artist_key(name), count, "a track") for name, count in known.items()),
        {artist_key(name): count for name, count in known.items()},
        **fields,
    )
