"""What to say of a run, as plain data; templates turn it into words. A run never fails for a message."""

from __future__ import annotations

from typing import Any

from playlists.models import PlaylistRun

SHOWN = 5  # tracks on the card


def card(run: PlaylistRun) -> dict[str, Any]:
    """The facts of a finished run's message, from its plan."""
    tracks = run.planned
    return {
        "run": run.pk,
        "name": run.playlist_name,
        "url": run.playlist_url,
        "day": run.day.isoformat(),
        "total": len(tracks),
        "new": sum(track["is_new"] for track in tracks),
        "relaxations": (run.plan or {}).get("relaxations", []),
        "tracks": [{key: track[key] for key in ("artists", "name", "reason")} for track in tracks[:SHOWN]],
    }
