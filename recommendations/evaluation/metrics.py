"""How good lists are, and how sure that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommendations.evaluation.others import Others, ones

SIZE = 30
NDCG = f"ndcg@{SIZE}"
DRAWS = 2000
SURE = (2.5, 97.5)  # percentiles: an interval of 95 %

Values = NDArray[np.float64]  # one a listener
_DISCOUNT = 1 / np.log2(np.arange(2, SIZE + 2))


@dataclass(frozen=True, slots=True)
class Told:
    """What the lists of all listeners are judged by."""

    others: Others
    known: Sequence[frozenset[int]]
    truth: Sequence[frozenset[int]]


def relevance(lists: Sequence[Sequence[int]], truth: Sequence[frozenset[int]]) -> dict[str, Values]:
    """By listener; of the first 30 of each list."""
    hits = np.zeros((len(lists), SIZE))
    for row, (tracks, wanted) in enumerate(zip(lists, truth, strict=True)):
        for place, track in enumerate(tracks[:SIZE]):
            hits[row, place] = track in wanted
    sizes = np.array([len(wanted) for wanted in truth])
    ideal = np.concatenate(([0.0], _DISCOUNT.cumsum()))[np.minimum(sizes, SIZE)]
    found = hits.sum(axis=1)
    return {
        NDCG: hits @ _DISCOUNT / ideal,
        f"recall@{SIZE}": found / sizes,
        f"hit@{SIZE}": (found > 0).astype(float),
    }


def beyond(lists: Sequence[Sequence[int]], told: Told) -> dict[str, float]:
    """What the lists are like, whether they hit or not; means over listeners."""
    lists = [list(tracks[:SIZE]) for tracks in lists]
    full = [(tracks, known) for tracks, known in zip(lists, told.known, strict=True) if tracks]
    artist = told.others.artists.tolist()
    by_artist = [Counter(artist[track] for track in tracks) for tracks, _known in full]
    theirs = [{artist[track] for track in known} for _tracks, known in full]
    return {
        "artists": mean(len(artists) / artists.total() for artists in by_artist),
        "most_of_an_artist": mean(max(artists.values()) for artists in by_artist),
        "new_artists": mean(
            sum(artist[track] not in has for track in tracks) / len(tracks)
            for (tracks, _known), has in zip(full, theirs, strict=True)
        ),
        "ild": _ild([tracks for tracks, _known in full], told.others),
        "novelty": _novelty([tracks for tracks, _known in full], told.others),
        "coverage": len({track for tracks in lists for track in tracks}) / len(artist),
        "share_new": mean(sum(track not in known for track in tracks) / len(tracks) for tracks, known in full),
        "length": mean(map(len, lists)),
    }


def _ild(lists: Sequence[Sequence[int]], others: Others) -> float:
    """1 - the mean cosine (by common listeners) of two tracks of a list.

    The squared length of a sum of unit vectors holds each pair's cosine twice and each track's own 1.
    """
    lists = [tracks for tracks in lists if len(tracks) > 1]
    length = np.sqrt(np.maximum(others.listeners, 1))
    sums = (ones(lists, len(others.artists)) / length) @ others.tracks.T
    counts = np.array([len(tracks) for tracks in lists])
    alone = ones(lists, len(others.artists)) @ (others.listeners > 0)  # a track nobody has is like no other
    squares = sums.multiply(sums).sum(axis=1)
    return mean(1 - (squares - alone) / (counts * (counts - 1)))


def _novelty(lists: Sequence[Sequence[int]], others: Others) -> float:
    """Bits: how surprising it is that somebody has such a track."""
    bits = -np.log2(np.maximum(others.listeners, 1) / others.tracks.shape[0])
    return mean(bits[tracks].mean() for tracks in lists)


def mean(values: Iterable[float]) -> float:
    told = list(values)
    return float(sum(told) / len(told)) if told else 0.0


class Bootstrap:
    """Draws of listeners, the same for every ranker, so that differences are paired."""

    def __init__(self, listeners: int, seed: int) -> None:
        self._draws = np.random.default_rng(seed).integers(listeners, size=(DRAWS, listeners))

    def interval(self, values: Values) -> list[float]:
        """Of the mean, 95 %."""
        return [float(end) for end in np.percentile(values[self._draws].mean(axis=1), SURE)]
