"""What Spotify tells of the tracks when a list is read back, for those that were chosen by an id and a name alone."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from playlists.models import PlaylistRun
from recommendations import memory
from recommendations.matching import SURE, matches
from vibe.clients.types import Track

logger = logging.getLogger(__name__)


def complete(run: PlaylistRun, held: Mapping[str, Track], now: datetime) -> None:
    """Cover, ISRC and the names as Spotify writes them, for the plan and for later lists. Raises `LostLease`.

    An id that turns out to be another track's is told by its true name, and not chosen by that name again.
    """
    found = {one["id"]: held.get(f"spotify:track:{one['id']}") for one in run.planned if not one.get("cover")}
    told = [{**one, **_told(track)} if (track := found.get(one["id"])) else one for one in run.planned]
    if told == run.planned:
        return
    unsure = {one["key"]: (one, track) for one in run.planned if not one["isrc"] and (track := found.get(one["id"]))}
    memory.StoredNames(now).learn({key: _meant(one, track) for key, (one, track) in unsure.items()})
    run.advance(now, plan={**(run.plan or {}), "tracks": told})


def _meant(planned: Mapping[str, Any], track: Track) -> Track | None:
    if matches(planned["artists"], planned["name"], track) >= SURE:
        return track
    logger.warning("%s is not %s", track.id, planned["key"])
    return None


def _told(track: Track) -> dict[str, Any]:
    artists = ", ".join(artist.name for artist in track.artists)
    return {"name": track.name, "artists": artists, "cover": track.cover, "isrc": track.isrc}
