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


def beyond(lists: Sequence[Sequence[int]], told: Told) -> dict[str, Values]:
    """What the lists are like, whether they hit or not. By listener; of the first 30; nan where a list says nothing."""
    lists = [list(tracks[:SIZE]) for tracks in lists]
    artist = told.others.artists.tolist()
    by_artist = [Counter(artist[track] for track in tracks) for tracks in lists]
    theirs = [{artist[track] for track in known} for known in told.known]
    sizes = np.array([len(tracks) or np.nan for tracks in lists])
    shares = {
        "artists": map(len, by_artist),
        "new_artists": (
            sum(count for one, count in artists.items() if one not in has)
            for artists, has in zip(by_artist, theirs, strict=True)
        ),
        "share_new": (len(set(tracks) - known) for tracks, known in zip(lists, told.known, strict=True)),
    }
    return {name: np.array(list(counts)) / sizes for name, counts in shares.items()} | {
        "ild": _ild(lists, told.others),
        "novelty": _novelty(lists, told.others),
    }


def overall(lists: Sequence[Sequence[int]], told: Told) -> dict[str, float]:
    """What only all lists together have."""
    lists = [list(tracks[:SIZE]) for tracks in lists]
    artist = told.others.artists.tolist()
    return {
        "users": len(lists),
        "most_of_an_artist": mean(
            max(Counter(artist[track] for track in tracks).values()) for tracks in lists if tracks
        ),
        "coverage": len({track for tracks in lists for track in tracks}) / len(artist),
        "length": mean(map(len, lists)),
    }


def _ild(lists: Sequence[Sequence[int]], others: Others) -> Values:
    """1 - the mean cosine (by common listeners) of two tracks of a list.

    The squared length of a sum of unit vectors holds each pair's cosine twice and each track's own 1.
    """
    told = ones(lists, len(others.artists))
    sums = (told / np.sqrt(np.maximum(others.listeners, 1))) @ others.tracks.T
    alone = told @ (others.listeners > 0)  # a track nobody has is like no other
    counts = np.array([len(tracks) if len(tracks) > 1 else np.nan for tracks in lists])
    return np.asarray(1 - (sums.multiply(sums).sum(axis=1) - alone) / (counts * (counts - 1)))


def _novelty(lists: Sequence[Sequence[int]], others: Others) -> Values:
    """Bits: how surprising it is that somebody has such a track."""
    bits = -np.log2(np.maximum(others.listeners, 1) / others.tracks.shape[0])
    return np.array([bits[tracks].mean() if tracks else np.nan for tracks in lists])


def mean(values: Iterable[float]) -> float:
    told = list(values)
    return float(sum(told) / len(told)) if told else 0.0


class Bootstrap:
    """Draws of listeners, the same for every ranker, so that differences are paired."""

    def __init__(self, listeners: int, seed: int) -> None:
        draws = np.random.default_rng(seed).integers(listeners, size=(DRAWS, listeners))
        self._times = np.array([np.bincount(draw, minlength=listeners) for draw in draws], dtype=float)

    def told(self, name: str, values: Values) -> dict[str, float | list[float]]:
        """The mean of those who have a value, and how sure it is."""
        return {name: mean(values[~np.isnan(values)].tolist()), f"{name}_ci": self.interval(values)}

    def interval(self, values: Values) -> list[float]:
        """Of the mean, 95 %; of those who have a value."""
        told = ~np.isnan(values)
        weights = self._times[:, told]
        sums, sizes = weights @ values[told], weights.sum(axis=1)
        means = sums[sizes > 0] / sizes[sizes > 0]
        return [float(end) for end in np.percentile(means, SURE)] if len(means) else [0.0, 0.0]
