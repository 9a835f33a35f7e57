"""The order of a playlist: strongest first, with other artists between two tracks of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

APART = 2  # tracks by others between two of one artist


def can_space(artists: Iterable[str], size: int) -> bool:
    """Whether tracks of these artists can stand apart in a list of `size`."""
    counts = Counter(artists).values()
    most = max(counts, default=0)
    return (most - 1) * (APART + 1) + sum(count == most for count in counts) <= size


def is_spaced(artists: Sequence[str]) -> bool:
    return all(artist not in artists[max(0, i - APART) : i] for i, artist in enumerate(artists))


def arrange(artists: Sequence[str]) -> list[int]:
    """Positions of `artists` (strongest first) in playing order; spaced wherever that is possible."""
    waiting = list(range(len(artists)))
    order: list[int] = []
    while waiting:
        chosen = _next(waiting, order, artists)
        waiting.remove(chosen)
        order.append(chosen)
    return order


def _next(waiting: list[int], order: list[int], artists: Sequence[str]) -> int:
    """The strongest, while the rest fits after it; where it is tight, the artist with most left to place."""
    last = [artists[i] for i in order[-APART:]]
    free = [i for i in waiting if artists[i] not in last]
    left = Counter(artists[i] for i in waiting)
    if free:
        rest = left - Counter([artists[free[0]]])
        if can_space(rest.elements(), rest.total()):
            return free[0]
    others = free or [i for i in waiting if artists[i] != last[-1]] or waiting
    return max(others, key=lambda i: (left[artists[i]], -i))
