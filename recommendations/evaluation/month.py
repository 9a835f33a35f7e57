"""A list a day for a month: what a listener who keeps the service finds in it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from recommendations.evaluation.metrics import SIZE, Bootstrap, Values, mean

LOOKS = (1, 7, 14, 30)  # days that are reported

Lists = Sequence[Sequence[int]]  # one a day


def unrolled(order: Sequence[int], artists: Sequence[int], days: int, cap: int) -> list[list[int]]:
    """A ranker that never learns: each day its best that were not given yet."""
    left = list(order)
    lists = []
    for _day in range(days):
        today = capped(left, artists, cap)[:SIZE]
        given = set(today)
        left = [track for track in left if track not in given]
        lists.append(today)
    return lists


def capped(order: Sequence[int], artists: Sequence[int], cap: int) -> list[int]:
    """At most `cap` tracks an artist."""
    taken: dict[int, int] = {}
    kept = []
    for track in order:
        artist = artists[track]
        if taken.get(artist, 0) < cap:
            taken[artist] = taken.get(artist, 0) + 1
            kept.append(track)
    return kept


def figures(
    months: Sequence[Lists], truth: Sequence[frozenset[int]], artists: Sequence[int], bootstrap: Bootstrap
) -> dict[str, object]:
    days = len(months[0]) if months else 0
    finds = [_finds(lists, wanted) for lists, wanted in zip(months, truth, strict=True)]
    every = [(lists, day) for lists in months for day in range(days)]
    looks = sorted({day for day in LOOKS if day < days} | {days})
    hits = np.array(finds, dtype=float)
    recall = hits.cumsum(axis=1) / np.array([[len(wanted)] for wanted in truth])
    return {
        "days": days,
        **_looked_at("hits", hits, looks, bootstrap),
        **_looked_at("recall", recall, looks, bootstrap),
        "repeats": mean(_repeats(lists) for lists in months),
        "empty_days": mean(not lists[day] for lists, day in every),
        "short_days": mean(len(lists[day]) < SIZE for lists, day in every),
        "artist_jaccard": mean(_alike(one, other, artists) for lists in months for one, other in pairwise(lists)),
    }


def _looked_at(name: str, by_day: Values, looks: Sequence[int], bootstrap: Bootstrap) -> dict[str, object]:
    """{name: {day: mean}}, and the intervals."""
    of_days = {str(day): by_day[:, day - 1] for day in looks}
    return {
        name: {day: mean(values.tolist()) for day, values in of_days.items()},
        f"{name}_ci": {day: bootstrap.interval(values) for day, values in of_days.items()},
    }


def _finds(lists: Lists, truth: frozenset[int]) -> list[int]:
    """Hits of each day that no day before had."""
    seen: set[int] = set()
    finds = []
    for tracks in lists:
        new = set(tracks) - seen
        seen |= new
        finds.append(len(new & truth))
    return finds


def _repeats(lists: Lists) -> float:
    """The share of tracks that a day before had."""
    given = [track for tracks in lists for track in tracks]
    return 1 - len(set(given)) / len(given) if given else 0.0


def _alike(one: Sequence[int], other: Sequence[int], artists: Sequence[int]) -> float:
    """Jaccard of the artists of two days."""
    a, b = ({artists[track] for track in tracks} for tracks in (one, other))
    return len(a & b) / len(a | b) if a | b else 0.0
