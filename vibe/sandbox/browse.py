"""The public part of the Web API: search, artists, albums, tracks, and what only old apps still have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from werkzeug.wrappers import Response

from vibe.sandbox import shapes
from vibe.sandbox.discography import Album
from vibe.sandbox.wire import ApiError, Call, as_json
from vibe.sandbox.world import Artist

T = TypeVar("T")
TYPES = ("album", "artist", "playlist", "track", "show", "episode", "audiobook")
GROUPS = ("album", "single", "compilation", "appears_on")


def search(call: Call) -> Response:
    query = call.request.args.get("q", "").strip()
    types = call.request.args.get("type", "").split(",")
    if not query:
        raise ApiError(400, "No search query")
    if not set(types) <= set(TYPES):
        raise ApiError(400, "Bad search type field" if types != [""] else "Missing parameter type")
    most = 50 if call.sandbox.extended else 10
    limit = call.number("limit", 20 if call.sandbox.extended else 5, 1, most)
    offset = call.number("offset", 0, 0, 1000)
    return as_json({f"{kind}s": _found(call, kind, query, limit, offset) for kind in types})


def _found(call: Call, kind: str, query: str, limit: int, offset: int) -> dict[str, Any]:
    catalogue = call.sandbox.catalogue

    def page(rows: Sequence[T], shape: Callable[[Call, T], Any]) -> dict[str, Any]:
        return shapes.paged(call, "search", rows, limit, offset, lambda row: shape(call, row), q=query, type=kind)

    if kind == "track":
        return page(catalogue.find_tracks(query), shapes.track)
    if kind == "artist":
        return page(catalogue.find_artists(query), shapes.artist)
    if kind == "album":
        return page(catalogue.find_albums(query), shapes.album_ref)
    return page([], lambda _call, row: row)


def artist(call: Call) -> Response:
    return as_json(shapes.artist(call, _artist(call)))


def artist_albums(call: Call) -> Response:
    one = _artist(call)
    groups = call.request.args.get("include_groups", ",".join(GROUPS)).split(",")
    if not set(groups) <= set(GROUPS):
        raise ApiError(400, "Invalid include_groups")
    limit = call.number("limit", 20 if call.sandbox.extended else 5, 1, 50 if call.sandbox.extended else 10)
    offset = call.number("offset", 0, 0, 10**9)
    albums = call.sandbox.discography.by_artist.get(one.id, [])
    rows = [album for album in albums if shapes.group(album, one.id) in groups]
    path = f"artists/{one.id}/albums"
    return as_json(
        shapes.paged(call, path, rows, limit, offset, lambda album: shapes.discography_row(call, album, one.id))
    )


def album(call: Call) -> Response:
    return as_json(shapes.album(call, _album(call)))


def album_tracks(call: Call) -> Response:
    one = _album(call)
    limit, offset = call.number("limit", 20, 1, 50), call.number("offset", 0, 0, 10**9)
    path = f"albums/{one.id}/tracks"
    return as_json(shapes.paged(call, path, one.tracks, limit, offset, lambda track: shapes.track_ref(call, track)))


def track(call: Call) -> Response:
    return as_json(shapes.track(call, _one(call.sandbox.world.tracks, call.args["id"])))


def several_tracks(call: Call) -> Response:
    ids = call.request.args.get("ids", "").split(",")
    if not 1 <= len(ids) <= 50 or ids == [""]:
        raise ApiError(400, "invalid id")
    found = [call.sandbox.world.tracks.get(key) for key in ids]
    return as_json({"tracks": [shapes.track(call, one) if one else None for one in found]})


def top_tracks(call: Call) -> Response:
    tracks = call.sandbox.discography.tracks_by_artist.get(_artist(call).id, [])
    return as_json({"tracks": [shapes.track(call, one) for one in tracks[:10]]})


def recommendations(call: Call) -> Response:
    """Neighbours of up to five seeds in all; the tunable attributes are taken and change nothing."""
    seeds = {kind: _seeds(call, kind) for kind in ("artists", "tracks", "genres")}
    if not 1 <= sum(map(len, seeds.values())) <= 5:
        raise ApiError(400, "Between 1 and 5 seeds are needed")
    limit = call.number("limit", 20, 1, 100)
    scores = _neighbours(call, seeds)
    ranked = sorted(scores, key=lambda key: (-scores[key], key))[:limit]
    named = [
        {"id": key, "type": kind[:-1].upper(), "initialPoolSize": len(scores)}
        for kind, keys in seeds.items()
        for key in keys
    ]
    return as_json({"seeds": named, "tracks": [shapes.track(call, call.sandbox.world.tracks[key]) for key in ranked]})


def _seeds(call: Call, kind: str) -> list[str]:
    return [key for key in call.request.args.get(f"seed_{kind}", "").split(",") if key]


def _neighbours(call: Call, seeds: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Track id -> how near it is to the seeds."""
    world = call.sandbox.world
    scores: dict[str, float] = defaultdict(float)
    for key in seeds["tracks"]:
        for near, match in _one(world.tracks, key).similar:
            scores[near.id] += match
    artists = [
        pair for key in seeds["artists"] for pair in ((_one(world.artists, key), 1.0), *world.artists[key].similar)
    ]
    for artist, weight in artists + [pair for genre in seeds["genres"] for pair in _of_genre(call, genre)]:
        for place, near in enumerate(call.sandbox.discography.tracks_by_artist.get(artist.id, [])[:5]):
            scores[near.id] += weight / (2 + place)
    return {key: score for key, score in scores.items() if key not in seeds["tracks"]}


def _of_genre(call: Call, genre: str) -> list[tuple[Artist, float]]:
    return [(one, one.tags[genre]) for one in call.sandbox.world.artists.values() if genre in one.tags]


def _artist(call: Call) -> Artist:
    return _one(call.sandbox.world.artists, call.args["id"])


def _album(call: Call) -> Album:
    return _one(call.sandbox.discography.albums, call.args["id"])


def _one(things: Mapping[str, T], key: str) -> T:
    thing = things.get(key)
    if thing is None:
        raise ApiError(404)
    return thing
