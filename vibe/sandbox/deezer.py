"""Deezer's public catalogue, as far as it is asked. https://developers.deezer.com/api

Its numbers are its own. Whatever is wrong, the status is 200 and the body says what: "The API returns some error codes
if the request failed", https://developers.deezer.com/api/errors
"""

from __future__ import annotations

import re
from typing import Any

from werkzeug.wrappers import Request, Response

from vibe.sandbox.deezer_catalogue import identity
from vibe.sandbox.discography import number
from vibe.sandbox.state import Sandbox
from vibe.sandbox.wire import VendorError, as_json
from vibe.sandbox.world import Artist, Track

PREFIX = "/deezer"  # of its paths here; the real ones begin at the root
ERRORS = {  # code: (type, message); the page names them QUOTA, ITEMS_LIMIT_EXCEEDED, PERMISSION, and so on
    4: ("Exception", "Quota limit exceeded"),
    100: ("Exception", "Items limit exceeded"),
    200: ("OAuthException", "Permission denied"),
    300: ("OAuthException", "Invalid OAuth access token."),
    500: ("ParameterException", "Wrong parameter"),
    501: ("MissingParameterException", "Missing parameter"),
    600: ("InvalidQueryException", "Invalid query"),
    700: ("Exception", "Service busy"),
    800: ("DataException", "no data"),
}
PARAMETERS = {"limit", "index", "output"}
USUAL, MOST = 25, 100  # items of a list
MOST_RELATED = 20
MOST_RANK = 1_000_000


class DeezerError(VendorError):
    def __init__(self, code: int) -> None:
        self.code = code
        self.type, self.message = ERRORS.get(code, ("Exception", "An error"))
        super().__init__(self.message)

    def response(self, _request: Request) -> Response:
        return as_json({"error": {"type": self.type, "message": self.message, "code": self.code}})


def answer(sandbox: Sandbox, request: Request) -> Response:
    """Raises DeezerError."""
    found = re.fullmatch(r"/(track|artist)/(isrc:[A-Z0-9]{12}|\d{1,15})(?:/(related|top))?", _path(request))
    if not found or request.method != "GET" or set(request.args) - PARAMETERS:
        raise DeezerError(600)
    kind, key, below = found.groups()
    if kind == "track" and not below:
        return as_json(_whole_track(_track(sandbox, key)))
    artist = sandbox.deezer.artists.get(int(key)) if kind == "artist" and key.isdecimal() else None
    if artist is None:
        raise DeezerError(800)
    if below == "related":
        return as_json(_list(request, [_artist(near) for near in _nearest(artist)]))
    if below == "top":
        return as_json(_list(request, [_listed_track(one) for one in sandbox.deezer.top(artist)]))
    return as_json(_artist(artist))


def refusal(status: int) -> DeezerError:
    return DeezerError(800 if status == 404 else 500)


def throttled(_seconds: int) -> DeezerError:
    """Fifty calls in five seconds are allowed from one address; nothing is counted, over it one is by a fault."""
    return DeezerError(4)


def family(request: Request) -> str:
    names = {"related": "related", "top": "top_tracks"}
    last = _path(request).rsplit("/", 1)[-1]
    return names.get(last, _path(request).split("/")[1])


def _path(request: Request) -> str:
    return request.path.removeprefix(PREFIX)


def _track(sandbox: Sandbox, key: str) -> Track:
    track = sandbox.deezer.recordings.get(key.removeprefix("isrc:"))
    if track is None:
        raise DeezerError(800)
    return track


def _nearest(artist: Artist) -> list[Artist]:
    ranked = sorted(artist.similar, key=lambda pair: -pair[1])
    return [near for near, _match in ranked[:MOST_RELATED]]


def _list(request: Request, rows: list[dict[str, Any]]) -> dict[str, Any]:
    limit, begin = _count(request, "limit", USUAL), _count(request, "index", 0)
    if limit > MOST:
        raise DeezerError(100)
    listed: dict[str, Any] = {"data": rows[begin : begin + limit], "total": len(rows)}
    if begin + limit < len(rows):
        listed["next"] = f"{request.base_url}?limit={limit}&index={begin + limit}"
    return listed


def _count(request: Request, name: str, default: int) -> int:
    raw = request.args.get(name, str(default))
    if not (raw.isascii() and raw.isdecimal() and len(raw) < 9):
        raise DeezerError(500)
    return int(raw)


def _artist(artist: Artist) -> dict[str, Any]:
    key = identity(artist)
    about = {"id": key, "name": artist.name, "link": f"https://www.deezer.com/artist/{key}", "radio": True}
    return about | {"tracklist": f"https://api.deezer.com/artist/{key}/top?limit=50", "type": "artist"}


def _listed_track(track: Track) -> dict[str, Any]:
    """As lists have it: without its ISRC, and with whole seconds."""
    key, main = identity(track), track.artists[0]
    return {
        "id": key,
        "readable": True,
        "title": track.name,
        "title_short": track.name,
        "title_version": "",
        "link": f"https://www.deezer.com/track/{key}",
        "duration": track.duration_ms // 1000,
        "rank": min(track.listeners, MOST_RANK),
        "explicit_lyrics": False,
        "preview": "",
        "contributors": [_artist(artist) | {"role": "Main"} for artist in track.artists],
        "artist": {"id": identity(main), "name": main.name, "type": "artist"},
        "album": {"id": number(f"deezer {main.id} {track.album}") % 10**9, "title": track.album, "type": "album"},
        "type": "track",
    }


def _whole_track(track: Track) -> dict[str, Any]:
    whole = {"isrc": track.isrc, "bpm": 0, "gain": 0, "release_date": f"{track.year or 2000}-01-01"}
    return _listed_track(track) | whole | {"track_position": 1, "disk_number": 1, "available_countries": ["DE", "FR"]}
