"""How often the tracks of a source were played or liked, how much of that was seen, and how sure it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

from recommendations.outcomes import GOOD, UNKNOWN

Z = 1.96  # of a 95 % interval


@dataclass(slots=True)
class Rate:
    """What became of the tracks of one kind."""

    of: tuple[Any, ...]  # the values they were grouped by
    counts: Counter[str] = field(default_factory=Counter)  # by outcome, of all
    followed: Counter[str] = field(default_factory=Counter)  # of the lists of which nothing is unknown

    @property
    def given(self) -> int:
        return self.counts.total()

    @property
    def good(self) -> int:
        return sum(self.counts[one] for one in GOOD)

    @property
    def coverage(self) -> float:
        """The share of the tracks of which anything is known, 0..1."""
        return 1 - self.counts[UNKNOWN] / self.given if self.given else 0.0

    @property
    def n(self) -> int:
        """Tracks that the hit rate is of: of lists that were followed whole.

        Of the others only what did happen is known, so a rate over them would be far too high.
        """
        return self.followed.total()

    @property
    def hits(self) -> int:
        return sum(self.followed[one] for one in GOOD)

    @property
    def rate(self) -> float | None:
        """The share that was played or liked; None where there is nothing to divide by."""
        return self.hits / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        return wilson(self.hits, self.n) if self.n else None


def rates(rows: Iterable[tuple[Any, ...]]) -> list[Rate]:
    """`rows`: what they are grouped by, whether their list was followed, outcome, count. The most given first."""
    found: dict[tuple[Any, ...], Rate] = {}
    for *of, followed, outcome, count in rows:
        one = found.setdefault(tuple(of), Rate(tuple(of)))
        one.counts[outcome] += count
        if followed:
            one.followed[outcome] += count
    return sorted(found.values(), key=lambda one: (-one.given, str(one.of)))


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share, which holds for few observations too."""
    share, spread = hits / n, Z * Z / n
    middle = share + spread / 2
    half = Z * sqrt(share * (1 - share) / n + spread / (4 * n))
    return max((middle - half) / (1 + spread), 0.0), min((middle + half) / (1 + spread), 1.0)
