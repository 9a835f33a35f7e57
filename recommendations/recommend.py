"""From what a listener hears to a list of tracks for one day: profile, sources, dedupe, rank, select, resolve."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from recommendations.candidates import Candidate, Found, Heard, Listening, Profile, Ranked, Selection
from recommendations.collect import SourceReport, collect_enough
from recommendations.converse import Budget, Memory, converse
from recommendations.dedupe import merge
from recommendations.profile import build_profile
from recommendations.ranking import rank
from recommendations.resolve import look_up
from recommendations.selection import select
from recommendations.services import Services
from vibe.clients.types import Track

SEEDS = 30  # more seeds, a deeper pool: 5, 10, 20 gave nDCG@30 .235, .276, .300
SPARE = 1.5  # names looked up for each track wanted: some are not at Spotify
WAVES = 3

Progress = Callable[..., None]  # progress(step, **counts)


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
    source_weights: Mapping[str, float] = field(default_factory=dict)
    artificial: frozenset[str] = frozenset()  # keys and Spotify ids of artists who are none


@dataclass(frozen=True, slots=True)
class Recommendation:
    selection: Selection
    profile: Profile
    ranked: list[Ranked]
    sources: list[SourceReport]
    resolved: frozenset[str]  # keys of candidates that are known to be at Spotify
    looked_up: dict[str, int]  # names wanted, found, missing, from the cache; waves


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
    """One list. Raises nothing of the sources' own: what failed is in `sources`. `tick`: see `converse`."""
    profile = build_profile(listening, wish.own_playlists, wish.source_weights, wish.today, rng, SEEDS)
    known = {heard.key for heard in (*listening.likes, *listening.plays)} | {given.key for given in listening.history}

    def enough(found: list[Found]) -> bool:
        return sum(candidate.key not in known for candidate in merge(found)) >= SPARE * wish.size

    found, reports = collect_enough(profile, services, memory, budget, enough, tick)
    candidates = merge(found)
    by_source = {report.source: report.found for report in reports if report.state == "asked"}
    progress("candidates", found=len(found), candidates=len(candidates), **by_source)
    ranked = rank(candidates, profile, {heard.key for heard in (*listening.likes, *listening.plays)})
    progress("selecting", candidates=len(ranked))
    resolver = _Resolver(listening, wish, services, memory, names, budget, ranked, tick)
    selection = resolver.run(progress)
    resolved = frozenset(key for key, track in resolver.known.items() if track)
    return Recommendation(selection, profile, ranked, reports, resolved, resolver.counts)


class _Resolver:
    """Looks names up in waves until the list is full, nothing is left, or the budget is spent."""

    def __init__(
        self,
        listening: Listening,
        wish: Wish,
        services: Services,
        memory: Memory,
        names: Names,
        budget: Budget,
        ranked: list[Ranked],
        tick: Callable[[], None],
    ) -> None:
        self.listening, self.wish, self.services, self.memory = listening, wish, services, memory
        self.names, self.budget, self.ranked, self.tick = names, budget, ranked, tick
        self.familiar = longest_unheard_first(listening)
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
            # A reused track only fills what new ones can't, so it does not end the search for those.
            short = size - sum(pick.is_new for pick in self.choose(size).picks)
            if not short:
                break
            wanted += math.ceil(SPARE * short)
        return self.choose(size)

    def look_up(self, wave: list[Candidate]) -> None:
        outcome = converse({"resolve": look_up(wave, self.crowd)}, self.services, self.memory, self.budget, self.tick)[
            "resolve"
        ]
        learnt = outcome.result or {}
        self.names.learn(learnt)
        self.known |= learnt
        self.counts["waves"] += 1
        self.counts["wanted"] += len(wave)
        self.counts["found"] += sum(1 for c in wave if learnt.get(c.key))
        self.counts["missing"] += sum(1 for c in wave if c.key in learnt and not learnt[c.key])

    def choose(self, size: int, *, by_name: bool = False) -> Selection:
        return select(
            self.ranked,
            listening=self.listening,
            size=size,
            min_new_ratio=self.wish.min_new_ratio,
            cooldown_days=self.wish.cooldown_days,
            now=self.wish.now,
            unavailable={key for key, track in self.known.items() if track is None},
            resolved=None if by_name else {key: track for key, track in self.known.items() if track},
            familiar=self.familiar,
            artificial=self.wish.artificial,
        )


def longest_unheard_first(listening: Listening) -> list[Heard]:
    """The likes, for what nothing found can fill."""
    heard = {play.key: play.at for play in reversed(listening.plays)}
    return sorted(listening.likes, key=lambda like: (heard.get(like.key, like.at), like.key))
