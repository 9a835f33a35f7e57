"""What a source may ask an outside catalogue, and what comes back. Plain data, so that answers
can be cached, shared between sources, or computed from other listeners' data by `evaluate`."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, TypeVar

from vibe.clients.text import as_name
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
    duration_ms: int = 0
    isrc: str = ""


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


def tag_tracks(tag: str) -> Question:
    """Tags are one in any case of letters."""
    return Question("lastfm", "tag_tracks", (tag.casefold(),), days=21)


def artist_tags(artist: str) -> Question:
    """Each row has a tag for its title, and how often it is given for its match."""
    return Question("lastfm", "artist_tags", (artist,), days=30)


def recordings_of(isrc: str) -> Question:
    """At MusicBrainz, whose ids ListenBrainz goes by. They do not change."""
    return Question("musicbrainz", "recordings", (isrc,), days=365)


def artist_radio(artist: str, near: int, each: int) -> Question:
    """By MusicBrainz's id. The rows name artists; their recordings are ids only."""
    return Question("listenbrainz", "artist_radio", (artist, str(near), str(each)), days=14)


def recordings(keys: Iterable[str]) -> Question:
    """What recordings are called, by MusicBrainz's ids; at most a hundred."""
    return Question("listenbrainz", "recordings", tuple(keys), days=60)


def similar_recordings(recording: str) -> Question:
    return Question("listenbrainz_labs", "similar_recordings", (recording,), days=14)


def spotify_ids(names: Iterable[tuple[str, str]]) -> Question:
    """Spotify's ids of (artist, title), at most a hundred. Kept by the names and not as an answer."""
    return Question("listenbrainz_labs", "spotify_ids", tuple(part for pair in names for part in pair), days=0)


def deezer_artists(isrc: str) -> Question:
    """Who is on a recording, by Deezer's ids."""
    return Question("deezer", "artists", (isrc,), days=60)


def deezer_related(artist: str) -> Question:
    """By Deezer's id."""
    return Question("deezer", "related", (artist,), days=14)


def deezer_top_tracks(artist: str) -> Question:
    """By Deezer's id."""
    return Question("deezer", "top_tracks", (artist,), days=14)


def reccobeats_recommendations(track_ids: Sequence[str], market: str) -> Question:
    """At most five; what is not sold in `market` is left out of the answer."""
    return Question("reccobeats", "recommendations", (market, *track_ids), days=3)


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
    artists = tuple(Artist(artist["id"], as_name(artist["name"])) for artist in data["artists"])
    return Track(**{**data, "name": as_name(data["name"]), "artists": artists})


def answer_to_json(answer: Answer) -> list[list[Any]]:
    return [
        [r.artist, r.title, r.match, r.id, track_to_json(r.track) if r.track else None, r.duration_ms, r.isrc]
        for r in answer
    ]


def answer_from_json(rows: list[list[Any]]) -> Answer:
    """What an older version kept may hold names that can't be stored elsewhere."""
    return tuple(
        Row(as_name(artist), as_name(title), match, id_, track_from_json(track) if track else None, *more)
        for artist, title, match, id_, track, *more in rows  # `more`: not in what an older version kept
    )
