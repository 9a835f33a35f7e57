"""Names for tracks that are only numbers, so that the engine can tell them apart as it tells names apart."""

from __future__ import annotations

from recommendations.identity import match_key


def track_name(track: int) -> str:
    return f"t{track}"


def artist_name(artist: int) -> str:
    return f"a{artist}"


def number(name: str) -> int:
    """The track or artist that a name or an ISRC was made for."""
    return int(name[1:])


def track_id(track: int) -> str:
    return f"id{track}"


def isrc(track: int) -> str:
    return f"i{track}"


def key(track: int, artist: int) -> str:
    return match_key(artist_name(artist), track_name(track))
