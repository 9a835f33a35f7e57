"""Many words for one track become one candidate."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

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
    merged: dict[str, list[Found]] = defaultdict(list)
    for key, home in _homes(by_key).items():
        merged[home] += by_key[key]
    return sorted((_candidate(words) for words in merged.values()), key=lambda candidate: candidate.key)


def _homes(by_key: dict[str, list[Found]]) -> dict[str, str]:
    """Match key -> the one key that stands for all keys tied to it by an id or ISRC."""
    homes = {key: key for key in by_key}

    def home(key: str) -> str:
        while homes[key] != key:
            key = homes[key]
        return key

    first: dict[str, str] = {}
    for key, words in by_key.items():
        for track in (word.track for word in words if word.track):
            for mark in filter(None, (track.id, track.isrc)):
                one, other = home(first.setdefault(mark, key)), home(key)
                homes[max(one, other)] = min(one, other)
    return {key: home(key) for key in by_key}


def _candidate(words: list[Found]) -> Candidate:
    words = words if len(words) == 1 else sorted(words, key=_order)
    best = words[0]
    return Candidate(
        match_key(best.artist, best.title), artist_key(best.artist), best.artist, best.title, best.track, words
    )


def _order(word: Found) -> tuple[object, ...]:
    """Carried tracks first, studio before live and compilations; then by what never ties but for equals."""
    track = word.track
    carried = (
        (False, bool(_NOT_STUDIO.search(track.album)), not track.isrc, track.id) if track else (True, False, False, "")
    )
    return (
        *carried,
        word.source,
        word.relation,
        word.seed,
        word.rank,
        -word.match,
        word.artist,
        word.title,
        word.because,
    )
