"""Last.fm's reading methods: XML as pylast asks for it, JSON with `format=json`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote_plus

from werkzeug.wrappers import Request, Response

from vibe.sandbox.lastfm_wire import LastfmError, as_json, as_xml
from vibe.sandbox.names import Names
from vibe.sandbox.state import Account, Sandbox
from vibe.sandbox.world import Artist, Play, Track

T = TypeVar("T")
Params = Mapping[str, str]
FAMILIES = {
    "track.getsimilar": "similar_tracks",
    "artist.getsimilar": "similar_artists",
    "artist.gettoptracks": "top_tracks",
    "artist.gettoptags": "artist_top_tags",
    "track.gettoptags": "track_top_tags",
    "tag.gettoptracks": "tag_top_tracks",
    "user.getrecenttracks": "user_recent_tracks",
}


def _artist(names: Names, params: Params) -> Artist:
    found = names.artists.get(_given(params, "artist").casefold())
    if found is None:
        raise LastfmError(6, "The artist you supplied could not be found")
    return found


def _track(names: Names, params: Params) -> Track:
    found = names.tracks.get((_given(params, "artist").casefold(), _given(params, "track").casefold()))
    if found is None:
        raise LastfmError(6, "Track not found")
    return found


def _given(params: Params, name: str) -> str:
    value = params.get(name, "").strip()
    if not value:
        raise LastfmError(6, f"Your request is missing a required parameter: {name}")
    return value


def _number(params: Params, name: str, default: int, most: int = 1000) -> int:
    raw = params.get(name, "")
    if not (raw.isascii() and raw.isdecimal() and len(raw) < 9):
        return default
    return min(most, int(raw)) or default


def _artist_node(artist: Artist) -> dict[str, Any]:
    return {"name": artist.name, "mbid": "", "url": f"https://www.last.fm/music/{quote_plus(artist.name)}"}


def _track_node(track: Track) -> dict[str, Any]:
    """`name` stands before `artist`: pylast takes the first and the second `name` it meets."""
    artist = track.artists[0]
    url = f"https://www.last.fm/music/{quote_plus(artist.name)}/_/{quote_plus(track.name)}"
    seconds = track.duration_ms // 1000
    return {"name": track.name, "duration": seconds, "mbid": "", "url": url, "artist": _artist_node(artist)}


def similar_tracks(names: Names, params: Params) -> dict[str, Any]:
    track = _track(names, params)
    rows = [
        {**_track_node(near), "playcount": near.listeners * 4, "match": match}
        for near, match in _nearest(track.similar)[: _number(params, "limit", 100)]
    ]
    return {"similartracks": {"track": rows, "@attr": {"artist": track.artists[0].name}}}


def similar_artists(names: Names, params: Params) -> dict[str, Any]:
    artist = _artist(names, params)
    rows = [{**_artist_node(near), "match": match} for near, match in _nearest(artist.similar)]
    return {"similarartists": {"artist": rows[: _number(params, "limit", 30)], "@attr": {"artist": artist.name}}}


def _nearest(similar: Sequence[tuple[T, float]]) -> list[tuple[T, float]]:
    return sorted(similar, key=lambda pair: -pair[1])


def artist_top_tracks(names: Names, params: Params) -> dict[str, Any]:
    artist = _artist(names, params)
    tracks = names.by_artist[artist.name.casefold()]
    return _page("toptracks", {"artist": artist.name}, tracks, params, _heard_node)


def _heard_node(track: Track) -> dict[str, Any]:
    return {**_track_node(track), "playcount": track.listeners * 4, "listeners": track.listeners}


def tag_top_tracks(names: Names, params: Params) -> dict[str, Any]:
    """“Get the top tracks tagged by this tag, ordered by tag count.”: https://www.last.fm/api/show/tag.getTopTracks

    A tag that nobody uses has no tracks, and is no error.
    """
    tag = _given(params, "tag")
    weights = names.by_tag.get(tag.casefold(), {})
    tracks = [names.world.tracks[key] for key in weights]
    tracks.sort(key=lambda one: (-weights[one.id] * one.listeners, one.id))  # how often it is so tagged
    return _page("tracks", {"tag": tag}, tracks, params, _track_node)


def artist_top_tags(names: Names, params: Params) -> dict[str, Any]:
    """“Get the top tags for an artist on Last.fm, ordered by popularity.”: https://www.last.fm/api/show/artist.getTopTags"""
    artist = _artist(names, params)
    return _tags(artist.tags, {"artist": artist.name})


def track_top_tags(names: Names, params: Params) -> dict[str, Any]:
    """“Get the top tags for this track on Last.fm, ordered by tag count.”: https://www.last.fm/api/show/track.getTopTags"""
    track = _track(names, params)
    artist = track.artists[0]
    return _tags(artist.tags or dict.fromkeys(track.tags, 1.0), {"artist": artist.name, "track": track.name})


def _tags(weights: Mapping[str, float], about: dict[str, str]) -> dict[str, Any]:
    """Counts from 100 down, as Last.fm scales them."""
    most = max(weights.values(), default=1) or 1
    ranked = sorted(weights, key=lambda tag: -weights[tag])
    rows = [
        {"name": tag, "count": round(100 * weights[tag] / most), "url": f"https://www.last.fm/tag/{quote_plus(tag)}"}
        for tag in ranked
    ]
    return {"toptags": {"tag": rows, "@attr": about}}


def recent_tracks(account: Account, params: Params) -> dict[str, Any]:
    return _page("recenttracks", {"user": account.id}, account.plays, params, _played_node)


def _played_node(play: Play) -> dict[str, Any]:
    track = play.track
    date = {"uts": int(play.played_at.timestamp()), "#text": play.played_at.strftime("%d %b %Y, %H:%M")}
    artist, album = {"mbid": "", "#text": track.artists[0].name}, {"mbid": "", "#text": track.album}
    return {"artist": artist, "name": track.name, "mbid": "", "album": album, "date": date}


def _page(
    root: str, about: dict[str, str], rows: Sequence[T], params: Params, node: Callable[[T], dict[str, Any]]
) -> dict[str, Any]:
    limit, page = _number(params, "limit", 50), _number(params, "page", 1, 10**8)
    attributes = about | {
        "page": str(page),
        "perPage": str(limit),
        "totalPages": str(max(1, -(-len(rows) // limit))),
        "total": str(len(rows)),
    }
    return {root: {"track": [node(row) for row in rows[(page - 1) * limit : page * limit]], "@attr": attributes}}


METHODS: dict[str, Callable[[Names, Params], dict[str, Any]]] = {
    "track.getsimilar": similar_tracks,
    "artist.getsimilar": similar_artists,
    "artist.gettoptracks": artist_top_tracks,
    "artist.gettoptags": artist_top_tags,
    "track.gettoptags": track_top_tags,
    "tag.gettoptracks": tag_top_tracks,
}


def answer(sandbox: Sandbox, request: Request) -> Response:
    """POST or GET /2.0/. Raises LastfmError."""
    params = request.values
    method = params.get("method", "").casefold()
    if not params.get("api_key"):
        raise LastfmError(10, "Invalid API key - You must be granted a valid key by last.fm")
    if method == "user.getrecenttracks":
        account = sandbox.accounts.get(_given(params, "user"))
        if account is None:
            raise LastfmError(6, "User not found")
        content = recent_tracks(account, params)
    elif method in METHODS:
        content = METHODS[method](sandbox.names, params)
    else:
        raise LastfmError(3, "Invalid Method - No method with that name in this package")
    return as_json(content) if params.get("format") == "json" else as_xml(content)
