"""What became of the tracks of the last lists, for the admin: by source, and by what they were found from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import formats

from playlists import figures, notes
from playlists.filters import NONE, ORIGINS, RELATIONS
from playlists.models import PlaylistRunTrack
from playlists.querysets import Tracks
from playlists.rates import Rate
from recommendations.outcomes import BAD, GOOD
from vibe.clients.admin import rows
from vibe.figure import Figure, percent


def by_source(since: datetime) -> list[dict[str, Any]]:
    """A track counts for each source that found it."""
    found = _given(since).rates_of_sources()
    return [{"name": notes.source(one.of[0]), **_told(one, since, found_by=one.of[0])} for one in found]


def by_seed(since: datetime) -> list[dict[str, Any]]:
    told = []
    for one in _given(since).rates("reason__origin", "reason__relation"):
        origin, relation = (value or NONE for value in one.of)
        name = str(RELATIONS.get(relation, relation))
        if origin != NONE:
            name = f"{ORIGINS.get(origin, origin)}: {name}"
        told.append({"name": name, **_told(one, since, origin=origin, relation=relation)})
    return told


def _given(since: datetime) -> Tracks:
    tracks: Tracks = PlaylistRunTrack.objects.filter(run__in=figures.lists(since).order_by())
    return tracks


def _told(one: Rate, since: datetime, **which: str) -> dict[str, Any]:
    of_lists = {"run__status__exact": "success", "run__dry_run__exact": 0, "run__created_at__gte": since.isoformat()}

    def figure(words: frozenset[str] = frozenset()) -> Figure:
        count = sum(one.counts[word] for word in words) if words else one.given
        outcome = {"outcome__in": ",".join(sorted(words))} if words else {}
        return Figure(count, rows("playlists_playlistruntrack", **which, **outcome, **of_lists), count)

    return {
        "given": figure(),
        "coverage": percent(one.coverage),
        "good": figure(GOOD),
        "bad": figure(BAD),
        "rate": percent(one.rate) if one.rate is not None else "-",
        "interval": _between(*one.interval) if one.interval else "",
        "n": one.n,
    }


def _between(low: float, high: float) -> str:
    low_shown, high_shown = (formats.number_format(round(100 * share, 1), 1) for share in (low, high))
    return f"{low_shown}–{high_shown} %"
