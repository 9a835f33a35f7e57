"""MusicBrainz: which recording an ISRC is, and whose. https://musicbrainz.org/doc/MusicBrainz_API#isrc

One call a second, and a User-Agent that names the application and whom to write to: https://musicbrainz.org/doc/MusicBrainz_API/Rate_Limiting
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from vibe.clients.errors import RateLimited, ServiceError
from vibe.clients.http import NAME, Refused, ask, blocked_until, fetched, refusal
from vibe.clients.meter import Meter
from vibe.clients.text import as_name

MUSICBRAINZ = "musicbrainz"
MBID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Credit:
    mbid: str
    name: str


@dataclass(frozen=True, slots=True)
class Recording:
    mbid: str
    title: str
    artists: tuple[Credit, ...]  # the main one first
    duration_ms: int = 0


class MusicbrainzClient:
    """Its method raises ServiceError. Thread-safe."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    def recordings(self, isrc: str) -> tuple[Recording, ...]:
        """Those with this ISRC, as a rule one; none for an ISRC that MusicBrainz does not know."""
        if not re.fullmatch(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}", isrc):
            return ()  # it would be refused
        url = f"{settings.MUSICBRAINZ_API_URL}/ws/2/isrc/{isrc}"

        def once() -> tuple[Recording, ...]:
            try:
                body = fetched(MUSICBRAINZ, url, {"inc": "artist-credits", "fmt": "json"}, headers=_signed())
            except Refused as refused:
                if refused.status == 404:
                    return ()
                raise _refusal(refused, self._meter.clock()) from None
            rows = body.get("recordings") if isinstance(body, dict) else None
            if not isinstance(rows, list):
                raise ServiceError(MUSICBRAINZ, "malformed")
            return tuple(one for row in rows if (one := _recording(row)) is not None)

        return ask(self._meter, MUSICBRAINZ, "recordings", once, repeatable=True)


def mbid(row: Mapping[str, Any], name: str) -> str:
    """An id of MusicBrainz, "" for anything else."""
    value = row.get(name)
    return value.lower() if isinstance(value, str) and MBID.fullmatch(value.lower()) else ""


def whole(row: Mapping[str, Any], name: str) -> int:
    """A whole number, 0 for anything else."""
    value = row.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else 0


def _signed() -> dict[str, str] | None:
    """Where the installation has an address of its own, it is the contact that MusicBrainz asks for."""
    return {"User-Agent": f"{NAME} ( {settings.PUBLIC_URL} )"} if settings.HTTPS else None


def _refusal(refused: Refused, now: datetime) -> ServiceError:
    # Too many calls are a 503 in its words, and so is a server that is busy.
    if refused.status == 503 and "rate limit" in refused.text:
        return RateLimited(MUSICBRAINZ, blocked_until(refused.headers.get("Retry-After"), now))
    return refusal(MUSICBRAINZ, refused, now)


def _recording(row: Any) -> Recording | None:
    if not isinstance(row, dict) or not (key := mbid(row, "id")):
        return None
    credited = row.get("artist-credit")
    found = map(_credit, credited if isinstance(credited, list) else [])
    artists = tuple(one for one in found if one is not None)
    title = as_name(row.get("title"))
    return Recording(key, title, artists, whole(row, "length")) if title and artists else None


def _credit(row: Any) -> Credit | None:
    artist = row.get("artist") if isinstance(row, dict) else None
    if not isinstance(artist, dict):
        return None
    key, name = mbid(artist, "id"), as_name(artist.get("name"))
    return Credit(key, name) if key and name else None
