"""Objects of the Web API as the mode shows them: what Development Mode lost is left out here."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from vibe.sandbox.discography import Album
from vibe.sandbox.state import Account, Entry, Playlist
from vibe.sandbox.wire import Call, stamp
from vibe.sandbox.world import Artist, Like, Play, Track

T = TypeVar("T")
MARKETS = ["DE", "GB", "RU", "US"]


def _link(call: Call, kind: str, key: str) -> dict[str, Any]:
    return {
        "external_urls": {"spotify": f"{call.request.host_url}{kind}/{key}"},
        "href": f"{call.api}/{kind}s/{key}",
        "id": key,
        "type": kind,
        "uri": f"spotify:{kind}:{key}",
    }


def artist_ref(call: Call, artist: Artist) -> dict[str, Any]:
    return _link(call, "artist", artist.id) | {"name": artist.name}


def artist(call: Call, one: Artist) -> dict[str, Any]:
    full = artist_ref(call, one) | {"genres": [], "images": []}
    if call.sandbox.extended:
        tracks = call.sandbox.discography.tracks_by_artist.get(one.id, [])
        full["genres"] = sorted(one.tags, key=lambda tag: -one.tags[tag])[:3]
        full["popularity"] = max((popularity(call, track) for track in tracks), default=0)
        full["followers"] = {"href": None, "total": sum(track.listeners for track in tracks)}
    return full


def popularity(call: Call, track: Track) -> int:
    most = call.sandbox.catalogue.most_heard
    return round(100 * math.log1p(track.listeners) / math.log1p(most)) if most else 0


def album_ref(call: Call, album: Album) -> dict[str, Any]:
    shape = _link(call, "album", album.id) | {
        "album_type": album.kind,
        "artists": [artist_ref(call, album.artist)],
        "images": [picture(call, album, width) for width in (640, 300, 64)],
        "name": album.name,
        "release_date": album.released,
        "release_date_precision": "day",
        "total_tracks": len(album.tracks),
    }
    return shape | {"available_markets": MARKETS} if call.sandbox.extended else shape


def picture(call: Call, album: Album, width: int) -> dict[str, Any]:
    return {
        "url": f"{call.request.host_url}_sandbox/covers/{album.id}-{width}.svg",
        "height": width,
        "width": width,
    }


def discography_row(call: Call, album: Album, artist_id: str) -> dict[str, Any]:
    shape = album_ref(call, album)
    return shape | {"album_group": group(album, artist_id)} if call.sandbox.extended else shape


def group(album: Album, artist_id: str) -> str:
    return album.kind if album.artist.id == artist_id else "appears_on"


def album(call: Call, one: Album) -> dict[str, Any]:
    tracks = paged(call, f"albums/{one.id}/tracks", one.tracks, 50, 0, lambda track: track_ref(call, track))
    full = album_ref(call, one) | {"copyrights": [], "external_ids": {}, "genres": [], "tracks": tracks}
    return full | {"label": "", "popularity": 0} if call.sandbox.extended else full


def track_ref(call: Call, one: Track) -> dict[str, Any]:
    """A track as an album lists it: no album, no ISRC."""
    home = call.sandbox.discography.album_of[one.id]
    shape = _link(call, "track", one.id) | {
        "artists": [artist_ref(call, artist) for artist in one.artists],
        "disc_number": 1,
        "duration_ms": one.duration_ms,
        "explicit": False,
        "is_local": False,
        "is_playable": True,
        "name": one.name,
        "preview_url": None,
        "track_number": home.tracks.index(one) + 1,
    }
    return shape | {"available_markets": MARKETS} if call.sandbox.extended else shape


def track(call: Call, one: Track) -> dict[str, Any]:
    full = track_ref(call, one) | {
        "album": album_ref(call, call.sandbox.discography.album_of[one.id]),
        "external_ids": {"isrc": one.isrc} if one.isrc else {},
    }
    return full | {"popularity": popularity(call, one)} if call.sandbox.extended else full


def like(call: Call, one: Like) -> dict[str, Any]:
    return {"added_at": stamp(one.added_at), "track": track(call, one.track)}


def play(call: Call, one: Play) -> dict[str, Any]:
    played_at = one.played_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"track": track(call, one.track), "played_at": played_at, "context": _context(call, one.context)}


def _context(call: Call, uri: str) -> dict[str, Any] | None:
    _, kind, key = [*uri.split(":"), "", ""][:3]
    if not key:
        return None
    shape = _link(call, kind, key)
    return {name: shape[name] for name in ("external_urls", "href", "type", "uri")}


def user_ref(call: Call, account: Account) -> dict[str, Any]:
    return _link(call, "user", account.id)


def me(call: Call, account: Account) -> dict[str, Any]:
    shape = user_ref(call, account) | {
        "account_id": account_id(account),
        "display_name": account.name,
        "images": [],
    }
    if not call.sandbox.extended:
        return shape
    return shape | {
        "country": account.country,
        "email": f"{account.id}@example.com",
        "explicit_content": {"filter_enabled": False, "filter_locked": False},
        "followers": {"href": None, "total": 0},
        "product": "premium",
    }


def account_id(account: Account) -> str:
    return f"account-{account.id}"


def playlist_ref(call: Call, one: Playlist, total_only: bool = True) -> dict[str, Any]:
    shape = _link(call, "playlist", one.id) | {
        "collaborative": one.collaborative,
        "description": one.description,
        "images": [],
        "name": one.name,
        "owner": user_ref(call, one.owner) | {"display_name": one.owner.name},
        "public": one.public,
        "snapshot_id": one.snapshot_id,
    }
    if total_only:
        shape[_contents(call)] = {
            "href": f"{call.api}/playlists/{one.id}/{_contents(call)}",
            "total": len(one.entries),
        }
    return shape


def playlist(call: Call, one: Playlist) -> dict[str, Any]:
    """With its tracks where the caller may see them: in Development Mode, the owner alone."""
    shape = playlist_ref(call, one, total_only=False)
    if call.sandbox.extended or call.access.account is one.owner:
        path = f"playlists/{one.id}/{_contents(call)}"
        shape[_contents(call)] = paged(call, path, one.entries, 100, 0, lambda row: entry(call, one, row))
    if call.sandbox.extended:
        shape["followers"] = {"href": None, "total": 0}
    return shape


def _contents(call: Call) -> str:
    return "tracks" if call.sandbox.extended else "items"


def entry(call: Call, home: Playlist, one: Entry) -> dict[str, Any]:
    row: dict[str, Any] = {
        "added_at": stamp(one.added_at),
        "added_by": user_ref(call, home.owner),
        "is_local": False,
    }
    shape = track(call, call.sandbox.world.tracks[one.track_id])
    return row | ({"track": shape} if call.sandbox.extended else {"item": shape | {"track": True}})


def paged(
    call: Call, path: str, rows: Sequence[T], limit: int, offset: int, shape: Callable[[T], Any], **query: str
) -> dict[str, Any]:
    """A page of rows; only those on it are shaped."""

    def link(start: int) -> str:
        return f"{call.api}/{path}?{urlencode(query | {'offset': str(start), 'limit': str(limit)})}"

    return {
        "href": link(offset),
        "items": [shape(row) for row in rows[offset : offset + limit]],
        "limit": limit,
        "next": link(offset + limit) if offset + limit < len(rows) else None,
        "offset": offset,
        "previous": link(max(0, offset - limit)) if offset > 0 else None,
        "total": len(rows),
    }
