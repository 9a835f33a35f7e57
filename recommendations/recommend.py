"""From what a listener hears to a list of tracks for one day: profile, sources, dedupe, rank, select, resolve."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from typing import Any, Protocol

from recommendations.candidates import Candidate, Heard, Listening, Profile, Ranked, Selection
from recommendations.choosing import language_of
from recommendations.collect import SourceReport
from recommendations.converse import Budget, Memory, converse
from recommendations.follow import Outside, find_course, search, to_rank
from recommendations.follow import Progress as Progress
from recommendations.own import forgotten, is_forgotten
from recommendations.profile import build_profile
from recommendations.ranking import rank
from recommendations.reasons import Acquaintance
from recommendations.resolve import SPARE, look_up
from recommendations.selection import select
from recommendations.services import Services
from recommendations.steered import Course
from recommendations.steering import Steer
from vibe.clients.types import Track

WAVES = 3


class Names(Protocol):
    """Names looked up before: match key -> track, or None for "not at Spotify"."""

    def known(self, keys: Collection[str]) -> dict[str, Track | None]: ...

    def learn(self, tracks: Mapping[str, Track | None]) -> None: ...


@dataclass(frozen=True, slots=True)
class Wish:
    """What one list should be."""

    size: int
    min_new_ratio: float
    cooldown_days: int
    now: datetime
    today: date  # the user's local date
    own_playlists: frozenset[str] = frozenset()
    market: str = ""
    source_weights: Mapping[str, float] = field(default_factory=dict)
    artificial: frozenset[str] = frozenset()  # keys and Spotify ids of artists who are none
    wildness: float = 0.0  # 0..1, from closest to his taste to farthest
    languages: Mapping[str, float] | None = None  # language -> share; None: as he listens, empty: whatever comes
    steer: Steer | None = None  # a style or an artist for this list alone


@dataclass(frozen=True, slots=True)
class Recommendation:
    selection: Selection
    profile: Profile
    listener: Acquaintance  # what the reasons may tell of him
    ranked: list[Ranked]
    sources: list[SourceReport]
    resolved: frozenset[str]  # keys of candidates that are known to be at Spotify
    looked_up: dict[str, int]  # names wanted, found, missing, from the cache; waves
    rated: Mapping[str, Any]  # what `rank` was called with, and ...
    chosen: Mapping[str, Any]  # ... what `select` was, from which the same list can be made again
    followed: Mapping[str, Any]  # of a wish: the artist or the tags it was found to mean

    @property
    def languages(self) -> dict[str, dict[str, float]]:
        """The shares that were aimed at, none where all was welcome, and how many tracks are in which language."""
        told = Counter(language_of(pick.candidate, pick.track) for pick in self.selection.picks)
        return {"aimed": dict(self.chosen["shares"]), "tracks": dict(told)}


def recommend(
    listening: Listening,
    wish: Wish,
    services: Services,
    memory: Memory,
    names: Names,
    budget: Budget,
    rng: random.Random,
    progress: Progress,
    tick: Callable[[], None] = lambda: None,
) -> Recommendation:
    """One list. Raises nothing of the sources' own: what failed is in `sources`. `tick`: see `converse`.

    A wish that can't be followed raises `Astray`.
    """
    profile_of = partial(_profile, wish, rng)
    everyday, outside = profile_of(listening), Outside(services, memory, budget, tick)
    way = find_course(wish.steer, listening, everyday, wish.size, profile_of, outside) if wish.steer else None
    profile = way.profile if way else everyday
    candidates, reports = search(profile, listening, SPARE * wish.size, way, outside, progress)
    asked = to_rank(candidates, profile, listening, wish.wildness, way, outside)
    ranked = rank(**asked)
    progress("selecting", candidates=len(ranked))
    shares = profile.languages if wish.languages is None else wish.languages
    resolver = _Resolver(listening, wish, {} if way else shares, services, memory, names, budget, ranked, tick, way)
    selection = resolver.run(progress)
    listener = Acquaintance.of(profile, listening, wish.own_playlists, wish.now)
    return Recommendation(
        selection,
        profile,
        replace(listener, artists=everyday.known_artists),
        ranked,
        reports,
        frozenset(key for key, track in resolver.known.items() if track),
        resolver.counts,
        asked,
        resolver.asked(wish.size),
        way.followed if way else {},
    )


def _profile(wish: Wish, rng: random.Random, listening: Listening) -> Profile:
    made = build_profile(listening, wish.own_playlists, wish.source_weights, wish.today, rng)
    return replace(made, market=wish.market)


class _Resolver:
    """Looks names up in waves until the list is full, nothing is left, or the budget is spent."""

    def __init__(
        self,
        listening: Listening,
        wish: Wish,
        shares: Mapping[str, float],
        services: Services,
        memory: Memory,
        names: Names,
        budget: Budget,
        ranked: list[Ranked],
        tick: Callable[[], None],
        way: Course | None = None,
    ) -> None:
        self.listening, self.wish, self.shares = listening, wish, shares
        self.services, self.memory = services, memory
        self.names, self.budget, self.ranked, self.tick = names, budget, ranked, tick
        his = way.listening if way else listening
        self.familiar = longest_unheard_first(his)
        self.forgotten = forgotten(his, wish.today)
        self.caps = way.caps if way else {}
        self.known = names.known([r.candidate.key for r in ranked if r.candidate.track is None])
        open_names = [r.candidate for r in ranked if r.candidate.track is None and r.candidate.key not in self.known]
        self.crowd = Counter(candidate.artist_key for candidate in open_names)
        self.counts = {"wanted": 0, "found": 0, "missing": 0, "cached": len(self.known), "waves": 0}

    def run(self, progress: Progress) -> Selection:
        size = self.wish.size
        wanted = math.ceil(SPARE * size)
        for _wave in range(WAVES):
            wave = [
                pick.candidate
                for pick in self.choose(wanted, by_name=True).picks
                if pick.track is None and pick.candidate.key not in self.known
            ]
            if not wave:
                break
            progress("resolving", names=len(wave))
            self.look_up(wave)
            # A reused track only fills what new ones can't, so it does not end the search for those; seasoning does.
            short = size - sum(pick.is_new or is_forgotten(pick) for pick in self.choose(size).picks)
            if not short:
                break
            wanted += math.ceil(SPARE * short)
        return self.choose(size)

    def look_up(self, wave: list[Candidate]) -> None:
        conversation = look_up(wave, self.crowd, by_id=self.services.available("listenbrainz_labs"))
        outcome = converse({"resolve": conversation}, self.services, self.memory, self.budget, self.tick)["resolve"]
        learnt = outcome.result or {}
        self.names.learn(learnt)
        self.known |= learnt
        self.counts["waves"] += 1
        self.counts["wanted"] += len(wave)
        self.counts["found"] += sum(1 for c in wave if learnt.get(c.key))
        self.counts["missing"] += sum(1 for c in wave if c.key in learnt and not learnt[c.key])

    def choose(self, size: int, *, by_name: bool = False) -> Selection:
        """`by_name`: what to look up, for which nothing is needed that is at Spotify already."""
        asked = self.asked(size)
        return select(self.ranked, **(asked | {"resolved": None, "forgotten": ()} if by_name else asked))

    def asked(self, size: int) -> dict[str, Any]:
        """What `select` is asked, which the ledger keeps (see `replay`)."""
        return {
            "listening": self.listening,
            "size": size,
            "min_new_ratio": self.wish.min_new_ratio,
            "cooldown_days": self.wish.cooldown_days,
            "now": self.wish.now,
            "unavailable": {key for key, track in self.known.items() if track is None},
            "resolved": {key: track for key, track in self.known.items() if track},
            "familiar": self.familiar,
            "forgotten": self.forgotten,
            "artificial": self.wish.artificial,
            "shares": self.shares,
            "caps": self.caps,
        }


def longest_unheard_first(listening: Listening) -> list[Heard]:
    """The likes, for what nothing found can fill."""
    heard = {play.key: play.at for play in reversed(listening.plays)}
    return sorted(listening.likes, key=lambda like: (heard.get(like.key, like.at), like.key))
