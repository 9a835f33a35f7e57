"""Playlists of the Web API: making, filling, reading, describing them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from werkzeug.wrappers import Response

from vibe.sandbox import shapes
from vibe.sandbox.fields import keep
from vibe.sandbox.state import Entry, Playlist
from vibe.sandbox.wire import ApiError, Call, as_json, empty

CHUNK = 100
LARGEST_COVER = 256 * 1024


def create(call: Call) -> Response:
    account, body = call.account, call.fields()
    if call.args.get("user", account.id) != account.id:
        raise ApiError(403, "You cannot create a playlist for another user.")
    public = _flag(body, "public", True)
    _need_modify(call, public)
    if "name" not in body or not str(body["name"] or "").strip():
        raise ApiError(400, "Missing required field: name")
    name, description = _text(body, "name"), _description(body)
    made = call.sandbox.new_playlist(account, name, description, public, _flag(body, "collaborative", False))
    return as_json(shapes.playlist(call, made), 201)


def mine(call: Call) -> Response:
    call.need("playlist-read-private")
    limit, offset = call.number("limit", 20, 1, 50), call.number("offset", 0, 0, 100_000)
    rows = [one for one in call.account.playlists if _listed(call, one)]
    return as_json(shapes.paged(call, "me/playlists", rows, limit, offset, lambda one: shapes.playlist_ref(call, one)))


def _listed(call: Call, one: Playlist) -> bool:
    """False while a new playlist lags behind (fault `playlist_lag`)."""
    if one.hidden_lists > 0:
        one.hidden_lists -= 1
        return False
    return one.hidden_until is None or call.sandbox.clock.now() >= one.hidden_until


def show(call: Call) -> Response:
    return as_json(keep(shapes.playlist(call, _found(call)), call.request.args.get("fields", "")))


def change(call: Call) -> Response:
    one, body = _own(call), call.fields()
    name = _text(body, "name") if body.get("name") is not None else one.name
    description = _description(body) if body.get("description") is not None else one.description
    public, collaborative = _flag(body, "public", one.public), _flag(body, "collaborative", one.collaborative)
    one.name, one.description, one.public, one.collaborative = name, description, public, collaborative
    one.version += 1
    return empty()


def items(call: Call) -> Response:
    one = _found(call)
    if not call.sandbox.extended and one.owner is not call.account:
        raise ApiError(403, "Forbidden")
    call.need("playlist-read-private")
    limit, offset = call.number("limit", 20, 1, 50), call.number("offset", 0, 0, 100_000)
    path = f"playlists/{one.id}/{call.request.path.rsplit('/', 1)[1]}"
    page = shapes.paged(call, path, one.entries, limit, offset, lambda row: shapes.entry(call, one, row))
    return as_json(keep(page, call.request.args.get("fields", "")))


def add(call: Call) -> Response:
    one = _own(call)
    body = call.body()
    uris = _uris(call, body)
    position = body.get("position") if isinstance(body, dict) else None
    if position is None:
        position = call.number("position", len(one.entries), 0, 100_000)
    if not isinstance(position, int) or isinstance(position, bool) or not 0 <= position <= len(one.entries):
        raise ApiError(400, "Invalid position")
    one.entries[position:position] = _entries(call, uris)
    return _snapshot(one, 201)


def replace(call: Call) -> Response:
    """Overwrites everything with `uris`, or moves a range of what is there."""
    one = _own(call)
    body = call.body()
    if isinstance(body, dict) and "range_start" in body:
        _reorder(one, body)
    else:
        one.entries[:] = _entries(call, _uris(call, body))
    return _snapshot(one, 200)


def _reorder(one: Playlist, body: dict[str, Any]) -> None:
    size = len(one.entries)
    start, length = _whole(body, "range_start"), _whole(body, "range_length", 1)
    target = _whole(body, "insert_before")
    if start < 0 or length < 1 or start + length > size or not 0 <= target <= size:
        raise ApiError(400, "Range out of bounds")
    moved = one.entries[start : start + length]
    del one.entries[start : start + length]
    target -= length if target >= start + length else max(0, target - start)
    one.entries[target:target] = moved


def remove(call: Call) -> Response:
    one, body = _own(call), call.fields()
    key = "tracks" if call.request.path.endswith("/tracks") else "items"
    rows = body.get(key)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ApiError(400, f"Missing required field: {key}")
    ids = set(_track_ids(call, [row.get("uri") for row in rows]))
    one.entries[:] = [entry for entry in one.entries if entry.track_id not in ids]
    return _snapshot(one, 200)


def images(call: Call) -> Response:
    one = _found(call)
    cover = f"{call.request.host_url}_sandbox/cover/{one.id}"
    return as_json([{"url": cover, "height": None, "width": None}] if one.cover else [])


def upload(call: Call) -> Response:
    one = _own(call)
    call.need("ugc-image-upload")
    data = call.request.get_data()
    if len(data) > LARGEST_COVER:
        raise ApiError(413, "Payload too large")
    # The first three bytes of a JPEG, in base64: a data: prefix or another format is refused.
    if not data.startswith(b"/9j/") or data != data.strip():
        raise ApiError(400, "Invalid image")
    one.cover = data.decode("ascii", "replace")
    return empty(202)


def follow(call: Call) -> Response:
    """The old route, alive for extended-quota apps only."""
    one = _found(call)
    call.need("playlist-modify-public", "playlist-modify-private")
    if one not in call.account.playlists:
        call.account.playlists.insert(0, one)
    return empty()


def unfollow(call: Call) -> Response:
    one = _found(call)
    call.need("playlist-modify-public", "playlist-modify-private")
    if one in call.account.playlists:
        call.account.playlists.remove(one)
    return empty()


def _found(call: Call) -> Playlist:
    one = call.sandbox.playlists.get(call.args["id"])
    if one is None:
        raise ApiError(404)
    return one


def _own(call: Call) -> Playlist:
    one = _found(call)
    if one.owner is not call.account:
        raise ApiError(403, "Forbidden")
    _need_modify(call, one.public)
    return one


def _need_modify(call: Call, public: bool) -> None:
    call.need("playlist-modify-public" if public else "playlist-modify-private")


def _flag(body: dict[str, Any], name: str, default: bool) -> bool:
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise ApiError(400, f"Invalid value for {name}")
    return value


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or (name == "name" and not value.strip()):
        raise ApiError(400, f"Invalid value for {name}")
    return value


def _description(body: dict[str, Any]) -> str:
    text = _text(body, "description") if body.get("description") is not None else ""
    if "\n" in text or "\r" in text or len(text) > 300:
        raise ApiError(400, "Invalid playlist description")
    return text


def _whole(body: dict[str, Any], name: str, default: int = -1) -> int:
    value = body.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ApiError(400, f"Invalid value for {name}")
    return value


def _uris(call: Call, body: Any) -> list[Any]:
    """The query's `uris` win; the body is `{"uris": []}` or, undocumented but sent by spotipy, a bare array."""
    if "uris" in call.request.args:
        return [uri for uri in call.request.args["uris"].split(",") if uri]
    uris = body.get("uris") if isinstance(body, dict) else body
    if not isinstance(uris, list):
        raise ApiError(400, "Missing required field: uris")
    return uris


def _entries(call: Call, uris: list[Any]) -> list[Entry]:
    now = call.sandbox.clock.now()
    return [Entry(key, now) for key in _track_ids(call, uris)]


def _track_ids(call: Call, uris: list[Any]) -> list[str]:
    if len(uris) > CHUNK:
        raise ApiError(400, f"You can add a maximum of {CHUNK} tracks per request.")
    ids = [uri.removeprefix("spotify:track:") if isinstance(uri, str) else "" for uri in uris]
    for uri, key in zip(uris, ids, strict=True):
        if key not in call.sandbox.world.tracks or not str(uri).startswith("spotify:track:"):
            raise ApiError(400, f"Invalid track uri: {quote(str(uri)[:80], safe=':')}")
    return ids


def _snapshot(one: Playlist, status: int) -> Response:
    one.version += 1
    return as_json({"snapshot_id": one.snapshot_id}, status)
