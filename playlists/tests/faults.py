"""Every fault of the sandbox that can strike a run, and how the run ends; for the tests and for docs/faults.md."""

from __future__ import annotations

from typing import Any

# fault, status of the run, its code
ENDS: list[tuple[dict[str, Any], str, str]] = [
    ({"kind": "rate_limit", "seconds": 120, "path": "/v1/me/tracks"}, "queued", "rate_limited"),
    ({"kind": "quota", "path": "/v1/me/tracks"}, "queued", "quota_exceeded"),
    ({"kind": "quota", "path": "/v1/me/playlists", "method": "POST"}, "queued", "quota_exceeded"),
    ({"kind": "server_error", "status": 500, "path": "/v1/me/tracks"}, "queued", "unavailable"),
    ({"kind": "server_error", "status": 502, "path": "/v1/playlists/.*/items"}, "queued", "unavailable"),
    ({"kind": "server_error", "status": 502, "path": "/v1/me/playlists", "method": "POST"}, "queued", "unconfirmed"),
    ({"kind": "forbidden", "reason": "not_registered"}, "failed", "not_registered"),
    ({"kind": "forbidden", "reason": "premium"}, "queued", "premium"),
    ({"kind": "forbidden", "reason": "scope", "path": "/v1/me/playlists"}, "failed", "scope"),
    ({"kind": "forbidden", "reason": "removed", "path": "/v1/me/tracks"}, "failed", "forbidden"),
    ({"kind": "malformed", "path": "/v1/me/tracks"}, "queued", "malformed"),
    ({"kind": "expired"}, "queued", "token_expired"),
]  # fmt: skip

# faults that the run survives
SURVIVED: list[dict[str, Any]] = [
    {"kind": "rate_limit", "seconds": 1, "path": "/v1/search"},
    {"kind": "rate_limit", "seconds": 1, "path": "/v1/me/playlists", "method": "POST"},
    {"kind": "quota", "path": "/v1/search", "times": None},
    {"kind": "expired", "path": "/v1/me/tracks"},
    {"kind": "server_error", "status": 500, "path": "/v1/me/tracks"},
    {"kind": "server_error", "status": 502, "path": "/v1/search", "times": None},
    {"kind": "server_error", "status": 502, "path": "/v1/me/playlists", "method": "POST"},
    {"kind": "timeout_after_write", "mode": "drop", "path": "/v1/me/playlists", "method": "POST"},
    {"kind": "timeout_after_write", "mode": "drop", "path": "/v1/playlists/.*/items", "method": "POST"},
    {"kind": "playlist_lag", "lists": 1},
    {"kind": "empty", "path": "/v1/me/tracks"},
    {"kind": "odd_rows", "path": "/v1/me/tracks", "times": None},
    {"kind": "server_error", "status": 503, "service": "lastfm", "times": None},
    {"kind": "empty", "path": "/v1/search", "times": None},
    {"kind": "malformed", "path": "/v1/search", "times": None},
    {"kind": "malformed", "service": "lastfm", "times": None},
    {"kind": "slow", "seconds": 0.3, "path": "/v1/me/tracks"},
    {"kind": "lastfm_error", "code": 29, "times": None},
    {"kind": "lastfm_error", "code": 10, "times": None},
    {"kind": "forbidden", "reason": "removed", "path": "/v1/search", "times": None},
    {"kind": "refresh_rotated"},
    {"kind": "refresh_empty"},
]
