"""What a playlist is described by, and what it holds."""

from __future__ import annotations

from typing import Any

from vibe.clients import spotify_json as read
from vibe.clients.types import Track

DESCRIPTION = 300  # characters; longer ones, or ones with line breaks, are refused


def one_line(description: str) -> str:
    return " ".join(description.split())[:DESCRIPTION]


def held(page: Any) -> tuple[tuple[str, Track | None], ...]:
    """URI and track of each entry, in order; removed tracks have no URI any more, episodes are no tracks."""
    inside = (entry for row in read.rows(page) if (entry := read.entry(row)))
    return tuple((uri, read.track(entry)) for entry in inside if isinstance(uri := entry.get("uri"), str) and uri)
