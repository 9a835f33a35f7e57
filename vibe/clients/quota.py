"""The day's calls to Spotify: the ceilings we keep to, what is left below them, and when it comes back.

An app in Development Mode has a quota over rolling 24 hours that Spotify does not publish, counted by groups of routes
that it does not name either: https://developer.spotify.com/documentation/web-api/concepts/quota-modes. docs/quota.md
says where our figures come from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import accumulate

from django.conf import settings
from django.db.models import Q

from vibe.clients.models import ApiUsage

TOTAL = "total"
CEILINGS = {TOTAL: 300, "search": 150, "artist_albums": 60, "album_tracks": 60, "playlist": 100}  # in 24 h
GROUP_OF = {"playlist_read": "playlist", "playlist_write": "playlist"}  # any other family is its own
NO_QUOTA = ("token",)  # the accounts service is not the Web API
# A row counts until its last minute is out of the window: an hour more than Spotify's 24.
REMEMBERED = timedelta(hours=25)

Calls = Iterable[tuple[datetime, int]]  # when, how many


def group(family: str) -> str:
    """The ceiling, beside the total, that a family of calls counts towards; it may be one that does not exist."""
    return GROUP_OF.get(family, family)


def ceilings() -> dict[str, int]:
    """Calls in 24 hours by group, in proportion to SPOTIFY_DAILY_CALLS; none at all where that is 0."""
    most = settings.SPOTIFY_DAILY_CALLS
    return {name: calls * most // CEILINGS[TOTAL] for name, calls in CEILINGS.items()} if most else {}


def left(now: datetime, coming: Calls = ()) -> dict[str, int]:
    """Calls left by group (below 0 where too many were made); a group that is not named has no limit.

    `coming`: calls that will be made besides, of no group but the total, and so are spoken for.
    """
    spent = made(now)
    expected = {TOTAL: list(coming)}
    return {name: most - _peak(spent[name], expected.get(name, []), now) for name, most in ceilings().items()}


def frees_at(now: datetime, calls: int, group: str = TOTAL, coming: Calls = ()) -> datetime:
    """From when on so many calls are left (UTC): `now`, or the hour in which enough of what was made is forgotten."""
    spent, expected = made(now)[group], list(coming)
    most = ceilings().get(group)
    moments = [now, *sorted(hour + REMEMBERED for hour, _ in spent)]
    free = (at for at in moments if most is None or most - _peak(spent, expected, at) >= calls)
    return next(free, moments[-1])


def made(now: datetime) -> dict[str, list[tuple[datetime, int]]]:
    """By group the hours that count, and the calls made in each."""
    rows = ApiUsage.objects.filter(counted(TOTAL), hour__gt=now - REMEMBERED)
    found = defaultdict[str, list[tuple[datetime, int]]](list)
    for family, hour, calls in rows.values_list("family", "hour", "calls"):
        found[TOTAL].append((hour, calls))
        found[group(family)].append((hour, calls))
    return found


def counted(group: str) -> Q:
    """Which rows of ApiUsage stand for calls of that group."""
    families = [family for family, its in GROUP_OF.items() if its == group] or [group]
    return Q(service="spotify") & (~Q(family__in=NO_QUOTA) if group == TOTAL else Q(family__in=families))


def _peak(made: Calls, coming: Calls, since: datetime) -> int:
    """The most that a window ending at `since` or later will hold: what was made leaves it as what is coming enters."""
    leaving = [(hour + REMEMBERED, -calls) for hour, calls in made if hour + REMEMBERED > since]
    entering = [(at, calls) for at, calls in coming if at > since]
    held = sum(calls for at, calls in coming if at <= since) - sum(calls for _, calls in leaving)
    # At one moment the leaving goes first, being the smaller number.
    return max(accumulate((calls for _, calls in sorted(leaving + entering)), initial=held))
