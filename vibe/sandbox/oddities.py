"""Rows of the Web API as they really occur and nobody wishes for: what `misbehave` puts into an answer. Pure."""

from __future__ import annotations

import zlib
from typing import Any

LISTS = ("items", "tracks", "artists", "albums", "playlists")


def odd_rows(content: Any, *, only: bool = False) -> Any:
    """Each list with a removed track, a file of the listener's own and an episode behind its first row.

    `only`: each row becomes one of these, so that as many are left.
    """
    if not isinstance(content, dict):
        return content
    for name in LISTS:
        below = content.get(name)
        if isinstance(below, list) and only:
            content[name] = [_odd(row)[n % len(_odd(row))] for n, row in enumerate(below)]
        elif isinstance(below, list):
            content[name] = [*below[:1], *_odd(below[0] if below else {}), *below[1:]]
        elif isinstance(below, dict):
            odd_rows(below, only=only)
    return content


def _odd(row: Any) -> list[Any]:
    key = next((name for name in ("item", "track") if isinstance(row.get(name), dict)), None)
    if key is None:
        return [None]
    local = {
        **row[key],
        "id": None,
        "is_local": True,
        "uri": "spotify:local:somebody:something::200",
        "external_ids": {},
    }
    episode = {"id": "0" * 22, "type": "episode", "name": "An episode", "uri": f"spotify:episode:{'0' * 22}"}
    return [{**row, key: None}, {**row, "is_local": True, key: local}, {**row, key: episode}]


def restricted(content: Any, *, share: float) -> Any:
    """https://developer.spotify.com/documentation/web-api/reference/get-track (is_playable, restrictions)."""
    if isinstance(content, list):
        return [restricted(one, share=share) for one in content]
    if not isinstance(content, dict):
        return content
    changed = {key: restricted(value, share=share) for key, value in content.items()}
    if content.get("type") == "track" and is_among(str(content.get("id")), share):
        changed |= {"is_playable": False, "restrictions": {"reason": "market"}}
    return changed


def is_among(track_id: str, share: float) -> bool:
    """The same tracks every time."""
    return zlib.crc32(track_id.encode()) % 1000 < share * 1000
