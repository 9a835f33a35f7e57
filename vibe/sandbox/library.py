"""What a listener has: profile, likes, plays, favourites, follows, and the one route that changes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Response

from vibe.sandbox import shapes
from vibe.sandbox.state import Account
from vibe.sandbox.wire import ApiError, Call, as_json, empty, server_error
from vibe.sandbox.world import Like

LAST_PLAYS = 50  # Spotify remembers no more
URIS = 40
# Which scopes let a URI of each kind be changed, and be asked about. For a playlist Spotify's documents
# leave open which one is needed: any that fits will do here.
MODIFY = {
    "track": ("user-library-modify",),
    "artist": ("user-follow-modify",),
    "playlist": ("playlist-modify-public", "playlist-modify-private", "user-library-modify"),
}
READ = {"track": ("user-library-read",), "artist": ("user-follow-read",), "playlist": ("playlist-read-private",)}


def profile(call: Call) -> Response:
    return as_json(shapes.me(call, call.account))


def liked(call: Call) -> Response:
    call.need("user-library-read")
    limit, offset = call.number("limit", 20, 1, 50), call.number("offset", 0, 0, 10**9)
    return as_json(
        shapes.paged(call, "me/tracks", call.account.likes, limit, offset, lambda row: shapes.like(call, row))
    )


def recent(call: Call) -> Response:
    """Cursor paged over the last 50 plays; `after` and `before` are exclusive, in milliseconds."""
    call.need("user-read-recently-played")
    limit = call.number("limit", 20, 1, 50)
    if "after" in call.request.args and "before" in call.request.args:
        raise ApiError(400, "Only one of after and before may be given")
    after, before = _cursor(call, "after"), _cursor(call, "before")
    rows = call.account.plays[:LAST_PLAYS]
    if after is not None:
        rows = [play for play in rows if _ms(play.played_at) > after]
    if before is not None:
        rows = [play for play in rows if _ms(play.played_at) < before]
    rows, older = rows[:limit], rows[limit:]
    path = f"{call.api}/me/player/recently-played"
    cursors = {"after": str(_ms(rows[0].played_at)), "before": str(_ms(rows[-1].played_at))} if rows else None
    onward = f"{path}?{urlencode({'before': cursors['before'], 'limit': limit})}" if cursors and older else None
    items = [shapes.play(call, play) for play in rows]
    return as_json({"href": path, "items": items, "limit": limit, "next": onward, "cursors": cursors})


def _cursor(call: Call, name: str) -> int | None:
    raw = call.request.args.get(name)
    if raw is None:
        return None
    if not (raw.isascii() and raw.isdecimal() and len(raw) < 20):
        raise ApiError(400, f"Invalid {name}")
    return int(raw)


def _ms(moment: datetime) -> int:
    return round((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)


def top(call: Call) -> Response:
    call.need("user-top-read")
    if call.request.args.get("time_range", "medium_term") not in ("short_term", "medium_term", "long_term"):
        raise ApiError(400, "Invalid time range")
    limit, offset = call.number("limit", 20, 1, 50), call.number("offset", 0, 0, 10**9)
    listener = call.account.listener
    if call.args["kind"] == "tracks":
        page = shapes.paged(
            call, "me/top/tracks", listener.top_tracks, limit, offset, lambda row: shapes.track(call, row)
        )
    else:
        page = shapes.paged(
            call, "me/top/artists", listener.top_artists, limit, offset, lambda row: shapes.artist(call, row)
        )
    return as_json(page)


def following(call: Call) -> Response:
    call.need("user-follow-read")
    if call.request.args.get("type") != "artist":
        raise ApiError(400, "Invalid type")
    limit, after = call.number("limit", 20, 1, 50), call.request.args.get("after", "")
    rows = call.account.artists
    ids = [artist.id for artist in rows]
    start = ids.index(after) + 1 if after in ids else 0
    shown = rows[start : start + limit]
    onward = shown[-1].id if shown and start + limit < len(rows) else None
    path = f"{call.api}/me/following"
    page: dict[str, Any] = {
        "href": path,
        "items": [shapes.artist(call, row) for row in shown],
        "limit": limit,
        "next": f"{path}?{urlencode({'type': 'artist', 'after': onward, 'limit': limit})}" if onward else None,
        "cursors": {"after": onward},
        "total": len(rows),
    }
    return as_json({"artists": page})


def save(call: Call) -> Response:
    uris = _uris(call, MODIFY)
    if any(kind == "playlist" for kind, _ in uris) and not call.sandbox.extended:
        return server_error(500)  # what Spotify answered in August 2026
    for kind, key in uris:
        _ADD[kind](call, call.account, key)
    return empty()


def drop(call: Call) -> Response:
    for kind, key in _uris(call, MODIFY):
        _DROP[kind](call, call.account, key)
    return empty()


def contains(call: Call) -> Response:
    account = call.account
    known = {
        "track": {like.track.id for like in account.likes},
        "artist": {artist.id for artist in account.artists},
        "playlist": {one.id for one in account.playlists},
    }
    return as_json([key in known[kind] for kind, key in _uris(call, READ)])


def _uris(call: Call, scopes: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    """(kind, id) of each URI in the query, which alone may carry them."""
    raw = [uri for uri in call.request.args.get("uris", "").split(",") if uri]
    if not raw:
        raise ApiError(400, "Missing required field: uris")
    if len(raw) > URIS:
        raise ApiError(400, f"Too many uris: at most {URIS}")
    found = []
    for uri in raw:
        prefix, _, rest = uri.partition(":")
        kind, _, key = rest.partition(":")
        if prefix != "spotify" or kind not in scopes or not key:
            raise ApiError(400, "Invalid uri")
        call.need(*scopes[kind])
        found.append((kind, key))
    return found


def _like(call: Call, account: Account, key: str) -> None:
    track = call.sandbox.world.tracks.get(key)
    if track is None:
        raise ApiError(404)
    if all(like.track is not track for like in account.likes):
        account.likes.insert(0, Like(track, call.sandbox.clock.now()))


def _unlike(call: Call, account: Account, key: str) -> None:
    account.likes[:] = [like for like in account.likes if like.track.id != key]


def _follow_artist(call: Call, account: Account, key: str) -> None:
    artist = call.sandbox.world.artists.get(key)
    if artist is None:
        raise ApiError(404)
    if artist not in account.artists:
        account.artists.append(artist)


def _unfollow_artist(call: Call, account: Account, key: str) -> None:
    account.artists[:] = [artist for artist in account.artists if artist.id != key]


def _follow_playlist(call: Call, account: Account, key: str) -> None:
    playlist = call.sandbox.playlists.get(key)
    if playlist is None:
        raise ApiError(404)
    if playlist not in account.playlists:
        account.playlists.insert(0, playlist)


def _unfollow_playlist(call: Call, account: Account, key: str) -> None:
    """The playlist leaves the library and keeps its content: Spotify has no delete."""
    account.playlists[:] = [one for one in account.playlists if one.id != key]


Change = Callable[[Call, Account, str], None]
_ADD: dict[str, Change] = {"track": _like, "artist": _follow_artist, "playlist": _follow_playlist}
_DROP: dict[str, Change] = {"track": _unlike, "artist": _unfollow_artist, "playlist": _unfollow_playlist}
