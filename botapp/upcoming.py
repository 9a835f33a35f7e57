"""The next playlist that comes by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.models import User
from playlists import night
from playlists.models import PlaylistRun


def facts(user: User, now: datetime) -> dict[str, Any]:
    """What telegram/_next.html tells: the hour, and the moment it next comes to, or that it has come."""
    due = next_run(user, now)
    return {
        "at": f"{user.nightly_at:%H:%M}" if user.nightly_at else "",
        "next": due.isoformat() if due else "",
        "soon": bool(due and due <= now),
    }


def next_run(user: User, now: datetime) -> datetime | None:
    """When his next night is due, in the past where it is caught up with; None where he gets none."""
    account = user.spotify
    if user.nightly_at is None or account is None or account.needs_reconnect:
        return None
    today = user.local_date(now)
    nights = {*night.nights(user.zone, now), today, today + night.DAY, today + 2 * night.DAY}
    made = PlaylistRun.objects.filter(user=user, night__gte=min(nights)).values_list("night", flat=True)
    last = max((one for one in made if one), default=None)
    for one in sorted(nights):
        due = night.due_at(user.zone, user.nightly_at, one, user.pk)
        to_come = due > now or night.is_due(due, now, user.nightly_since)
        if to_come and (last is None or one > last):
            return due
    return None
