"""The listener's artists at Deezer: found by a recording of theirs, so that no name has to be searched for."""

from __future__ import annotations

from collections.abc import Sequence

from recommendations.candidates import SeedArtist
from recommendations.identity import artist_key
from recommendations.matching import SURE, matches
from recommendations.questions import Answer, Conversation, Row, deezer_artists
from vibe.clients.types import Artist, Track


def at_deezer(seeds: Sequence[SeedArtist]) -> Conversation[list[tuple[SeedArtist, str]]]:
    """Those of the artists that it has, each with Deezer's id."""
    seeds = [seed for seed in seeds if seed.isrc]
    answers = yield [deezer_artists(seed.isrc) for seed in seeds]
    known = ((seed, _id(seed, rows)) for seed, rows in zip(seeds, answers, strict=True))
    return [(seed, key) for seed, key in known if key]


def _id(seed: SeedArtist, rows: Answer) -> str:
    """Of the recording's artists the one who is meant; "" for none, since codes are given to other tracks too."""
    exact = (row.id for row in rows if artist_key(row.artist) == seed.key)
    return next(exact, "") or next((row.id for row in rows if _is_meant(seed, row)), "")


def _is_meant(seed: SeedArtist, row: Row) -> bool:
    """Under another spelling of his name."""
    recording = Track("", row.title, (Artist("", row.artist),), duration_ms=row.duration_ms)
    return matches(seed.name, row.title, recording, duration_ms=row.duration_ms) >= SURE
