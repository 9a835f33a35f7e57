"""What a source is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

from recommendations.candidates import Found, Profile, Seed, SeedArtist
from recommendations.questions import Answer, Conversation, Row

NEIGHBOURS = 10  # of each seed artist
NEAREST = 20  # the nearest of all of them: 10, 20, 40 find .165, .168, .170 where nothing speaks of tracks


@dataclass(frozen=True, slots=True)
class Source:
    name: str  # stored with every track it found; never renamed
    service: str  # whose answers it needs
    find: Callable[[Profile], Conversation[list[Found]]]
    capability: str = ""  # the route it needs that Spotify may have removed
    instead_of: str = ""  # it works only where this route is gone


def artists_for(profile: Profile, usual: int, wide: int) -> Sequence[SeedArtist]:
    """The listener's first artists whose id is known; with a wide profile the next ones every day."""
    artists = [artist for artist in profile.artists if artist.id]
    if not profile.wide or not artists:
        return artists[:usual]
    begin = profile.day * wide % len(artists)
    return (artists[begin:] + artists[:begin])[:wide]


def in_turn(artists: Sequence[SeedArtist], day: int, steady: int, most: int) -> Sequence[SeedArtist]:
    """The first `steady`, and of the others as many as make `most`: day by day the next ones."""
    first, others = artists[:steady], artists[steady:]
    begin = day * (most - steady) % max(1, len(others))
    return [*first, *others[begin:], *others[:begin]][:most]


def words(
    source: str, relation: str, seed: Seed | SeedArtist, rows: Iterable[Row], match: float | None = None
) -> list[Found]:
    """An answer as the source's words, ranked as it came; `match` stands for all rows where it is given."""
    return [
        Found(
            source=source,
            relation=relation,
            seed=seed.key,
            because=seed.because,
            match=row.match if match is None else match,
            rank=rank,
            artist=row.artist,
            title=row.title,
            track=row.track,
            duration_ms=row.duration_ms,
            isrc=row.isrc,
        )
        for rank, row in enumerate(rows, 1)
    ]


class Near(NamedTuple):
    """An artist near the listener's own, by the name and, where the service has one, the id it is known by."""

    artist: str
    id: str
    seed: SeedArtist  # who speaks loudest for it
    closeness: float  # 1 for the nearest of all


def nearest(seeds: Sequence[SeedArtist], answers: Sequence[Answer], most: int = NEAREST) -> list[Near]:
    """Nearest first. `answers`: to each seed the artists like it, best first, with their match."""
    total: dict[tuple[str, str], float] = {}
    loudest: dict[tuple[str, str], tuple[float, SeedArtist]] = {}
    for seed, rows in zip(seeds, answers, strict=True):
        for row in rows[:NEIGHBOURS]:
            who, say = (row.artist, row.id), row.match * sqrt(seed.count)
            total[who] = total.get(who, 0.0) + say
            loudest[who] = max(loudest.get(who, (0.0, seed)), (say, seed), key=lambda pair: pair[0])
    best = sorted(total, key=lambda who: (-total[who], who))[:most]
    top = max(total.values(), default=1.0) or 1.0
    return [Near(*who, loudest[who][1], total[who] / top) for who in best]
