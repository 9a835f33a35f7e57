"""The words of the engine. Plain Python: no Django, no models, no network."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from vibe.clients.types import Track


@dataclass(frozen=True, slots=True)
class Heard:
    """A track of the listener's own: liked (`at` = when) or played (`at` = when, `context` = from what)."""

    id: str
    name: str
    artist: str
    artist_id: str
    key: str  # match_key(artist, name)
    isrc: str
    at: datetime
    context: str = ""
    guests: tuple[str, ...] = ()  # names of its other artists


@dataclass(frozen=True, slots=True)
class Given:
    """A track this account was recommended before."""

    id: str
    key: str
    isrc: str
    last: datetime


@dataclass(frozen=True, slots=True)
class Listening:
    """Everything the engine knows of one listener; newest first in each list."""

    likes: tuple[Heard, ...] = ()
    plays: tuple[Heard, ...] = ()  # within RECENT_DAYS_WINDOW
    history: tuple[Given, ...] = ()
    liked_more: frozenset[str] = frozenset()  # keys of tracks he asked more of
    more: frozenset[str] = frozenset()  # of those, the ones he wants more like, and did not only like
    asked: tuple[Heard, ...] = ()  # these tracks, which may be neither likes nor plays of his; `at` = when he asked
    disliked: frozenset[str] = frozenset()  # keys, ids and ISRCs of tracks
    blocked: frozenset[str] = frozenset()  # artist keys


@dataclass(frozen=True, slots=True)
class Seed:
    """One of the listener's tracks (or its artist) that a question starts from."""

    id: str
    name: str
    artist: str
    artist_id: str
    key: str
    weight: float
    origin: str  # "play" or "like"
    isrc: str = ""

    @property
    def because(self) -> str:
        """As the listener recognises it."""
        return f"{self.artist} - {self.name}"


@dataclass(frozen=True, slots=True)
class SeedArtist:
    id: str
    name: str
    key: str  # artist_key(name)
    count: int  # how many of the listener's tracks are by this artist
    track: str  # one of them, for the reason
    isrc: str = ""  # of the newest of them that has one

    @property
    def because(self) -> str:
        """As the listener recognises it."""
        return self.name


@dataclass(frozen=True, slots=True)
class Profile:
    seeds: tuple[Seed, ...]
    artists: tuple[SeedArtist, ...]  # most counted first
    known_artists: Mapping[str, int]  # artist key -> known tracks by that artist
    known: frozenset[str] = frozenset()  # keys of the tracks he likes or plays of his own accord
    barred: frozenset[str] = frozenset()  # keys of tracks and artists that can't be new to him or that he rejected
    day: int = 0  # of the calendar, to turn through more than a day can ask about
    market: str = ""  # the country where he listens; "" where nobody tells
    wide: bool = False  # too little was found: sources that have more artists to ask about do so
    source_weights: Mapping[str, float] = field(
        default_factory=dict
    )  # source -> how much its word counts; 1 where absent
    languages: Mapping[str, float] = field(default_factory=dict)  # language -> its share of what he hears


@dataclass(frozen=True, slots=True)
class Found:
    """One source's word for one track."""

    source: str  # stored id of the source; never renamed
    relation: str  # how the seed leads here: one of `reasons.BEST_FIRST`, or "presumed", which is no reason
    seed: str  # key of the seed track, or artist key
    because: str  # the seed as a person reads it: "Artist - Title" or "Artist"
    match: float  # 0..1 within the seed's answer, 0 where it tells no match; of "mutual", a part of the whole list
    rank: int  # from 1, within the seed's answer or the artist's top list; 0 where there is none
    artist: str
    title: str
    track: Track | None = None  # where the source already speaks Spotify's ids
    duration_ms: int = 0  # where the source tells it
    isrc: str = ""


@dataclass(slots=True)
class Candidate:
    """All that was found of one track, under one identity."""

    key: str
    artist_key: str
    artist: str
    title: str
    track: Track | None
    found: list[Found] = field(default_factory=list)
    duration_ms: int = 0  # these two help to tell its track from others; 0 and "" where nobody tells
    isrc: str = ""


class Ranked(NamedTuple):
    """A candidate and its worth; a tuple, since thousands are made."""

    candidate: Candidate
    score: float  # from 0; the loudest votes are 1, and what else speaks for it comes on top
    parts: Mapping[str, float]  # what the score is made of
    vector: Mapping[str, float]  # "source seed" -> match, for diversity
    recognised: Collection[str] = frozenset()  # seeds and artists that may be named as a reason


@dataclass(frozen=True, slots=True)
class Pick:
    candidate: Candidate
    track: Track | None  # None while its name is not resolved yet
    score: float
    is_new: bool
    reason: Found | None  # None: a fallback of the listener's own likes


@dataclass(frozen=True, slots=True)
class Selection:
    picks: tuple[Pick, ...]
    relaxations: tuple[str, ...]  # the rules that gave way, in order
    fates: Mapping[str, str]  # candidate key -> "picked:3" or the rule that removed it

    @property
    def novelty(self) -> float:
        """The share of new tracks, 1.0 for an empty list."""
        return sum(pick.is_new for pick in self.picks) / len(self.picks) if self.picks else 1.0
