"""All that is kept about a listener, as one JSON file for him: everything but his tokens."""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from django.db.models import QuerySet

from accounts.models import SpotifyAccount, User
from playlists import learning
from playlists.models import PlaylistRun, PlaylistRunTrack

SETTINGS = (
    *("username", "first_name", "last_name", "email", "telegram_chat_id", "telegram_username", "date_joined"),
    *("is_approved", "language", "timezone", "nightly_at", "playlist_size", "min_new_ratio", "wildness", "languages"),
    *("playlist_mode", "last_generated_date", "latest_playlist_id", "latest_playlist_url"),
)
ACCOUNT = ("account_id", "spotify_user_id", "display_name", "market", "scopes", "authorized_at", "standing_playlist_id")
TRACK = ("spotify_track_id", "isrc", "name", "artists")
TABLES = {
    "likes": ("saved_tracks", (*TRACK, "album", "duration_ms", "popularity", "added_at", "removed_at")),
    "plays": ("plays", (*TRACK, "played_at", "context")),
    "given": (
        "history",
        ("spotify_track_id", "isrc", "match_key", "first_recommended_at", "last_recommended_at", "times_recommended"),
    ),
    "feedback": ("feedback", ("kind", "spotify_track_id", "match_key", "artist_key", "name", "created_at")),
}
RUN = (
    *("id", "trigger", "day", "night", "status", "dry_run", "mode"),
    *("size_asked", "min_new_ratio", "steer", "wildness", "languages"),
    *("created_at", "started_at", "finished_at", "playlist_id", "playlist_url", "playlist_name"),
    *("total", "new", "reused", "relaxations", "error_code", "kept", "tidied_at", "looked_at"),
)
RUN_TRACK = (
    *("run_id", "position", "spotify_track_id", "name", "artists", "source", "reason", "is_new_to_bot"),
    *("outcome", "held"),
)


def payload(user: User, now: datetime) -> dict[str, Any]:
    """What the outbox sends as a file."""
    content = b64encode(zlib.compress(document(user, now))).decode()
    return {"file": content, "name": f"daily-vibe-{user.local_date(now).isoformat()}.json"}


def document(user: User, now: datetime) -> bytes:
    """UTF-8, to be read by people too."""
    account = user.spotify
    told: dict[str, Any] = {"exported_at": now, "settings": {name: getattr(user, name) for name in SETTINGS}}
    told["spotify_account"] = {name: getattr(account, name) for name in ACCOUNT} if account else None
    told |= {name: list(_table(account, name)) for name in TABLES}
    told["source_weights"] = learning.weights(account, now) if account else {}
    told["playlists"] = _runs(user)
    return json.dumps(told, ensure_ascii=False, indent=1, default=_plain).encode()


def _table(account: SpotifyAccount | None, name: str) -> Iterator[dict[str, Any]]:
    if account is None:
        return
    relation, columns = TABLES[name]
    yield from _rows(getattr(account, relation).order_by("pk"), columns)


def _runs(user: User) -> list[dict[str, Any]]:
    tracks = defaultdict(list)
    for row in _rows(PlaylistRunTrack.objects.filter(run__user=user).order_by("run_id", "position"), RUN_TRACK):
        tracks[row.pop("run_id")].append(row)
    runs = PlaylistRun.objects.filter(user=user).order_by("pk")
    return [{**run, "tracks": tracks[run["id"]]} for run in _rows(runs, RUN)]


def _rows(rows: QuerySet[Any], columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for row in rows.values_list(*columns).iterator():
        yield dict(zip(columns, row, strict=True))


def _plain(value: object) -> str:
    """Times in UTC, as ISO 8601 writes them."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in the export")
