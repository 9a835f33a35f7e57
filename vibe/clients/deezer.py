"""Deezer's public catalogue, without a key. https://developers.deezer.com/api

Names and recording codes are all that is sent, and all that is kept. Whatever went wrong, the status is 200:
https://developers.deezer.com/api/errors
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings

from vibe.clients.errors import RateLimited, ServiceError
from vibe.clients.http import Refused, ask, fetched, refusal
from vibe.clients.meter import Meter
from vibe.clients.text import as_isrc, as_name

DEEZER = "deezer"
WINDOW = timedelta(seconds=5)  # 50 requests in so long are allowed; no Retry-After tells when there is room again
QUOTA, BUSY, NO_DATA = 4, 700, 800
FORBIDDEN = {200, 300, 901}  # permission, token, "individual account not allowed"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DeezerArtist:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class DeezerTrack:
    title: str
    artists: tuple[DeezerArtist, ...]  # the main one first
    duration_ms: int = 0
    isrc: str = ""  # lists mostly leave it out


class DeezerClient:
    """Methods raise ServiceError; what Deezer does not know is None or an empty tuple. Thread-safe."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    def track(self, isrc: str) -> DeezerTrack | None:
        if not re.fullmatch(r"[A-Za-z0-9]{12}", isrc):
            return None  # Deezer would look for something else
        return self._ask("track", f"track/isrc:{isrc.upper()}", {}, _track)

    def related_artists(self, artist_id: str, limit: int = 20) -> tuple[DeezerArtist, ...]:
        """Nearest first; Deezer does not say how near."""
        return self._ask("related", f"artist/{artist_id}/related", {"limit": str(limit)}, _rows(_artist)) or ()

    def top_tracks(self, artist_id: str, limit: int = 20) -> tuple[DeezerTrack, ...]:
        """Best first."""
        return self._ask("top_tracks", f"artist/{artist_id}/top", {"limit": str(limit)}, _rows(_track)) or ()

    def _ask(self, family: str, path: str, params: dict[str, str], read: Callable[[Any], T]) -> T | None:
        def once() -> T | None:
            try:
                body = fetched(DEEZER, f"{settings.DEEZER_API_URL}/{path}", params)
            except Refused as refused:
                raise refusal(DEEZER, refused, self._meter.clock()) from None
            if not isinstance(body, dict):
                raise ServiceError(DEEZER, "malformed")
            if error := body.get("error"):
                _raise(error, self._meter.clock())
                return None
            return read(body)

        return ask(self._meter, DEEZER, family, once, repeatable=True)


def _raise(error: Any, now: datetime) -> None:
    """What Deezer does not have is no error."""
    code = error.get("code") if isinstance(error, dict) else None
    if isinstance(code, dict | list):
        raise ServiceError(DEEZER, "malformed")
    if code == QUOTA:
        raise RateLimited(DEEZER, now + WINDOW)
    if code == BUSY:
        raise ServiceError(DEEZER, "unavailable")
    if code != NO_DATA:
        raise ServiceError(DEEZER, "forbidden" if code in FORBIDDEN else "bad_request", permanent=True)


def _rows(read: Callable[[Any], T | None]) -> Callable[[dict[str, Any]], tuple[T, ...]]:
    def read_all(body: dict[str, Any]) -> tuple[T, ...]:
        rows = body.get("data")
        if not isinstance(rows, list):
            raise ServiceError(DEEZER, "malformed")
        return tuple(one for row in rows if (one := read(row)) is not None)

    return read_all


def _track(row: Any) -> DeezerTrack | None:
    if not isinstance(row, dict):
        return None
    others = row.get("contributors")
    people = map(_artist, [row.get("artist"), *(others if isinstance(others, list) else [])])
    artists = tuple(dict.fromkeys(one for one in people if one is not None))
    title = as_name(row.get("title"))
    if not artists or not title:
        return None
    return DeezerTrack(title, artists, _number(row.get("duration")) * 1000, as_isrc(row.get("isrc")))


def _artist(row: Any) -> DeezerArtist | None:
    if not isinstance(row, dict):
        return None
    name, number = as_name(row.get("name")), _number(row.get("id"))
    return DeezerArtist(str(number), name) if number and name else None


def _number(value: Any) -> int:
    """Deezer writes numbers as texts too; 0 for what is none."""
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0
