"""Many words for one track become one candidate."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from operator import attrgetter

from recommendations.candidates import Candidate, Found
from recommendations.identity import artist_key, match_key

_NOT_STUDIO = re.compile(
    r"\blive\b|концерт|unplugged|best of|collection|anthology|\bhits\b|лучшее|избранное|сборник|антология",
    re.IGNORECASE,
)


def merge(found: Iterable[Found]) -> list[Candidate]:
    """One candidate per identity, by key: the same match key, or a carried track with the same id or ISRC.

    Every word is kept. Of several carried tracks the studio album's is preferred.
    """
    by_key: dict[str, list[Found]] = defaultdict(list)
    for word in found:
        by_key[match_key(word.artist, word.title)].append(word)
    tied = _tied(by_key)
    apart = [_candidate(words, key) for key, words in by_key.items() if key not in tied]
    merged: dict[str, list[Found]] = defaultdict(list)
    for key, home in tied.items():
        merged[home] += by_key[key]
    return sorted((*apart, *map(_candidate, merged.values())), key=attrgetter("key"))


def _tied(by_key: Mapping[str, list[Found]]) -> dict[str, str]:
    """The keys that an id or ISRC ties to others -> the one that stands for them all."""
    keys: dict[str, set[str]] = defaultdict(set)
    for key, words in by_key.items():
        for word in words:
            if word.track:
                keys[word.track.id].add(key)
                keys[word.track.isrc].add(key)
    keys.pop("", None)
    homes: dict[str, str] = {}

    def home(key: str) -> str:
        while homes.setdefault(key, key) != key:
            key = homes[key]
        return key

    for together in keys.values():
        if len(together) > 1:
            ends = {home(key) for key in together}
            homes.update(dict.fromkeys(ends, min(ends)))
    return {key: home(key) for key in homes}


def _candidate(words: list[Found], key: str = "") -> Candidate:
    if len(words) > 1:
        words.sort(key=_any_order)
        if any(map(_track, words)):
            words.sort(key=_carried_first)
    best = words[0]
    key = key or match_key(best.artist, best.title)
    return Candidate(
        key,
        artist_key(best.artist),
        best.artist,
        best.title,
        best.track,
        words,
        next(filter(None, map(_duration, words)), 0),
        next(filter(None, map(_isrc, words)), ""),
    )


_track, _duration, _isrc = attrgetter("track"), attrgetter("duration_ms"), attrgetter("isrc")
# Whatever the order, it must not depend on which source answered first.
_any_order = attrgetter("source", "relation", "seed", "rank", "artist", "title", "because", "match")


def _carried_first(word: Found) -> tuple[object, ...]:
    """Tracks that are carried, the studio album's before live and compilations."""
    if word.track is None:
        return (True,)
    return False, bool(_NOT_STUDIO.search(word.track.album)), not word.track.isrc, word.track.id
