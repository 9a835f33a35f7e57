"""Makes the stored keys again, for migrations that follow a change of what a key is. Docs: docs/identity.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.apps.registry import Apps
from django.db import IntegrityError, transaction

from recommendations.identity import artist_key, match_key

BATCH = 1000
BETWEEN = " - "  # feedback on a track is named "Artist - Title"
Keys = dict[str, str]


def rekey(apps: Apps) -> None:
    """Every stored key as it is made now; rows whose key stays are not written."""
    by_id: Keys = {}
    for name in ("SavedTrack", "Play"):
        _renew(apps, name, lambda row: {"match_key": _named(row, by_id)})
    _renew(apps, "RecommendationHistory", lambda row: {"match_key": by_id.get(row.spotify_track_id) or _again(row)})
    _renew(apps, "ResolvedTrack", lambda row: {"match_key": _again(row)})
    _renew(apps, "Feedback", _said)


def _renew(apps: Apps, name: str, keys: Callable[[Any], Keys]) -> None:
    rows = ((row, keys(row)) for row in apps.get_model("recommendations", name).objects.iterator(BATCH))
    changed = [(row, new) for row, new in rows if any(getattr(row, field) != key for field, key in new.items())]
    for row, new in changed:
        vars(row).update(new)
        try:
            with transaction.atomic():
                row.save(update_fields=list(new))
        except IntegrityError:  # there is a row under the new key already: it stands for both
            row.delete()


def _named(row: Any, by_id: Keys) -> str:
    key = match_key(row.artists[0][1], row.name) if row.artists else _again(row)
    by_id[row.spotify_track_id] = key
    return key


def _again(row: Any) -> str:
    """Of a key alone only the artist can be keyed anew: the title has lost its spaces."""
    artist, bar, title = row.match_key.partition(" | ")
    return f"{artist_key(artist)} | {title}" if bar else row.match_key


def _said(row: Any) -> Keys:
    if not row.match_key:
        return {"artist_key": artist_key(row.name)}
    artist, title = _names(row)
    return {"artist_key": artist_key(artist), "match_key": match_key(artist, title) if title else _again(row)}


def _names(row: Any) -> tuple[str, str]:
    """Artist and title of a track's name, whichever of its dashes stands between them; no title where that is open."""
    parts = row.name.split(BETWEEN)
    pairs = [(BETWEEN.join(parts[:n]), BETWEEN.join(parts[n:])) for n in range(1, len(parts))]
    known = [pair for pair in pairs if artist_key(pair[0]) == artist_key(row.artist_key)]
    return (known or pairs)[0] if known or len(pairs) == 1 else (row.artist_key, "")
