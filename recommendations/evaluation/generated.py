"""A small world of listeners, made up: so that `evaluate` runs where nobody has data."""

from __future__ import annotations

import random
from functools import cache
from itertools import accumulate

from recommendations.evaluation.data import Data

LISTENERS, STYLES, ARTISTS_A_STYLE, TRACKS_AN_ARTIST = 600, 10, 12, 6
KEPT = (30, 60)  # tracks of a listener
STRAY = 0.15  # of them, out of styles that are not his


def generate(seed: int = 1) -> Data:
    """The same for the same seed. Each listener has two styles, and of each the better known artists more often."""
    rng = random.Random(seed)  # noqa: S311  draws that anybody can repeat
    artists = [artist for artist in range(STYLES * ARTISTS_A_STYLE) for _ in range(TRACKS_AN_ARTIST)]
    return Data(artists, {f"listener {n}": _kept(rng) for n in range(LISTENERS)})


def _kept(rng: random.Random) -> list[int]:
    own = rng.sample(range(STYLES), 2)
    kept: set[int] = set()
    many = rng.randint(*KEPT)
    while len(kept) < many:
        style = rng.randrange(STYLES) if rng.random() < STRAY else rng.choice(own)
        artist = style * ARTISTS_A_STYLE + _known_first(rng, ARTISTS_A_STYLE)
        kept.add(artist * TRACKS_AN_ARTIST + _known_first(rng, TRACKS_AN_ARTIST))
    return sorted(kept)


def _known_first(rng: random.Random, many: int) -> int:
    """A number below `many`, in proportion to 1, 1/2, 1/3 and so on."""
    return rng.choices(range(many), cum_weights=_weights(many))[0]


@cache
def _weights(many: int) -> list[float]:
    return list(accumulate(1 / place for place in range(1, many + 1)))
