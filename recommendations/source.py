"""What a source is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from recommendations.candidates import Found, Profile, Seed, SeedArtist
from recommendations.questions import Conversation, Row


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
        )
        for rank, row in enumerate(rows, 1)
    ]
