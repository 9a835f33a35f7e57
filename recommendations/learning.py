"""How much each source's word counts for one listener, by what became of its tracks. docs/learning.md has the figures.

Plain Python. A source is compared with the others on the same lists alone: a day on which he heard nothing, or of which
Spotify told nothing, speaks neither for nor against any of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from recommendations.outcomes import BAD, GOOD

PRIOR = 50.0  # as many good (and bad) tracks just as expected, imagined beforehand
LOWEST, HIGHEST = 0.7, 1.4
LEAST = 30  # tracks of a source on lists that say something; with fewer it keeps the weight 1


class Tally(NamedTuple):
    """How many tracks on one list that the same sources found had one outcome. Each of them has the credit."""

    list_id: int
    sources: tuple[str, ...]
    outcome: str
    tracks: int


def source_weights(tallies: Iterable[Tally]) -> dict[str, float]:
    """Source -> LOWEST to HIGHEST, by name; of whom too little is known is left out.

    (good + PRIOR) / (expected good + PRIOR), divided by the same of the bad ones. Expected of a source on a list is
    its share of the list's tracks times the good ones of that list.
    """
    rows = list(tallies)
    known: Counter[str] = Counter()
    ratios = dict.fromkeys(sorted({source for row in rows for source in row.sources}), 1.0)
    for kind, power in ((GOOD, 1), (BAD, -1)):
        seen, expected, tracks = _compared(rows, kind)
        for source in ratios:
            known[source] = max(known[source], tracks[source])
            ratios[source] *= ((seen[source] + PRIOR) / (expected[source] + PRIOR)) ** power
    kept = ((source, ratio) for source, ratio in ratios.items() if known[source] >= LEAST)
    return {source: round(min(max(ratio, LOWEST), HIGHEST), 3) for source, ratio in kept}


def _compared(rows: list[Tally], kind: frozenset[str]) -> tuple[Counter[str], dict[str, float], Counter[str]]:
    """Of each source: its tracks of that kind, how many it would have by its share, its tracks on those lists."""
    size: Counter[int] = Counter()
    hits: Counter[int] = Counter()
    for row in rows:
        size[row.list_id] += row.tracks
        hits[row.list_id] += row.tracks * (row.outcome in kind)
    seen: Counter[str] = Counter()
    tracks: Counter[str] = Counter()
    expected: dict[str, float] = defaultdict(float)
    for row in sorted(rows):
        for source in row.sources if hits[row.list_id] else ():
            seen[source] += row.tracks * (row.outcome in kind)
            tracks[source] += row.tracks
            expected[source] += row.tracks * hits[row.list_id] / size[row.list_id]
    return seen, expected, tracks
