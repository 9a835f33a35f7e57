"""How a list is shared out among languages: as the listener's own music is, or as he asked. Docs: docs/taste.md."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from math import ceil, floor

TOLERANCE = 0.10  # a list may miss a share by so much either way, and by what makes whole tracks of it
ENOUGH = 20  # tracks that name a language; fewer say little: of ten in one, the next may well be in another
OTHER = "other"  # all that have no share of their own


def shares(heard: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Language -> its share of (language, weight), the largest first; empty where too few of them name one."""
    told, weights = 0, defaultdict[str, float](float)
    for language, weight in heard:
        if language:
            told += 1
            weights[language] += weight
    if told < ENOUGH:
        return {}
    total = sum(weights.values())
    largest_first = sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    return {language: round(weight / total, 4) for language, weight in largest_first}


def bounds(share: float | None, size: int) -> tuple[int, int]:
    """The fewest and the most of `size` tracks; None: nothing is known, and little is welcome. 0 means none."""
    if share == 0:
        return 0, 0
    share = share or 0.0
    return max(0, floor(round((share - TOLERANCE) * size, 6))), min(size, ceil(round((share + TOLERANCE) * size, 6)))


class Quota:
    """Counts the languages of a list while it grows. A track that names none is always welcome."""

    def __init__(self, shares: Mapping[str, float], size: int) -> None:
        self.counts = Counter[str]()
        self.bounds = {language: bounds(share, size) for language, share in ({OTHER: None} | dict(shares)).items()}
        self.owed = sum(least for least, _most in self.bounds.values())

    def of(self, language: str) -> str:
        """Under what it is counted."""
        return language if language in self.bounds or not language else OTHER

    def allows(self, language: str, left: float) -> bool:
        """Whether one more fits; `left` places are free, of which the others need what they are owed."""
        share = self.of(language)
        if not share:
            return True
        least, most = self.bounds[share]
        count = self.counts[share]
        return count < least or (count < most and self.owed < left)

    def add(self, language: str) -> None:
        if share := self.of(language):
            self.owed -= self.counts[share] < self.bounds[share][0]
            self.counts[share] += 1

    def is_kept(self, languages: Iterable[str]) -> bool:
        """Whether a whole list of these is shared out as it should be."""
        counts = Counter(filter(None, map(self.of, languages)))
        return all(least <= counts[share] <= most for share, (least, most) in self.bounds.items())
