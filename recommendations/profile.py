"""What today's playlist starts from: some of the listener's tracks, and his artists."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from itertools import chain

from recommendations.balance import shares
from recommendations.candidates import Heard, Listening, Profile, Seed, SeedArtist
from recommendations.identity import artist_key
from recommendations.languages import language
from recommendations.standing import is_disliked

SEEDS = 40  # more seeds, a deeper pool: 5, 10, 20 gave nDCG@30 .235, .276, .300
SEEDS_AN_ARTIST = 4  # an album played to the end is one taste, not ten
FRESH_DAYS = 30  # a like loses half its freshness in this time
FRESH = 3.0  # how much likelier a like or an earlier play of today is drawn than a very old one
ECHO_WEIGHT = 0.3  # for a play out of our own playlist: our choice and hardly his
ARTISTS = 40  # sources ask about the first few; where too little is found, they turn through all


def build_profile(
    listening: Listening,
    own_playlists: Collection[str],
    source_weights: Mapping[str, float],
    today: date,
    rng: random.Random,
    size: int = SEEDS,
) -> Profile:
    """A quarter the latest plays, a quarter earlier ones and half likes, drawn by `rng`; what one lacks another fills.

    `rng`: the same for one listener and day; another day draws others.
    """
    plays, echoes = _split(_welcome(listening.plays, listening), own_playlists)
    likes = list(_distinct(_welcome((*listening.likes, *listening.asked), listening)))
    counts = Counter(artist_key(heard.artist) for heard in _distinct(chain(plays, likes)))
    wanted = (play for play in plays if play.key in listening.liked_more)
    return Profile(
        seeds=_seeds(
            [*plays[: size // 4], *_drawn(plays[size // 4 :], today, rng)],
            _drawn(_distinct(chain(likes, wanted)), today, rng, listening.liked_more),
            echoes,
            size,
        ),
        artists=_artists(plays, likes, counts, today),
        known_artists=dict(counts),
        known=frozenset(one.key for one in chain(plays, likes)),
        barred=listening.disliked.union(listening.blocked, (given.key for given in listening.history)),
        day=today.toordinal(),
        source_weights=dict(source_weights),
        languages=shares((language(one.artist, one.name), weight) for one, weight in _weighed(plays, likes, today)),
    )


def _welcome(heard: Iterable[Heard], listening: Listening) -> Iterator[Heard]:
    """Newest first, without what the listener rejected."""
    newest = sorted(heard, key=lambda one: (-one.at.timestamp(), one.key, one.id))
    return (one for one in newest if not _is_rejected(one, listening))


def _is_rejected(one: Heard, listening: Listening) -> bool:
    if listening.disliked and is_disliked((one.key, one.id, one.isrc), listening.disliked):
        return True
    return bool(listening.blocked) and any(artist_key(name) in listening.blocked for name in (one.artist, *one.guests))


def _split(plays: Iterable[Heard], own_playlists: Collection[str]) -> tuple[list[Heard], list[Heard]]:
    """(played of his own accord, played from our playlists), each track once in either."""
    ours = {f"spotify:playlist:{id_}" for id_ in own_playlists}
    plays = list(plays)
    own, echoes = ([one for one in plays if (one.context in ours) == our] for our in (False, True))
    return list(_distinct(own)), list(_distinct(echoes))


def _distinct(heard: Iterable[Heard]) -> Iterator[Heard]:
    seen: set[str] = set()
    for one in heard:
        if one.key not in seen:
            seen.add(one.key)
            yield one


def _drawn(heard: Iterable[Heard], today: date, rng: random.Random, first: Collection[str] = ()) -> list[Heard]:
    """In a random order: those of the keys `first` first, then fresh ones likelier to come early."""

    def lot(one: Heard) -> tuple[bool, float, str]:
        weight = 1 + (FRESH - 1) * _freshness(one, today)
        return one.key not in first, -(rng.random() ** (1 / weight)), one.key

    order = sorted(heard, key=lambda one: one.key)
    return [one for _lot, one in sorted(((lot(one), one) for one in order), key=lambda pair: pair[0])]


def _freshness(one: Heard, today: date) -> float:
    return float(0.5 ** (max(0, (today - one.at.date()).days) / FRESH_DAYS))


def _seeds(plays: list[Heard], likes: list[Heard], echoes: list[Heard], size: int) -> tuple[Seed, ...]:
    chosen: dict[str, Seed] = {}
    taken: Counter[str] = Counter()

    def take(heard: list[Heard], origin: str, weight: float, until: int) -> None:
        for one in heard:
            artist = artist_key(one.artist)
            if len(chosen) < until and one.key not in chosen and taken[artist] < SEEDS_AN_ARTIST:
                taken[artist] += 1
                chosen[one.key] = Seed(one.id, one.name, one.artist, one.artist_id, one.key, weight, origin, one.isrc)

    take(plays, "play", 1.0, size // 2)
    take(likes, "like", 1.0, size)
    take(plays, "play", 1.0, size)
    # A few and no more, or a small library would in time be led by our lists alone.
    take(echoes, "play", ECHO_WEIGHT, min(size, max(size // 4, len(chosen) * 5 // 4)))
    return tuple(chosen.values())


def _weighed(plays: list[Heard], likes: list[Heard], today: date) -> Iterator[tuple[Heard, float]]:
    """Each of his tracks once; a fresh one counts up to twice."""
    return ((one, 1 + _freshness(one, today)) for one in _distinct(chain(plays, likes)))


def _artists(plays: list[Heard], likes: list[Heard], counts: Mapping[str, int], today: date) -> tuple[SeedArtist, ...]:
    """The artists with the most tracks."""
    weights: dict[str, float] = dict.fromkeys(counts, 0.0)
    newest: dict[str, Heard] = {}
    ids: dict[str, str] = {}
    isrcs: dict[str, str] = {}
    for one, weight in _weighed(plays, likes, today):
        key = artist_key(one.artist)
        weights[key] += weight
        newest.setdefault(key, one)
        ids[key] = ids.get(key) or one.artist_id
        isrcs[key] = isrcs.get(key) or one.isrc
    best = sorted(weights, key=lambda key: (-weights[key], key))[:ARTISTS]
    return tuple(
        SeedArtist(ids[key], newest[key].artist, key, counts[key], newest[key].name, isrcs[key]) for key in best
    )
