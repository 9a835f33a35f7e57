"""What the engine has to beat: three weak rankers, two of votes, and two that see the whole matrix."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, zip_longest

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from recommendations.candidates import Found
from recommendations.evaluation.names import number
from recommendations.evaluation.others import Others, cosine, ones, pruned

# The budget under which votes and their like were first measured; a deeper pool makes plain votes worse.
POOL_SEEDS = 20
POOL_DEPTH = {"similar_track": 50, "similar_artist": 5, "artist_top": 10, "radio": 10}
RRF = 60
ITEMKNN_NEIGHBOURS = 200
EASE_PENALTY = 200.0
EASE_LISTENERS = 5  # a rarer track costs time and brings nothing: .2968 and .2969 with and without
BATCH, STRIP = 100, 1024
DEPTH = 1000  # tracks that a matrix ranker orders for each listener

Pool = dict[int, list[Found]]  # track -> the words for it


def pool(found: Iterable[Found], known: frozenset[int]) -> Pool:
    """New tracks only, each list cut to its depth first."""
    words: Pool = defaultdict(list)
    for word in found:
        track = number(word.title)
        if word.rank <= POOL_DEPTH[word.relation] and track not in known:
            words[track].append(word)
    return dict(sorted(words.items()))


def at_random(words: Pool, rng: random.Random) -> list[int]:
    return rng.sample(list(words), len(words))


def roundrobin(words: Pool, _rng: random.Random) -> list[int]:
    """The best of each source in turn."""
    lists: dict[str, list[tuple[int, float, int]]] = defaultdict(list)
    for track, said in words.items():
        for word in said:
            lists[word.source].append((word.rank, -word.match, track))
    turns = zip_longest(*(sorted(lists[source]) for source in sorted(lists)))
    return list(dict.fromkeys(place[2] for place in chain.from_iterable(turns) if place))


def votes(words: Pool, _rng: random.Random) -> list[int]:
    """By the number of lists that name the track."""
    return _by(words, lambda _word: 1.0)


def rrf(words: Pool, _rng: random.Random) -> list[int]:
    """Reciprocal rank fusion."""
    return _by(words, lambda word: 1 / (RRF + word.rank))


def _by(words: Pool, worth: Callable[[Found], float]) -> list[int]:
    total = {track: sum(map(worth, said)) for track, said in words.items()}
    return sorted(total, key=lambda track: (-round(total[track], 12), track))


POOLED: dict[str, Callable[[Pool, random.Random], list[int]]] = {
    "votes": votes,
    "rrf": rrf,
    "roundrobin": roundrobin,
    "random": at_random,
}


def popularity(others: Others, known: Sequence[frozenset[int]]) -> list[list[int]]:
    order = np.lexsort((np.arange(len(others.artists)), -others.listeners)).tolist()
    return [[track for track in order[: DEPTH + len(has)] if track not in has] for has in known]


def itemknn(others: Others, known: Sequence[frozenset[int]]) -> list[list[int]]:
    """Sums of cosines to what is known, each track with its nearest only."""
    weights = pruned(cosine(others.together), ITEMKNN_NEIGHBOURS)
    return _best_first(known, lambda has: (ones(has, len(others.artists)) @ weights).toarray())


def ease(others: Others, known: Sequence[frozenset[int]]) -> list[list[int]]:
    """Embarrassingly shallow autoencoder (Steck 2019): one closed form over all pairs of tracks."""
    kept = np.flatnonzero(others.listeners >= EASE_LISTENERS)
    if not len(kept):
        return [[] for _ in known]
    gram = others.together[kept][:, kept].astype(np.float32).toarray(order="F")
    gram[np.diag_indices_from(gram)] += EASE_PENALTY
    factor, _failed = lapack.spotrf(gram, lower=1, overwrite_a=1)  # positive definite, thanks to the penalty
    inverse, _failed = lapack.spotri(factor, lower=1, overwrite_c=1)
    _mirror(inverse)
    scale = -1 / inverse.diagonal()

    def scores(has: list[list[int]]) -> NDArray[np.float32]:
        told = ones(has, len(others.artists)).astype(np.float32)
        every = np.zeros((len(has), len(others.artists)), dtype=np.float32)
        every[:, kept] = told[:, kept] @ inverse * scale
        return every

    return _best_first(known, scores)


def _mirror(lower: NDArray[np.float32]) -> None:
    """Fills the upper triangle, a strip at a time: the matrix takes a gigabyte, and a copy would be another."""
    for begin in range(0, len(lower), STRIP):
        end = begin + STRIP
        lower[:begin, begin:end] = lower[begin:end, :begin].T
        square = lower[begin:end, begin:end]
        square[:] = np.tril(square) + np.tril(square, -1).T


def _best_first(
    known: Sequence[frozenset[int]], scores: Callable[[list[list[int]]], NDArray[np.floating]]
) -> list[list[int]]:
    """The best new tracks of each listener, ties by number."""
    lists: list[list[int]] = []
    for begin in range(0, len(known), BATCH):
        some = known[begin : begin + BATCH]
        for has, told in zip(some, scores([sorted(has) for has in some]), strict=True):
            told[list(has)] = -np.inf
            best = np.argpartition(-told, min(DEPTH, len(told) - 1))[:DEPTH]
            best = best[told[best] > 0]
            lists.append(best[np.lexsort((best, -told[best]))].tolist())
    return lists


WHOLE = {"itemknn": itemknn, "ease": ease, "popularity": popularity}
