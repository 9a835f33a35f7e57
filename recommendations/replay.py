"""What a choice was made from, small enough to keep, and the same choice again: by the same `rank` and `select`.

Kept is what those two were asked. Of the listener only what touches a candidate stays, and of his tracks the names of
those alone that led to one: they are the reasons.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from math import ceil
from typing import Any

from recommendations.candidates import Candidate, Given, Heard, Listening, Profile, Ranked, Selection
from recommendations.identity import artist_key, credited, match_key, song
from recommendations.own import own
from recommendations.plain import Plain, from_plain, to_plain
from recommendations.ranking import rank
from recommendations.resolve import SPARE
from recommendations.selection import select
from vibe.clients.types import Artist, Track

VERSION = 2
OWN_AT_MOST = 1000  # likes that might fill a list
SOME_TIME = datetime(2000, 1, 1, tzinfo=UTC)
Asked = Mapping[str, Any]  # the arguments of a call, by name


class TooOld(Exception):
    """It was kept by another version, or does not hold what this one needs."""


@dataclass(frozen=True, slots=True)
class Stored:
    rated: Asked  # of `rank`
    chosen: Asked  # of `select`


@dataclass(frozen=True, slots=True)
class Replay:
    selection: Selection  # a pick whose track has no id would have to be looked up
    ranked: Sequence[Ranked]

    @property
    def open(self) -> int:
        """How many of the picks would have to be looked up."""
        return sum(is_open(pick.track) for pick in self.selection.picks)


def is_open(track: Track | None) -> bool:
    return track is None or not track.id


def pack(rated: Asked, chosen: Asked, selection: Selection) -> Plain:
    """`selection`: what came of it."""
    chosen = {**chosen, **_fillers(chosen, selection)}
    candidates = [*rated["candidates"], *_likes(chosen)]
    touched = frozenset(mark for one in candidates for mark in _marks(one, chosen)) - {""}
    keys = {one.key for one in rated["candidates"]}

    def bare(track: Track) -> Track:
        """Without its picture, and the ids of artists whom nobody objects to."""
        artists = (one if one.id in chosen["artificial"] else Artist("", one.name) for one in track.artists)
        return replace(track, artists=tuple(artists), cover="")

    rated = {
        **rated,
        "candidates": [_without_words(one, bare) for one in rated["candidates"]],
        "known": keys.intersection(rated["known"]),
        "profile": _profile(rated["profile"], touched),
    }
    chosen = {
        **chosen,
        "listening": _listening(chosen["listening"], touched),
        "artificial": touched.intersection(chosen["artificial"]),
        "unavailable": keys.intersection(chosen["unavailable"]),
        "resolved": {key: bare(track) for key, track in chosen["resolved"].items() if key in keys},
    }
    return {"v": VERSION, **to_plain([rated, chosen])}


def unpack(plain: Plain) -> Stored:
    """Raises TooOld."""
    if not isinstance(plain, dict) or plain.get("v") != VERSION:
        raise TooOld
    try:
        return Stored(*from_plain(plain))
    except (KeyError, IndexError, TypeError, ValueError):
        raise TooOld from None


def replay(stored: Stored, **changes: Any) -> Replay:
    """The choice again. `changes`: arguments of `rank` or `select`, and `weights`, by source.

    Names that were not looked up then are not at hand. Where the changes would have others looked up, those count too.
    """
    before, after = _Call(stored), _Call(stored, **changes)
    known = after.chosen["resolved"]
    if not changes:
        return Replay(after.select(known), after.ranked)
    wanted = after.wanted()
    for names in (_apart(wanted, before.wanted()), wanted):
        selection = after.select({**known, **names})
        if len(selection.picks) == after.chosen["size"]:
            break
    return Replay(selection, after.ranked)


class _Call:
    """`rank` and `select` with what was kept and the changes."""

    def __init__(self, stored: Stored, **changes: Any) -> None:
        profile = stored.rated["profile"]
        if weights := changes.pop("weights", None):
            profile = replace(profile, source_weights={**profile.source_weights, **weights})
        self.chosen: dict[str, Any] = {**stored.chosen, **_of(select, changes)}
        self.ranked = rank(**{**stored.rated, "profile": profile, **_of(rank, changes)})

    def select(self, resolved: Mapping[str, Track] | None, **changes: Any) -> Selection:
        return select(self.ranked, **{**self.chosen, "resolved": resolved, **changes})

    def wanted(self) -> dict[str, Track]:
        """What a run would look up first, as far as it was not looked up; by key, each as a track without an id."""
        picks = self.select(None, size=ceil(SPARE * self.chosen["size"]), forgotten=()).picks
        open_ones = [pick.candidate for pick in picks if pick.track is None]
        return {
            one.key: Track("", one.title, (Artist("", one.artist),))
            for one in open_ones
            if one.key not in self.chosen["resolved"]
        }


def _of(function: Callable[..., Any], changes: Asked) -> dict[str, Any]:
    names = inspect.signature(function).parameters
    return {name: value for name, value in changes.items() if name in names}


def _apart(names: Mapping[str, Track], others: Iterable[str]) -> dict[str, Track]:
    return {key: track for key, track in names.items() if key not in set(others)}


def _likes(chosen: Asked) -> Iterator[Candidate]:
    """The listener's own that might be picked, as candidates."""
    yield from (own(heard).candidate for heard in chosen["familiar"])
    yield from (one.candidate for one in chosen["forgotten"])


