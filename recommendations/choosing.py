"""The greedy choice of a list: what is best and least like the rest, while rules allow it."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf, sqrt

from recommendations.balance import Quota
from recommendations.candidates import Candidate, Ranked
from recommendations.identity import song
from recommendations.languages import LATIN, language
from recommendations.own import EACH
from recommendations.spacing import can_space
from recommendations.standing import GIVEN_LATELY, HEARD_LATELY, NEW, REUSABLE, Marks
from vibe.clients.types import Track

SAMENESS = 0.1  # MMR: up to here diversity is free, .3 costs 4-5 % of nDCG
WINDOW = 10  # MMR looks at the best WINDOW x size
ARTIST_CAP = 2


@dataclass(slots=True)
class Option:
    ranked: Ranked
    track: Track | None
    marks: Marks
    artist: str  # artist key, for cap and spacing
    standing: int
    strength: float = 0.0  # the score, 1 for the best
    likeness: float = 0.0  # to the most similar one chosen of the first `compared`
    compared: int = 0
    told: str | None = None  # its language, once somebody asked
    square: float = 0.0  # of its vector's length, once somebody asked

    @property
    def language(self) -> str:
        if self.told is None:
            self.told = language_of(self.ranked.candidate, self.track)
        return self.told

    @property
    def song(self) -> str:
        return song(self.ranked.candidate.key)


def language_of(candidate: Candidate, track: Track | None) -> str:
    """By either name: a source may spell in Latin what Spotify does not, or the other way about."""
    told = language(candidate.artist, candidate.title)
    return (track and told in ("", LATIN) and language(track.artist.name, track.name)) or told


Pools = list[list[Option]]  # by standing, best first
Judge = Callable[[Option], str]  # why it may never be given, or ""
Welcome = Callable[[Option], bool]  # whether its language is


@dataclass(frozen=True, slots=True)
class Rules:
    spaced: bool = True
    capped: bool = True
    worst: int = REUSABLE
    floor: bool = True


# What gives way, in this order, while the list is short. Before any of it, the shares of the languages do.
STAGES = (
    Rules(),
    Rules(spaced=False),
    Rules(spaced=False, capped=False),
    Rules(spaced=False, capped=False, worst=HEARD_LATELY),
    Rules(spaced=False, capped=False, worst=HEARD_LATELY, floor=False),
    Rules(spaced=False, capped=False, worst=GIVEN_LATELY, floor=False),
)


@dataclass(slots=True)
class Chosen:
    size: int
    reusable: int  # how many may be reused while the floor holds
    judge: Judge  # asked late: most options are never looked at
    quota: Quota | None = None
    caps: Mapping[str, int] = field(default_factory=dict)  # artist key -> tracks, where it is not the usual number
    options: list[Option] = field(default_factory=list)
    marks: set[str] = field(default_factory=set)
    artists: Counter[str] = field(default_factory=Counter)
    refused: dict[str, str] = field(default_factory=dict)  # key of a candidate -> the rule that was in its way

    def cap(self, artist: str) -> int:
        return self.caps.get(artist, ARTIST_CAP)

    def has(self, option: Option) -> bool:
        """The track, or another take of its song."""
        return option.song in self.marks or not self.marks.isdisjoint(option.marks)

    def is_full(self, artist: str) -> bool:
        return self.artists[artist] >= self.cap(artist)

    @property
    def new(self) -> int:
        return sum(option.standing == NEW for option in self.options)

    def fill(self, pools: Pools, rules: Rules) -> None:
        """New tracks first; reused ones only where these do not suffice."""
        self._fill_from(pools[NEW], self.size, rules)
        for standing in range(REUSABLE, rules.worst + 1):
            until = min(self.size, self.new + self.reusable) if rules.floor else self.size
            self._fill_from(pools[standing], until, rules)

    def season(self, new: list[Option], forgotten: list[Option]) -> None:
        """One in `EACH` is a like he has forgotten, amid new ones; none where all have to be new."""
        for place in range(min(self.reusable, self.size // EACH)):
            before = place * EACH + EACH // 2
            self._take(new, before, STAGES[0], self._is_fair)
            if len(self.options) < before:
                return
            self._take(forgotten, before + 1, STAGES[0], self._is_fair)

    def _fill_from(self, pool: list[Option], until: int, rules: Rules) -> None:
        """In fair shares; then no language too much, though another has less than its own; then in any."""
        for welcome in (self._is_fair, self._is_not_over, _is_any) if self.quota else (_is_any,):
            if len(self.options) < until:
                self._take(pool, until, rules, welcome)

    def _take(self, pool: list[Option], until: int, rules: Rules, welcome: Welcome) -> None:
        """Greedily by MMR, a window at a time. A gain can only fall as the list grows, so stale ones are bounds."""
        for start in range(0, len(pool), WINDOW * self.size):
            if len(self.options) >= until:
                return
            window = pool[start : start + WINDOW * self.size]
            if start:  # what is not allowed now never is in this call; most lists end in their first window
                window = [option for option in window if self._allows(option, rules, welcome)]
            heap = [(-self._gain(option), place, option) for place, option in enumerate(window)]
            heapq.heapify(heap)
            while heap and len(self.options) < until:
                gain, place, option = heap[0]
                if not self._allows(option, rules, welcome):
                    heapq.heappop(heap)
                elif (now := -self._gain(option)) > gain:
                    heapq.heapreplace(heap, (now, place, option))
                else:
                    self._add(option)

    def _gain(self, option: Option) -> float:
        for other in self.options[option.compared :]:
            option.likeness = max(option.likeness, _likeness(option, other))
        option.compared = len(self.options)
        return (1 - SAMENESS) * option.strength - SAMENESS * option.likeness

    def _allows(self, option: Option, rules: Rules, welcome: Welcome) -> bool:
        if self.has(option):
            return False
        already = self.artists[option.artist]
        if rules.capped and self.is_full(option.artist):
            return False
        if rules.spaced and already and not can_space([*self.artists.elements(), option.artist], self.size):
            return False
        why = self.judge(option) if welcome(option) else "language_share"
        if why:
            self.refused[option.ranked.candidate.key] = why
        return not why

    def _is_fair(self, option: Option) -> bool:
        return not self.quota or self.quota.allows(option.language, self.size - len(self.options))

    def _is_not_over(self, option: Option) -> bool:
        return not self.quota or self.quota.allows(option.language, inf)

    def _add(self, option: Option) -> None:
        self.options.append(option)
        self.marks.update((*option.marks, option.song))
        self.artists[option.artist] += 1
        if self.quota:
            self.quota.add(option.language)


def _is_any(_option: Option) -> bool:
    return True


def _likeness(one: Option, other: Option) -> float:
    """Cosine of what the seeds said of either; 1 for the same artist."""
    if one.artist == other.artist:
        return 1.0
    a, b = one.ranked.vector, other.ranked.vector
    dot = 0.0
    for seed, match in a.items():  # thousands of vectors of a few seeds: a generator would take longer to make
        if seed in b:
            dot += match * b[seed]
    if not dot or not (lengths := sqrt(_square(one) * _square(other))):  # the squares of tiny matches round to 0
        return 0.0
    return dot / lengths


def _square(option: Option) -> float:
    option.square = option.square or sum(match * match for match in option.ranked.vector.values())
    return option.square
