"""Why a track is in the list, as plain facts; `playlists/reasons.py` says them in the reader's language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from recommendations.candidates import Candidate, Found, Heard, Listening, Pick, Profile

BEST_FIRST = (
    *(
        "asked_artist",
        "similar_track",
        "mutual",
        "recommended",
        "artist_top",
        "asked_tag",
        "asked_style",
        "similar_artist",
    ),
    *("tag", "deep_cut", "radio", "search", "forgotten_like"),
)
STRENGTH = {relation: place for place, relation in enumerate(BEST_FIRST)}
OF_TRACKS = ("similar_track", "mutual", "recommended")  # the others start from an artist or from nothing of his
BACK = ("mutual", "presumed")  # from the candidate to the listener's own; the second names no track and is no reason
# These tell their reason without a seed that must be recognised.
EVIDENT = ("tag", "asked_tag", "asked_style", "forgotten_like")
WISH = "wish"  # the origin of seeds that are not his: a wish for one list has led to them
WEEK = timedelta(days=7)

Facts = dict[str, Any]


def reason(candidate: Candidate, profile: Profile) -> Found | None:
    """The strongest word whose seed the listener can recognise: a track or an artist of his."""
    return strongest(candidate.found, recognised(profile))


def strongest(found: Iterable[Found], known: Collection[str]) -> Found | None:
    honest = (word for word in found if word.seed in known or word.relation in EVIDENT)
    return min(honest, key=_strength, default=None)


def _strength(word: Found) -> tuple[int, float, int, str, str]:
    return STRENGTH.get(word.relation, len(STRENGTH)), -word.match, word.rank, word.source, word.because


def recognised(profile: Profile) -> frozenset[str]:
    """Keys of the tracks and artists that may be named: he knows them."""
    return profile.known.union(profile.known_artists, (seed.key for seed in profile.seeds))


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """What the reasons may tell of the listener: how he came to the tracks and artists that lead to others."""

    known: frozenset[str]  # keys that may be named
    artists: Mapping[str, int]  # artist key -> tracks of it that he likes or played
    liked: Mapping[str, int]  # artist key -> tracks of it that he likes or asked more of
    likes: Mapping[str, int]  # key, id and ISRC of a like -> the year he liked it in
    own: frozenset[str]  # keys of tracks he played of his own accord
    week: Mapping[str, int]  # such a key -> plays within the last week
    asked: frozenset[str]  # keys of tracks he asked more of

    @classmethod
    def of(cls, profile: Profile, listening: Listening, own_playlists: Collection[str], now: datetime) -> Acquaintance:
        """`own_playlists`: what is played out of them was our choice, so he did not play it."""
        ours = {f"spotify:playlist:{id_}" for id_ in own_playlists}
        played = [one for one in listening.plays if one.context not in ours]
        words = [one for one in listening.asked if one.key not in listening.more]
        liked = {one.key for one in (*listening.likes, *listening.asked)}
        his = liked.union(one.key for one in listening.plays)
        strange = {seed.key for seed in profile.seeds if seed.origin == WISH} - his
        return cls(
            recognised(profile) - strange,
            profile.known_artists,
            Counter(key.partition(" | ")[0] for key in liked),
            {mark: one.at.year for one in (*words, *listening.likes) for mark in _marks(one)},
            frozenset(one.key for one in played),
            Counter(one.key for one in played if now - WEEK < one.at <= now),
            listening.more,
        )


def _marks(one: Heard) -> Iterable[str]:
    return filter(None, (one.key, one.id, one.isrc))


def facts(pick: Pick, listener: Acquaintance) -> Facts:
    """The reason as it is stored: `relation`, and of the others those that apply (docs/engine.md, Reasons)."""
    why = pick.reason
    told = _told(why, pick.candidate.found, listener) if why else {"relation": "fallback"}
    return told if pick.is_new else told | _again(pick, listener)


def _told(why: Found, found: Iterable[Found], listener: Acquaintance) -> Facts:
    told: Facts = {"relation": why.relation, "because": why.because, "source": why.source}
    if why.relation in OF_TRACKS and why.seed in listener.known:
        others = _others(why, found, listener)
        told |= _origin(why.seed, listener)
        if others:
            told |= {"also": {"because": others[0].because} | _origin(others[0].seed, listener)}
        if others[1:]:
            told |= {"more": len(others) - 1}
    elif why.seed in listener.liked or any(key.startswith(f"{why.seed} | ") for key in listener.own):
        told |= {"origin": "artist", "liked": listener.liked.get(why.seed, 0)}
    return told


def _others(why: Found, found: Iterable[Found], listener: Acquaintance) -> list[Found]:
    """One word for each further track of his that leads here, the strongest first."""
    words = [word for word in found if word.relation in OF_TRACKS and word.seed in listener.known]
    first = {word.seed: word for word in sorted(words, key=_strength, reverse=True) if word.seed != why.seed}
    return sorted(first.values(), key=_strength)


def _origin(seed: str, listener: Acquaintance) -> Facts:
    """How the listener came to a seed track: the strongest that is true of it."""
    if seed in listener.asked:
        return {"origin": "asked"}
    if plays := listener.week.get(seed, 0):
        return {"origin": "play", "plays": plays}
    if seed in listener.likes:
        return {"origin": "like"}
    return {"origin": "play" if seed in listener.own else "echo"}


def _again(pick: Pick, listener: Acquaintance) -> Facts:
    """Whence he has a track that is not new to him."""
    track = pick.track
    marks = (pick.candidate.key, *((track.id, track.isrc) if track else ()))
    year = next((listener.likes[mark] for mark in marks if mark in listener.likes), 0)
    return {"again": "like", "year": year} if year else {"again": "given"}


def artists(picks: Iterable[Pick], listener: Acquaintance) -> dict[str, int]:
    """How many artists a list has, and how many of them are new to the listener."""
    names = {pick.candidate.artist_key for pick in picks}
    return {"all": len(names), "new": len(names - listener.artists.keys())}
