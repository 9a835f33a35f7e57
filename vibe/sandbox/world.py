"""The world a sandbox plays: artists, tracks and listeners, read from one JSON document.

docs/sandbox.md describes the document. All its dates are shifted so that its `as_of` is now.
"""

from __future__ import annotations

import gc
import gzip
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


class WorldError(Exception):
    """The world cannot be used; the message says where and why."""


@dataclass(slots=True, eq=False)
class Artist:
    id: str
    name: str
    tags: dict[str, float]
    similar: tuple[tuple[Artist, float], ...] = ()


@dataclass(slots=True, eq=False)
class Track:
    id: str
    name: str
    artists: tuple[Artist, ...]
    album: str
    duration_ms: int
    isrc: str
    listeners: int
    tags: tuple[str, ...]
    year: int | None
    similar: tuple[tuple[Track, float], ...] = ()


@dataclass(slots=True, eq=False)
class Like:
    track: Track
    added_at: datetime


@dataclass(slots=True, eq=False)
class Play:
    track: Track
    played_at: datetime
    context: str  # a URI; "" where there was none


@dataclass(slots=True, eq=False)
class Listener:
    id: str
    name: str
    country: str
    likes: list[Like]  # newest first
    plays: list[Play]  # newest first
    top_tracks: list[Track]
    top_artists: list[Artist]


@dataclass(slots=True, eq=False)
class World:
    about: str
    artists: dict[str, Artist] = field(default_factory=dict)
    tracks: dict[str, Track] = field(default_factory=dict)
    listeners: dict[str, Listener] = field(default_factory=dict)


def read(path: Path) -> dict[str, Any]:
    """The document in a `.json` or `.json.gz` file. Raises WorldError."""
    try:
        content = path.read_bytes()
        document = json.loads(gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content)
    except OSError as error:
        raise WorldError(f"{path}: {error.strerror or error}") from error
    except (ValueError, EOFError, zlib.error, RecursionError) as error:
        raise WorldError(f"{path} is not JSON, or broken: {error}") from error
    if not isinstance(document, dict):
        raise WorldError(f"{path}: the document must be an object with artists, tracks and users")
    return document


def build(document: Mapping[str, Any], now: datetime) -> World:
    """The world of a document, its dates moved so that `as_of` is `now`. Raises WorldError."""
    # Half a million small tuples: the collector would walk them all again and again, and find nothing.
    gc.disable()
    try:
        return _build(document, now)
    finally:
        gc.enable()
        gc.freeze()


def _build(document: Mapping[str, Any], now: datetime) -> World:
    world = World(about=str(document.get("about", "")))
    as_of = _each("document", lambda row: _moment(row["as_of"]), [document])[0]
    artists, tracks = _rows(document, "artists"), _rows(document, "tracks")
    _fill(world.artists, "artists", _each("artists", _artist, artists))
    _fill(world.tracks, "tracks", _each("tracks", lambda row: _track(row, world), tracks))
    _each("artists", lambda row: _link(row, world.artists), artists)
    _each("tracks", lambda row: _link(row, world.tracks), tracks)
    shift = now - as_of
    listeners = _each("users", lambda row: _listener(row, world, shift), _rows(document, "users"))
    _fill(world.listeners, "users", listeners)
    return world


def _rows(document: Mapping[str, Any], name: str) -> list[Any]:
    rows = document.get(name)
    if not isinstance(rows, list):
        raise WorldError(f"{name}: a list is missing")
    return rows


def _each(name: str, make: Callable[[Any], T], rows: list[Any]) -> list[T]:
    made: list[T] = []
    for number, row in enumerate(rows):
        try:
            made.append(make(row))
        except KeyError as error:
            raise WorldError(f"{name}[{number}]: {error} is missing or unknown") from error
        except (TypeError, ValueError, AttributeError, OverflowError) as error:
            raise WorldError(f"{name}[{number}]: {error}") from error
    return made


def _fill(target: dict[str, Any], name: str, rows: list[Any]) -> None:
    for row in rows:
        if row.id in target:
            raise WorldError(f"{name}: the id {row.id!r} stands there twice")
        target[row.id] = row


def _artist(row: Any) -> Artist:
    tags = {str(tag): float(weight) for tag, weight in (row.get("tags") or {}).items()}
    return Artist(_text(row, "id"), _text(row, "name"), tags)


def _track(row: Any, world: World) -> Track:
    artists = tuple(world.artists[key] for key in row["artist_ids"])
    if not artists:
        raise ValueError("artist_ids is empty")
    year = row.get("year")
    return Track(
        id=_text(row, "id"),
        name=_text(row, "name"),
        artists=artists,
        album=str(row.get("album") or row["name"]),
        duration_ms=int(row["duration_ms"]),
        isrc=str(row.get("isrc") or ""),
        listeners=int(row.get("listeners") or 0),
        tags=tuple(row.get("tags") or ()),
        year=int(year) if year else None,
    )


def _link(row: Any, things: Mapping[str, Any]) -> None:
    things[row["id"]].similar = tuple((things[key], float(match)) for key, match in row.get("similar") or ())


def _listener(row: Any, world: World, shift: timedelta) -> Listener:
    likes = [Like(world.tracks[key], _moment(at) + shift) for key, at in row.get("liked") or ()]
    plays = [Play(world.tracks[key], _moment(at) + shift, str(uri or "")) for key, at, uri in row.get("recent") or ()]
    top = row.get("top") or {}
    return Listener(
        id=_text(row, "id"),
        name=str(row.get("display_name") or row["id"]),
        country=str(row.get("country") or "DE"),
        likes=sorted(likes, key=lambda like: like.added_at, reverse=True),
        plays=sorted(plays, key=lambda play: play.played_at, reverse=True),
        top_tracks=[world.tracks[key] for key in top.get("tracks") or ()],
        top_artists=[world.artists[key] for key in top.get("artists") or ()],
    )


def _text(row: Any, name: str) -> str:
    value = row[name]
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name} must be a text, not {value!r}")
    return value


def _moment(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
