"""What a source may ask an outside catalogue, and what comes back. Plain data, so that answers
can be cached, shared between sources, or computed from other listeners' data by `evaluate`."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, TypeVar

from vibe.clients.types import Artist, Track


@dataclass(frozen=True, slots=True)
class Question:
    service: str
    family: str
    args: tuple[str, ...]
    days: int = 7  # how long the answer may be kept; 0 = not at all

    @property
    def key(self) -> str:
        """At most 400 characters; ids and names are told apart to the letter."""
        key = "\t".join((self.family, *self.args))
        return key if len(key) <= 400 else key[:336] + sha256(key.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an answer: a track by name, a track with Spotify's id, an artist or an album."""

    artist: str = ""
    title: str = ""
    match: float = 0.0
    id: str = ""
    track: Track | None = None


Answer = tuple[Row, ...]


class Failed(Answer):
    """The empty answer to a question that could not be put; it says nothing about the catalogue."""


FAILED: Answer = Failed()
Result = TypeVar("Result")
# A conversation yields the questions it wants answered next, and receives the answers in the same order.
Conversation = Generator[Sequence[Question], Sequence[Answer], Result]


def probe(questions: Sequence[Question]) -> Conversation[list[Answer]]:
    """Asks the first alone: a route that is gone costs one call and not all of them."""
    if not questions:
        return []
    first = yield questions[:1]
    return [*first, *((yield questions[1:]) if first[0] is not FAILED else [FAILED] * len(questions[1:]))]


def similar_tracks(artist: str, title: str) -> Question:
    return Question("lastfm", "similar_tracks", (artist, title))


def similar_artists(artist: str) -> Question:
    return Question("lastfm", "similar_artists", (artist,), days=14)


def top_tracks(artist: str) -> Question:
    return Question("lastfm", "top_tracks", (artist,), days=14)


def recommendations(track_ids: Sequence[str]) -> Question:
    return Question("spotify", "recommendations", tuple(track_ids), days=1)


def spotify_top_tracks(artist_id: str) -> Question:
    return Question("spotify", "artist_top_tracks", (artist_id,))


def artist_albums(artist_id: str) -> Question:
    return Question("spotify", "artist_albums", (artist_id,), days=14)


def album_tracks(album_id: str, album: str) -> Question:
    return Question("spotify", "album_tracks", (album_id, album), days=30)


def search(query: str, days: int = 0) -> Question:
    return Question("spotify", "search", (query,), days)


def artist_search(artist: str) -> Question:
    """An artist's tracks, ten at a time: one such call may settle several names."""
    return search(f'artist:"{plain(artist)}"', days=7)


def track_search(artist: str, title: str) -> Question:
    return search(f'track:"{plain(title)}" artist:"{plain(artist)}"')


def name_search(artist: str, title: str) -> Question:
    """Without field filters, which miss names with punctuation or in some scripts."""
    return search(plain(f"{artist} {title}"))


def plain(text: str) -> str:
    """Without the two characters that break Spotify's field filters."""
    return text.replace('"', " ").replace(":", " ").strip()


def track_to_json(track: Track) -> dict[str, Any]:
    return asdict(track)


def track_from_json(data: dict[str, Any]) -> Track:
    return Track(**{**data, "artists": tuple(Artist(**artist) for artist in data["artists"])})


def answer_to_json(answer: Answer) -> list[list[Any]]:
    return [[r.artist, r.title, r.match, r.id, track_to_json(r.track) if r.track else None] for r in answer]


def answer_from_json(rows: list[list[Any]]) -> Answer:
    return tuple(
        Row(artist, title, match, id_, track_from_json(track) if track else None)
        for artist, title, match, id_, track in rows
    )
