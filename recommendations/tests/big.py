"""A listener and finds of any size, for the benchmark."""

from __future__ import annotations

from random import Random

from recommendations.candidates import Found, Listening
from recommendations.tests.told import heard


def listening(likes: int = 500) -> Listening:
    songs = [heard(f"Artist {n % 120}", f"Liked {n}", days_ago=n) for n in range(likes)]
    return Listening(likes=tuple(songs), plays=tuple(songs[:50]))


def words(candidates: int) -> list[Found]:
    """About so many candidates, each found by two seeds of thirty on the average, as in real runs."""
    rng = Random(1)
    return [
        Found(
            source="lastfm_similar_tracks",
            relation="similar_track",
            seed=f"artist {seed}\tliked {seed}",
            because=f"Artist {seed} - Liked {seed}",
            match=rng.random(),
            rank=rank,
            artist=f"Found {number % 900}",
            title=f"Song {number}",
        )
        for seed in range(30)
        for rank, number in enumerate(rng.sample(range(candidates * 6 // 5), candidates // 14), 1)
    ]
