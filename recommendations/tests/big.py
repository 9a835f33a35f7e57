"""A listener and finds of any size, for the benchmark."""

from __future__ import annotations

from random import Random

from recommendations.candidates import Found, Listening
from recommendations.tests.told import heard


def listening(likes: int = 500) -> Listening:
    songs = [heard(f"Artist {n % 120}", f"Liked {n}", days_ago=n) for n in range(likes)]
    return Listening(likes=tuple(songs), plays=tuple(songs[:50]))


def words(candidates: int) -> list[Found]:
    """About so many candidates, each found by two seeds of forty on the average, and forty checked, as in real runs."""
    rng = Random(1)

    def word(relation: str, seed: int, rank: int, number: int) -> Found:
        return Found(
            source="lastfm_similar_tracks",
            relation=relation,
            seed=f"artist {seed} | liked {seed}",
            because=f"Artist {seed} - Liked {seed}",
            match=rng.random(),
            rank=rank,
            artist=f"Found {number % 900}",
            title=f"Song {number}",
        )

    all_of_them = range(candidates * 6 // 5)
    beside = [
        word("similar_track", seed, rank, number)
        for seed in range(40)
        for rank, number in enumerate(rng.sample(all_of_them, candidates // 19), 1)
    ]
    checked = rng.sample(all_of_them, 40)
    return beside + [word("mutual", seed, 1, number) for number in checked for seed in rng.sample(range(400), 8)]
