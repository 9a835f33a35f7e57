"""Which of the ranked candidates make today's list, in what order, and what became of the others."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil, sqrt

from recommendations.candidates import Candidate, Heard, Listening, Pick, Ranked, Selection
from recommendations.filler import filler
from recommendations.identity import artist_key, credited, match_key
from recommendations.ranking import strongest
from recommendations.spacing import arrange, can_space, is_spaced
from recommendations.standing import FATES, GIVEN_LATELY, HEARD_LATELY, NEW, REUSABLE, Marks, Past
from vibe.clients.types import Artist, Track

SAMENESS = 0.1  # MMR: up to here diversity is free, .3 costs 4-5 % of nDCG
WINDOW = 10  # MMR looks at the best WINDOW x size
ARTIST_CAP = 2


@dataclass(slots=True)
class _Option:
    ranked: Ranked
    track: Track | None
    marks: Marks
    artist: str  # artist key, for cap and spacing
    standing: int
    strength: float = 0.0  # the score, 1 for the best
    likeness: float = 0.0  # to the most similar one chosen of the first `compared`
    compared: int = 0


@dataclass(frozen=True, slots=True)
class _Rules:
    spaced: bool = True
    capped: bool = True
    worst: int = REUSABLE
    floor: bool = True


# What gives way, in this order, while the list is short.
_STAGES = (
    _Rules(),
    _Rules(spaced=False),
    _Rules(spaced=False, capped=False),
    _Rules(spaced=False, capped=False, worst=HEARD_LATELY),
    _Rules(spaced=False, capped=False, worst=HEARD_LATELY, floor=False),
    _Rules(spaced=False, capped=False, worst=GIVEN_LATELY, floor=False),
)


def select(
    ranked: Iterable[Ranked],
    *,
    listening: Listening,
    size: int,
    min_new_ratio: float,
    cooldown_days: int,
    now: datetime,
    unavailable: Collection[str] = (),
    resolved: Mapping[str, Track] | None = None,
    familiar: Sequence[Heard] = (),
    artificial: Collection[str] = (),
) -> Selection:
    """At most `size` picks. Without `resolved`, over names alone; with it, only candidates with a track count.

    `unavailable`: match keys of names that Spotify does not have. `resolved`: match key -> track. `familiar`: likes
    of `listening`, the longest unheard first, for what nothing found can fill. `artificial`: keys and Spotify ids
    of artists who are none.
    """
    past = Past.of(listening, cooldown_days, now)
    by_key = sorted(ranked, key=lambda one: one.candidate.key)
    best_first = sorted(by_key, key=lambda one: -one.score)
    options, fates = _options(best_first, past, unavailable, resolved, artificial)
    chosen = _Chosen(size, size - _at_least(min_new_ratio, size))
    pools = _pools(options)
    chosen.fill(pools, _STAGES[0])
    if len(chosen.options) < size and familiar:
        own, _ = _options(map(_own, familiar), past, (), {}, artificial)
        pools = _pools([*options, *own])
    for rules in _STAGES:
        chosen.fill(pools, rules)
    return _selection(chosen, options, fates, min_new_ratio)


def _at_least(ratio: float, size: int) -> int:
    return ceil(round(ratio * size, 9))  # 0.07 * 100 is a hair above 7


def _options(
    ranked: Iterable[Ranked],
    past: Past,
    unavailable: Collection[str],
    resolved: Mapping[str, Track] | None,
    artificial: Collection[str],
) -> tuple[list[_Option], dict[str, str]]:
    """What may be picked, in the given order, and the fates of the rest."""
    options, fates = [], {}
    for one in ranked:
        key = one.candidate.key
        track = one.candidate.track or (resolved or {}).get(key)
        if track is None and (key in unavailable or resolved is not None):
            fates[key] = "not_at_spotify" if key in unavailable else "not_looked_up"
            continue
        artists = [artist_key(artist.name) for artist in track.artists] if track else [one.candidate.artist_key]
        if past.blocked or artificial:
            artists += _guests(one.candidate, track)
        marks = _marks(key, track) if track else (key,)
        liked = not past.liked.isdisjoint(marks)
        standing = filler(one, track, artists, artificial, liked=liked) or past.standing(marks, artists)
        if isinstance(standing, str):
            fates[key] = standing
        else:
            options.append(_Option(one, track, marks, artists[0], standing))
    return options, fates


def _guests(candidate: Candidate, track: Track | None) -> list[str]:
    """Whom only the names tell of: Spotify does not list every guest as an artist, and Last.fm none."""
    names = {candidate.title, candidate.artist, *([track.name] if track else [])}
    return [guest for name in names for guest in credited(name)]


def _marks(key: str, track: Track) -> Marks:
    return tuple(filter(None, {key, match_key(track.artist.name, track.name), track.id, track.isrc}))


def _own(heard: Heard) -> Ranked:
    artists = (Artist(heard.artist_id, heard.artist), *(Artist("", guest) for guest in heard.guests))
    track = Track(heard.id, heard.name, artists, isrc=heard.isrc)
    return Ranked(Candidate(heard.key, artist_key(heard.artist), heard.artist, heard.name, track), 0.0, {}, {})


def _pools(options: list[_Option]) -> list[list[_Option]]:
    best = max((option.ranked.score for option in options), default=0.0) or 1.0
    pools: list[list[_Option]] = [[] for _ in FATES]
    for option in options:
        option.strength = option.ranked.score / best
        pools[option.standing].append(option)
    return pools


@dataclass(slots=True)
class _Chosen:
    size: int
    reusable: int  # how many may be reused while the floor holds
    options: list[_Option] = field(default_factory=list)
    marks: set[str] = field(default_factory=set)
    artists: Counter[str] = field(default_factory=Counter)

    def fill(self, pools: list[list[_Option]], rules: _Rules) -> None:
        """New tracks first; reused ones only where these do not suffice."""
        self._take(pools[NEW], self.size, rules)
        for standing in range(REUSABLE, rules.worst + 1):
            new = sum(option.standing == NEW for option in self.options)
            self._take(pools[standing], min(self.size, new + self.reusable) if rules.floor else self.size, rules)

    def _take(self, pool: list[_Option], until: int, rules: _Rules) -> None:
        """Greedily by MMR, a window at a time. A gain can only fall as the list grows, so stale ones are bounds."""
        for start in range(0, len(pool), WINDOW * self.size):
            if len(self.options) >= until:
                return
            window = pool[start : start + WINDOW * self.size]
            heap = [(-self._gain(option), place, option) for place, option in enumerate(window)]
            heapq.heapify(heap)
            while heap and len(self.options) < until:
                gain, place, option = heap[0]
                if not self._allows(option, rules):
                    heapq.heappop(heap)
                elif (now := -self._gain(option)) > gain:
                    heapq.heapreplace(heap, (now, place, option))
                else:
                    self._add(option)

    def _gain(self, option: _Option) -> float:
        for other in self.options[option.compared :]:
            option.likeness = max(option.likeness, _likeness(option, other))
        option.compared = len(self.options)
        return (1 - SAMENESS) * option.strength - SAMENESS * option.likeness

    def _allows(self, option: _Option, rules: _Rules) -> bool:
        if not self.marks.isdisjoint(option.marks):
            return False
        already = self.artists[option.artist]
        if rules.capped and already >= ARTIST_CAP:
            return False
        return not (rules.spaced and already) or can_space([*self.artists.elements(), option.artist], self.size)

    def _add(self, option: _Option) -> None:
        self.options.append(option)
        self.marks.update(option.marks)
        self.artists[option.artist] += 1


def _likeness(one: _Option, other: _Option) -> float:
    """Cosine of what the seeds said of either; 1 for the same artist."""
    if one.artist == other.artist:
        return 1.0
    a, b = one.ranked.vector, other.ranked.vector
    dot = sum(match * b[seed] for seed, match in a.items() if seed in b)
    return dot / sqrt(sum(m * m for m in a.values()) * sum(m * m for m in b.values())) if dot else 0.0


def _selection(chosen: _Chosen, options: list[_Option], fates: dict[str, str], min_new_ratio: float) -> Selection:
    picks = [chosen.options[i] for i in arrange([option.artist for option in chosen.options])]
    for option in options:
        fates[option.ranked.candidate.key] = _fate(option, chosen)
    fates |= {option.ranked.candidate.key: f"picked:{n}" for n, option in enumerate(picks, 1)}
    return Selection(tuple(_pick(option) for option in picks), tuple(_relaxations(picks, chosen, min_new_ratio)), fates)


def _fate(option: _Option, chosen: _Chosen) -> str:
    if not chosen.marks.isdisjoint(option.marks):
        return "duplicate"
    if option.standing == NEW and chosen.artists[option.artist] >= ARTIST_CAP:
        return "artist_cap"
    return FATES[option.standing]


def _pick(option: _Option) -> Pick:
    one = option.ranked
    why = strongest(one.candidate.found, one.recognised)
    return Pick(one.candidate, option.track, one.score, option.standing == NEW, why)


def _relaxations(picks: list[_Option], chosen: _Chosen, min_new_ratio: float) -> Iterable[str]:
    """The rules that the finished list breaks, in the order they gave way."""
    standings = Counter(option.standing for option in picks)
    broken = {
        "spacing": not is_spaced([option.artist for option in picks]),
        "artist_cap": max(chosen.artists.values(), default=0) > ARTIST_CAP,
        "likes_not_heard_lately": bool(standings[HEARD_LATELY]),
        "min_new_ratio": standings[NEW] < _at_least(min_new_ratio, len(picks)),
        "cool_down": bool(standings[GIVEN_LATELY]),
        "short": len(picks) < chosen.size,
    }
    return (rule for rule, gave_way in broken.items() if gave_way)
