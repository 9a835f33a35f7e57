"""The vocabulary every app shares: what an outside service told us, without its JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

Clock = Callable[[], datetime]  # answers the present moment, aware and in UTC


@dataclass(frozen=True, slots=True)
class Artist:
    id: str  # Spotify's; "" where the service only knows names
    name: str


@dataclass(frozen=True, slots=True)
class Track:
    id: str
    name: str
    artists: tuple[Artist, ...]
    album: str = ""
    duration_ms: int = 0
    isrc: str = ""
    popularity: int | None = None  # null wherever Spotify no longer tells
    cover: str = ""  # address of a small picture; "" where the answer had none, as tracks within an album have

    @property
    def artist(self) -> Artist:
        """The first artist, who counts for caps and match keys."""
        return self.artists[0]

    @property
    def uri(self) -> str:
        return f"spotify:track:{self.id}"


@dataclass(frozen=True, slots=True)
class SavedItem:
    track: Track
    added_at: datetime


@dataclass(frozen=True, slots=True)
class PlayedItem:
    track: Track
    played_at: datetime
    context: str = ""  # URI of the playlist, album or artist it was played from


@dataclass(frozen=True, slots=True)
class SavedPage:
    """One page of the liked tracks; `rows` counts what Spotify sent, unusable rows included."""

    items: tuple[SavedItem, ...]
    total: int
    rows: int


@dataclass(frozen=True, slots=True)
class Album:
    id: str
    name: str
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Playlist:
    id: str
    name: str
    description: str
    owner_id: str
    url: str


@dataclass(frozen=True, slots=True)
class SimilarTrack:
    artist: str
    title: str
    match: float  # 0..1, comparable only within one answer


@dataclass(frozen=True, slots=True)
class SimilarArtist:
    name: str
    match: float


@dataclass(frozen=True, slots=True)
class Tag:
    name: str
    weight: float  # 0..1, 1 for the tag given most often


@dataclass(frozen=True, slots=True)
class Tokens:
    """An answer of Spotify's token endpoint; `refresh` is "" where it sent none."""

    access: str
    refresh: str
    expires_in: int  # seconds
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Me:
    account_id: str  # the linking key
    user_id: str  # the older id, for URIs and display
    display_name: str
    country: str = ""  # "" for a Development-Mode app
