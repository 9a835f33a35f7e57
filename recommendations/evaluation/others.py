"""What the others listen to, as matrices: the source of every stand-in answer and every baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from recommendations.evaluation.data import Data

SHRINK = 5  # co-listeners that halve the trust in a likeness
SIMILAR_TRACKS, SIMILAR_ARTISTS, TOP_TRACKS = 100, 50, 20  # as many as Last.fm is asked for

Neighbours = tuple[NDArray[np.integer], NDArray[np.float64]]  # numbers and likenesses, nearest first


@dataclass(frozen=True)
class Others:
    tracks: csr_array  # other listeners x tracks, 1 where somebody has it
    artists: NDArray[np.int64]  # of each track

    @classmethod
    def of(cls, data: Data, listeners: Sequence[str]) -> Others:
        kept = [data.listeners[user] for user in listeners]
        return cls(ones(kept, len(data.artists)), np.array(data.artists, dtype=np.int64))

    @cached_property
    def listeners(self) -> NDArray[np.int64]:
        """How many have each track."""
        return np.asarray(self.tracks.sum(axis=0), dtype=np.int64)

    @cached_property
    def by_artist(self) -> csr_array:
        """Other listeners x artists."""
        artist_of = csr_array(
            (np.ones(len(self.artists)), (np.arange(len(self.artists)), self.artists)),
            shape=(len(self.artists), int(self.artists.max(initial=-1)) + 1),
        )
        return (self.tracks @ artist_of).minimum(1).tocsr()

    @cached_property
    def together(self) -> csr_array:
        """How many have both of two tracks."""
        return (self.tracks.T @ self.tracks).tocsr()

    def similar_tracks(self) -> list[Neighbours]:
        return nearest(cosine(self.together, SHRINK), SIMILAR_TRACKS)

    def similar_artists(self) -> list[Neighbours]:
        return nearest(cosine((self.by_artist.T @ self.by_artist).tocsr(), SHRINK), SIMILAR_ARTISTS)

    def top_tracks(self) -> list[NDArray[np.int64]]:
        return [tracks[:TOP_TRACKS] for tracks in self.by_popularity()]

    def by_popularity(self) -> list[NDArray[np.int64]]:
        """Of each artist, the tracks that anybody has; most listeners first."""
        order = np.lexsort((np.arange(len(self.artists)), -self.listeners, self.artists))
        order = order[self.listeners[order] > 0]
        ends = np.searchsorted(self.artists[order], np.arange(int(self.artists.max(initial=-1)) + 2))
        return [order[begin:end] for begin, end in pairwise(ends)]


def ones(rows: Sequence[Sequence[int]], columns: int) -> csr_array:
    lengths = np.array([0, *map(len, rows)]).cumsum()
    places = np.fromiter((place for row in rows for place in row), dtype=np.int64, count=int(lengths[-1]))
    return csr_array((np.ones(len(places)), places, lengths), shape=(len(rows), columns))


def cosine(together: csr_array, shrink: float = 0.0) -> csr_array:
    """together / sqrt(one x other), times together / (together + shrink); 0 with itself."""
    together.sort_indices()  # the answer shares them
    counts, both, column = together.diagonal(), together.data, together.indices
    row = np.repeat(np.arange(len(counts)), np.diff(together.indptr))
    likeness = both / np.sqrt(counts[row] * counts[column]) * (both / (both + shrink))
    likeness[row == column] = 0.0
    return csr_array((likeness, column, together.indptr), shape=together.shape)


def nearest(likeness: csr_array, most: int) -> list[Neighbours]:
    """The strongest of each row, best first, ties by number; none of 0."""
    likeness.sort_indices()
    lists = []
    for begin, end in pairwise(likeness.indptr):
        numbers, values = likeness.indices[begin:end], likeness.data[begin:end]
        least = np.partition(values, -most)[-most] if len(values) > most else 0.0
        strong = np.flatnonzero((values >= least) & (values > 0))
        order = strong[np.argsort(-values[strong], kind="stable")[:most]]
        lists.append((numbers[order], values[order]))
    return lists


def pruned(likeness: csr_array, most: int) -> csr_array:
    """The same matrix with the strongest of each row alone."""
    numbers, values = zip(*nearest(likeness, most), strict=True)
    ends = np.array([0, *map(len, numbers)]).cumsum()
    return csr_array((np.concatenate(values), np.concatenate(numbers), ends), shape=likeness.shape)
