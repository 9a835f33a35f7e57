"""Reads the sandbox's text: `catalogue/*.txt` and `listeners.txt`, and gives everything a lasting id."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

Weights = dict[str, float]

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PAIR = re.compile(r"\s*(\S.*?) (\d+(?:\.\d+)?)\s*(?:,|$)")
ALBUM = re.compile(r"(\S.*) \((\d{4})\): (.+)")


@dataclass(eq=False)
class Title:
    """One track of the catalogue, with its place on its album."""

    artist: Artist
    name: str
    album: str
    year: int
    hit: bool
    place: int
    id: str = field(init=False)

    def __post_init__(self) -> None:
        self.id = spotify_id("track", self.artist.name, self.name)


@dataclass(eq=False)
class Artist:
    """One artist, with the neighbours the catalogue's author named."""

    name: str
    tags: Weights
    listeners: int
    russian: bool
    near: Weights = field(default_factory=dict)
    titles: list[Title] = field(default_factory=list)
    id: str = field(init=False)

    def __post_init__(self) -> None:
        self.id = spotify_id("artist", self.name)


@dataclass(eq=False)
class Listener:
    """One listener: whom they love and how many titles they have saved."""

    id: str
    name: str
    likes: int
    taste: Weights = field(default_factory=dict)


def digest(*parts: str) -> int:
    """A stable big number out of the parts."""
    return int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest(), "big")


def chance(*parts: str) -> float:
    """A stable number in 0..1 out of the parts."""
    return digest(*parts) % 10**9 / 10**9


def seeded(*parts: str) -> Random:
    """A random source that always starts the same."""
    return Random("\0".join(parts))  # noqa: S311 - a made-up world needs no secrecy


def spotify_id(*parts: str) -> str:
    """22 characters in base 62, as Spotify's ids look."""
    number, letters = digest(*parts), ""
    for _ in range(22):
        number, rest = divmod(number, 62)
        letters += BASE62[rest]
    return letters


def weights(text: str) -> Weights:
    """`name 1.0, name 0.5` as weights; the number ends a name, so a name may hold commas."""
    found = {name: float(number) for name, number in PAIR.findall(text)}
    if PAIR.sub("", text).strip() or not found or max(found.values()) > 1:
        raise ValueError("expected `name weight, name weight` with weights in 0..1")
    return found


def header(text: str) -> list[str]:
    """The three fields of an `@` line."""
    fields = [part.strip() for part in text.split("|")]
    if len(fields) != 3 or not all(fields):
        raise ValueError("expected `@ one | two | three`")
    return fields


def lines(path: Path) -> Iterator[tuple[str, str, str]]:
    """Where, kind (`@`, `~` or nothing) and text of every line that says something."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        # An album may be called "#16plus": only a lone # opens a comment.
        if line.strip() and line.split()[0] != "#":
            kind = line[0] if line[0] in "@~" else ""
            yield f"{path.name}:{number}", kind, line.removeprefix(kind).strip()


def add_album(artist: Artist, text: str) -> None:
    """A line of titles, into its artist."""
    album = ALBUM.fullmatch(text)
    if not album:
        raise ValueError("expected `Album (year): Title; Title*`")
    for place, written in enumerate(album[3].split(";")):
        name = written.strip().removesuffix("*")
        if not name or any(name.casefold() == title.name.casefold() for title in artist.titles):
            raise ValueError(f"an empty or repeated title {name!r}")
        artist.titles.append(Title(artist, name, album[1], int(album[2]), written.strip() != name, place))


def read_artist(text: str, russian: bool) -> Artist:
    """An artist out of an `@` line."""
    name, tags, listeners = header(text)
    return Artist(name, weights(tags), int(listeners), russian)


def read_file(path: Path) -> list[Artist]:
    """The artists of one catalogue file."""
    artists: list[Artist] = []
    for where, kind, text in lines(path):
        try:
            if kind == "@":
                artists.append(read_artist(text, path.name.startswith("russian")))
            elif kind == "~":
                artists[-1].near = weights(text)
            else:
                add_album(artists[-1], text)
        except (ValueError, IndexError) as error:
            raise ValueError(f"{where}: {error}") from error
    return artists


def read_catalogue(folder: Path) -> list[Artist]:
    """The artists of every file, each once, knowing only neighbours that are here too."""
    artists: dict[str, Artist] = {}
    for path in sorted(folder.glob("*.txt")):
        for artist in read_file(path):
            if artist.name in artists:
                raise ValueError(f"{path.name}: {artist.name} is in the catalogue twice")
            artists[artist.name] = artist
    for artist in artists.values():
        artist.near = {name: near for name, near in artist.near.items() if name in artists and name != artist.name}
    return list(artists.values())


def read_listener(text: str) -> Listener:
    """A listener out of an `@` line."""
    handle, name, likes = header(text)
    return Listener(handle, name, int(likes))


def add_taste(listener: Listener, text: str, known: set[str]) -> None:
    """A line of artists, into its listener's taste."""
    loved = weights(text)
    if strangers := loved.keys() - known:
        raise ValueError(f"not in the catalogue: {', '.join(sorted(strangers))}")
    listener.taste |= loved


def read_listeners(path: Path, known: set[str]) -> list[Listener]:
    """The listeners, who may love only artists that are known."""
    listeners: list[Listener] = []
    for where, kind, text in lines(path):
        try:
            if kind == "@":
                listeners.append(read_listener(text))
            else:
                add_taste(listeners[-1], text, known)
        except (ValueError, IndexError) as error:
            raise ValueError(f"{where}: {error}") from error
    return listeners
