"""ReccoBeats: tracks like some others, by Spotify's ids, without a key. https://reccobeats.com/docs/apis/reccobeats-api

Nothing but ids of tracks is sent; the page of the operator's duties is docs/outside-services.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.conf import settings

from vibe.clients.errors import ServiceError
from vibe.clients.http import Refused, ask, fetched, refusal
from vibe.clients.meter import Meter
from vibe.clients.text import as_isrc, as_name
from vibe.clients.types import Artist, Track

RECCOBEATS = "reccobeats"
SEEDS = 5  # at most, in a call
SIZE = 100  # tracks in an answer, at most
_HREF = re.compile(r"https?://open\.spotify\.com/(?:intl-[a-z]+/)?(track|artist)/([A-Za-z0-9]{22})(?:[/?#]|$)")


class ReccoBeatsClient:
    """Its method raises ServiceError. Thread-safe."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    def recommendations(self, track_ids: Sequence[str], market: str = "") -> tuple[Track, ...]:
        """Tracks like at most five others, those alone that `market` has; empty where none of the five is known."""
        params = {"size": str(SIZE), "seeds": ",".join(track_ids[:SEEDS])}

        def once() -> tuple[Track, ...]:
            return tuple(track for row in self._rows(params) if (track := _track(row)) and _is_sold(row, market))

        return ask(self._meter, RECCOBEATS, "recommendations", once, repeatable=True)

    def _rows(self, params: dict[str, str]) -> list[Any]:
        try:
            body = fetched(RECCOBEATS, f"{settings.RECCOBEATS_API_URL}/v1/track/recommendation", params)
        except Refused as refused:
            # "seeds need at least one track": it knows none of them.
            if refused.status == 400 and "at least one track" in refused.text:
                return []
            raise refusal(RECCOBEATS, refused, self._meter.clock()) from None
        # The reference shows a bare list, the service sends {"content": [...]}.
        rows = body.get("content") if isinstance(body, dict) else body
        if not isinstance(rows, list):
            raise ServiceError(RECCOBEATS, "malformed")
        return rows


def _track(row: Any) -> Track | None:
    if not isinstance(row, dict):
        return None
    key, title, people = _id(row.get("href"), "track"), as_name(row.get("trackTitle")), row.get("artists")
    found = map(_artist, people if isinstance(people, list) else [])
    artists = tuple(artist for artist in found if artist is not None)
    if not key or not artists or not title:
        return None
    return Track(
        id=key,
        name=title,
        artists=artists,
        duration_ms=_whole(row.get("durationMs")) or 0,
        isrc=as_isrc(row.get("isrc")),
        popularity=_whole(row.get("popularity")),
    )


def _artist(row: Any) -> Artist | None:
    name = as_name(row.get("name")) if isinstance(row, dict) else ""
    return Artist(_id(row.get("href"), "artist"), name) if name else None


def _id(href: Any, kind: str) -> str:
    parts = _HREF.match(href) if isinstance(href, str) else None
    return parts[2] if parts and parts[1] == kind else ""


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else None


def _is_sold(row: dict[str, Any], market: str) -> bool:
    """Where either is not known, it may be."""
    countries = row.get("availableCountries")
    return not market or not isinstance(countries, str) or not countries or market in countries.split(",")
