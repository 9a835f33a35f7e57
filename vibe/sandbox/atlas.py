"""The sandbox's world as one dictionary: artists, titles, who resembles whom, a few listeners.

Everything follows from the text and from fixed hashes, so the same files always give the same world.
`python -m vibe.sandbox.atlas` prints whom twenty well-known artists have as neighbours.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from .likeness import TrackLikeness, audience, similar_artists
from .listening import user
from .reading import Artist, Title, chance, digest, read_catalogue, read_listeners

World = dict[str, Any]

CATALOGUE = Path(__file__).parent / "catalogue"
LISTENERS = Path(__file__).parent / "listeners.txt"
AS_OF = datetime.fromisoformat("2026-11-20T21:00:00+00:00")
ABOUT = "A made-up listening world over a hand-written catalogue of real artists and titles."
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
INTERNATIONAL = ["Radiohead", "The Cure", "Metallica", "Portishead", "Aphex Twin"]
INTERNATIONAL += ["Kendrick Lamar", "Miles Davis", "Stevie Wonder", "Bob Dylan", "Daft Punk"]
RUSSIAN = ["Кино", "Земфира", "Сплин", "Аквариум", "Король и Шут"]
RUSSIAN += ["Molchat Doma", "Монеточка", "Oxxxymiron", "Алла Пугачёва", "Владимир Высоцкий"]


def duration_ms(title: Title) -> int:
    """Between 2:10 and 6:30, mostly near four minutes."""
    return 130_000 + round(130_000 * (chance("length", title.id) + chance("breadth", title.id)))


def isrc(title: Title) -> str:
    """A well-formed recording code: country, registrant, year, number."""
    number = digest("isrc", title.id)
    country = "RU" if title.artist.russian else ("GB", "US")[number % 2]
    registrant = "".join(LETTERS[number // 26**power % 26] for power in (1, 2, 3))
    return f"{country}{registrant}{title.year % 100:02}{number // 26**4 % 100_000:05}"


def artist_entry(artist: Artist, near: list[tuple[str, float]], ids: dict[str, str]) -> World:
    """An artist as the world tells of them."""
    similar = [[ids[other], closeness] for other, closeness in near]
    return {"id": artist.id, "name": artist.name, "tags": artist.tags, "similar": similar}


def track_entry(title: Title, likeness: TrackLikeness) -> World:
    """A track as the world tells of it."""
    return {
        "id": title.id,
        "name": title.name,
        "artist_ids": [title.artist.id],
        "album": title.album,
        "duration_ms": duration_ms(title),
        "isrc": isrc(title),
        "tags": list(title.artist.tags),
        "listeners": audience(title),
        "similar": [[other, closeness] for other, closeness in likeness.similar(title)],
    }


def refuse_twins(what: str, names: Iterable[str]) -> None:
    """A world in which two things share an id or a code is no world."""
    if twins := [name for name, times in Counter(names).items() if times > 1]:
        raise ValueError(f"the same {what} twice: {', '.join(twins)}")


def build(catalogue: Path = CATALOGUE, listeners: Path = LISTENERS) -> World:
    """The whole world, always the same for the same files."""
    artists = read_catalogue(catalogue)
    ids = {artist.name: artist.id for artist in artists}
    named = {artist.name: artist for artist in artists}
    near = similar_artists(artists)
    likeness = TrackLikeness(artists, near)
    tracks = [track_entry(title, likeness) for artist in artists for title in artist.titles]
    refuse_twins("id", [*ids.values(), *(track["id"] for track in tracks)])
    refuse_twins("ISRC", (track["isrc"] for track in tracks))
    return {
        "about": ABOUT,
        "as_of": AS_OF.isoformat(),
        "artists": [artist_entry(artist, near[artist.name], ids) for artist in artists],
        "tracks": tracks,
        "users": [user(listener, named, AS_OF) for listener in read_listeners(listeners, set(ids))],
    }


def neighbours(world: World, names: Iterable[str], n: int = 6) -> dict[str, list[str]]:
    """The names of each named artist's nearest neighbours, best first."""
    name_of = {artist["id"]: artist["name"] for artist in world["artists"]}
    near = {artist["name"]: [name_of[other] for other, _ in artist["similar"][:n]] for artist in world["artists"]}
    return {name: near[name] for name in names if name in near}


def table(found: dict[str, list[str]]) -> str:
    """Neighbours as a Markdown table."""
    rows = [f"| {name} | {', '.join(near)} |" for name, near in found.items()]
    return "\n".join(["| Artist | Nearest neighbours |", "| --- | --- |", *rows])


if __name__ == "__main__":
    sys.stdout.write(table(neighbours(build(), INTERNATIONAL + RUSSIAN)) + "\n")
