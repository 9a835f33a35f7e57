"""Which of the ranked candidates make today's list, in what order, and what became of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from math import ceil
from types import MappingProxyType

from recommendations.balance import Quota
from recommendations.candidates import Candidate, Heard, Listening, Pick, Ranked, Selection
from recommendations.choosing import STAGES, Chosen, Judge, Option, Pools
from recommendations.filler import filler
from recommendations.identity import artist_key, credited, match_key
from recommendations.own import own
from recommendations.reasons import strongest
from recommendations.spacing import arrange, is_spaced
from recommendations.standing import FATES, GIVEN_LATELY, HEARD_LATELY, NEW, REUSABLE, Marks, Past
from vibe.clients.types import Track


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
    forgotten: Sequence[Ranked] = (),
    artificial: Collection[str] = (),
    shares: Mapping[str, float] = MappingProxyType({}),
    caps: Mapping[str, int] = MappingProxyType({}),
) -> Selection:
    """At most `size` picks. Without `resolved`, over names alone; with it, only candidates with a track count.

    `unavailable`: match keys of names that Spotify does not have. `resolved`: match key -> track. `familiar`: likes of
    `listening`, the longest unheard first, for what nothing found can fill. `forgotten`: those that season a list, as
    far as the floor allows. `artificial`: keys and Spotify ids of artists who are none. `shares`: language -> its part
    of the list, 0..1; without any, whatever comes. `caps`: artist key -> most of his tracks, where that is unusual.
    """
    past = Past.of(listening, cooldown_days, now)
    options, fates = _options(sorted(ranked, key=_best_first), past, unavailable, resolved)
    seasoning, _ = _options(forgotten, past, (), {})

    def choose(quota: Quota | None) -> Chosen:
        chosen = Chosen(size, size - _at_least(min_new_ratio, size), _judge(past, artificial), quota, caps)
        pools = _pools(options)
        chosen.season(pools[NEW], _pools(seasoning)[REUSABLE])
        chosen.fill(pools, STAGES[0])
        if len(chosen.options) < size and familiar:
            pools = _pools([*options, *_options(map(own, familiar), past, (), {})[0]])
        for rules in STAGES:
            chosen.fill(pools, rules)
        return chosen

    return _selection(_best(choose, shares, size), options, fates, min_new_ratio, shares)


def _best(choose: Callable[[Quota | None], Chosen], shares: Mapping[str, float], size: int) -> Chosen:
    """Shared out among languages, unless that costs a track or a new one."""
    if not shares:
        return choose(None)
    shared = choose(Quota(shares, size))
    if shared.new == size:
        return shared
    free = choose(None)
    return free if free.new > shared.new or len(free.options) > len(shared.options) else shared


def _best_first(one: Ranked) -> tuple[float, str]:
    return -one.score, one.candidate.key


def _at_least(ratio: float, size: int) -> int:
    return ceil(round(ratio * size, 9))  # 0.07 * 100 is a hair above 7


def _options(
    ranked: Iterable[Ranked], past: Past, unavailable: Collection[str], resolved: Mapping[str, Track] | None
) -> tuple[list[Option], dict[str, str]]:
    """What may be picked, in the given order, and the fates of the rest."""
    options, fates = [], {}
    for one in ranked:
        candidate = one.candidate
        key, track = candidate.key, candidate.track
        if track is None and resolved:
            track = resolved.get(key)
        if track is None and (key in unavailable or resolved is not None):
            fates[key] = "not_at_spotify" if key in unavailable else "not_looked_up"
            continue
        artists = [artist_key(artist.name) for artist in track.artists] if track else [candidate.artist_key]
        marks = _marks(key, track) if track else (key,)
        standing = past.standing(marks, [*artists, *_guests(candidate, track)] if past.blocked else artists)
        if isinstance(standing, str):
            fates[key] = standing
        else:
            options.append(Option(one, track, marks, artists[0], standing))
    return options, fates


def _judge(past: Past, artificial: Collection[str]) -> Judge:
    def judge(option: Option) -> str:
        track, candidate = option.track, option.ranked.candidate
        artists = [artist_key(artist.name) for artist in track.artists] if track else [option.artist]
        if artificial:
            artists += _guests(candidate, track)
        return filler(option.ranked, track, artists, artificial, liked=not past.liked.isdisjoint(option.marks))

    return judge


def _guests(candidate: Candidate, track: Track | None) -> list[str]:
    """Whom only the names tell of: Spotify does not list every guest as an artist, and Last.fm none."""
    names = {candidate.title, candidate.artist, *([track.name] if track else [])}
    return [guest for name in names for guest in credited(name)]


def _marks(key: str, track: Track) -> Marks:
    return tuple(filter(None, {key, match_key(track.artist.name, track.name), track.id, track.isrc}))


def _pools(options: list[Option]) -> Pools:
    best = max((option.ranked.score for option in options), default=0.0) or 1.0
    pools: Pools = [[] for _ in FATES]
    for option in options:
        option.strength, option.likeness, option.compared = option.ranked.score / best, 0.0, 0
        pools[option.standing].append(option)
    return pools


def _selection(
    chosen: Chosen, options: list[Option], fates: dict[str, str], min_new_ratio: float, shares: Mapping[str, float]
) -> Selection:
    picks = [chosen.options[i] for i in arrange([option.artist for option in chosen.options])]
    full = frozenset(filter(chosen.is_full, chosen.artists))
    for option in options:
        fates[option.ranked.candidate.key] = _fate(option, chosen, full)
    fates |= {option.ranked.candidate.key: f"picked:{n}" for n, option in enumerate(picks, 1)}
    gave_way = tuple(_relaxations(picks, chosen, min_new_ratio, shares))
    return Selection(tuple(_pick(option) for option in picks), gave_way, fates)


def _fate(option: Option, chosen: Chosen, full: Collection[str]) -> str:
    if chosen.has(option):
        return "duplicate"
    if option.standing == NEW and option.artist in full:
        return "artist_cap"
    return chosen.refused.get(option.ranked.candidate.key) or FATES[option.standing]


def _pick(option: Option) -> Pick:
    one = option.ranked
    why = strongest(one.candidate.found, one.recognised)
    return Pick(one.candidate, option.track, one.score, option.standing == NEW, why)


def _relaxations(
    picks: list[Option], chosen: Chosen, min_new_ratio: float, shares: Mapping[str, float]
) -> Iterable[str]:
    """The rules that the finished list breaks, in the order they gave way."""
    standings = Counter(option.standing for option in picks)
    broken = {
        "languages": bool(shares) and not Quota(shares, len(picks)).is_kept(option.language for option in picks),
        "spacing": not is_spaced([option.artist for option in picks]),
        "artist_cap": any(count > chosen.cap(artist) for artist, count in chosen.artists.items()),
        "likes_not_heard_lately": bool(standings[HEARD_LATELY]),
        "min_new_ratio": standings[NEW] < _at_least(min_new_ratio, len(picks)),
        "cool_down": bool(standings[GIVEN_LATELY]),
        "short": len(picks) < chosen.size,
    }
    return (rule for rule, gave_way in broken.items() if gave_way)