def _fillers(chosen: Asked, selection: Selection) -> dict[str, Sequence[Any]]:
    """As many as the list has tracks, and all up to the last that was picked: what comes later changes nothing."""
    picked = {pick.candidate.key for pick in selection.picks}

    def first(some: Sequence[Any], keys: Sequence[str]) -> Sequence[Any]:
        last = max((place for place, key in enumerate(keys, 1) if key in picked), default=0)
        return some[: min(OWN_AT_MOST, max(last, chosen["size"]))]

    familiar, forgotten = chosen["familiar"], chosen["forgotten"]
    return {
        "familiar": first([replace(one, context="") for one in familiar], [one.key for one in familiar]),
        "forgotten": first(forgotten, [one.candidate.key for one in forgotten]),
    }


def _marks(one: Candidate, chosen: Asked) -> Iterator[str]:
    """All by which a candidate, its artists and guests may be known to the listener, or named as a reason."""
    yield from (one.key, song(one.key), one.isrc, one.artist_key, *credited(one.title), *credited(one.artist))
    yield from (word.seed for word in one.found)
    for track in filter(None, (one.track, chosen["resolved"].get(one.key))):
        key = match_key(track.artist.name, track.name)
        yield from (key, song(key), track.id, track.isrc, *credited(track.name))
        for artist in track.artists:
            yield from (artist.id, artist_key(artist.name))


def _without_words(one: Candidate, bare: Callable[[Track], Track]) -> Candidate:
    """Without the names in each word: the candidate has them."""
    found = [replace(word, artist="", title="", track=None) for word in one.found]
    return replace(one, found=found, track=one.track and bare(one.track))


def _profile(profile: Profile, touched: frozenset[str]) -> Profile:
    known = {artist: count for artist, count in profile.known_artists.items() if artist in touched}
    return replace(profile, known_artists=known, known=profile.known & touched, barred=frozenset(), artists=())


def _listening(listening: Listening, touched: frozenset[str]) -> Listening:
    """A field of another kind than those of today stays whole."""
    return replace(
        listening, **{field.name: _touched(getattr(listening, field.name), touched) for field in fields(listening)}
    )


def _touched(value: Any, touched: frozenset[str]) -> Any:
    if isinstance(value, frozenset):
        return touched & value
    if isinstance(value, tuple) and all(isinstance(one, Heard | Given) for one in value):
        return tuple(_nameless(one) for one in value if not touched.isdisjoint((one.key, one.id, one.isrc)))
    return value


def _nameless(one: Heard | Given) -> Heard | Given:
    """That it was heard tells enough; of what was given it matters when."""
    if isinstance(one, Given):
        return one
    return replace(one, name="", artist="", artist_id="", context="", guests=(), at=SOME_TIME)
