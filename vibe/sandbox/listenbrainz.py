"""ListenBrainz's API, as far as it is asked. https://listenbrainz.readthedocs.io/en/latest/users/api/index.html

Its source says what a page leaves out: https://github.com/metabrainz/listenbrainz-server, listenbrainz/webserver/views.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Request, Response

from vibe.sandbox.brainz import artist_id, recording_id
from vibe.sandbox.brainz_wire import BrainzError
from vibe.sandbox.state import Sandbox
from vibe.sandbox.wire import as_json
from vibe.sandbox.world import Artist, Track

MBID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOST_ITEMS = 1000  # MAX_ITEMS_PER_GET
STEPS = {"easy": (2, 0), "medium": (4, 3), "hard": (10, 10)}  # how far apart, and from where on, artists are drawn
WANTED = (
    "Due to bad actors and AI scrapers causing undue traffic on our sites, you need to provide an Auth token for this "
    "endpoint. Sorry for this mess."
)
Handler = Callable[[Sandbox, Request, str], Any]


def answer(sandbox: Sandbox, request: Request) -> Response:
    """Raises BrainzError."""
    for (method, pattern, _family), handler in ROUTES.items():
        found = re.fullmatch(pattern, request.path)
        if found and method == request.method:
            _check_token(request)
            content = handler(sandbox, request, found[1] if found.groups() else "")
            return as_json(content, headers=_limits(30, 29))
    raise refusal(404)


def refusal(status: int, message: str = "") -> BrainzError:
    words = {404: "Not found", 401: "Invalid authorization token."}
    return BrainzError(status, {"code": status, "error": message or words.get(status, "Bad request")})


def throttled(seconds: int) -> BrainzError:
    return BrainzError(429, {"code": 429, "error": "Too many requests."}, _limits(30, 0, seconds))


def family(request: Request) -> str:
    return next((name for (_, path, name) in ROUTES if re.fullmatch(path, request.path)), request.path)


def _limits(limit: int, left: int, seconds: int = 10) -> dict[str, str]:
    """The headers of every answer; nothing is counted, over the limit one is by the fault `rate_limit`."""
    named = {"Limit": limit, "Remaining": left, "Reset-In": seconds, "Reset": int(time.time()) + seconds}
    return {f"X-RateLimit-{name}": str(value) for name, value in named.items()}


def _check_token(request: Request, *, needed: bool = False) -> None:
    told = request.headers.get("Authorization", "")
    if needed and not told:
        raise refusal(401, WANTED)
    if told and (not told.startswith("Token ") or told.endswith(":wrong")):
        raise refusal(401)


def _radio(sandbox: Sandbox, request: Request, key: str) -> dict[str, Any]:
    """A draw of the nearest artists and of their well-known recordings, another one each day of the sandbox's clock."""
    args = request.args
    for name in ("max_similar_artists", "max_recordings_per_artist"):
        if not re.fullmatch(r"[0-9]{1,4}", args.get(name, "")):
            raise refusal(400, f"Argument {name} must be specified.")
    if args.get("mode") not in STEPS:
        raise refusal(400, "mode must be one of: easy, medium or hard.")
    low, high = (_percent(args.get(name), name) for name in ("pop_begin", "pop_end"))
    if not MBID.fullmatch(key):
        raise refusal(400, "Seed artist mbid is not a valid UUID.")
    artist = sandbox.brainz.artists.get(key)
    if artist is None:
        return {}
    lot = random.Random(f"{key} {sandbox.clock.now():%Y-%m-%d}")  # noqa: S311  a draw of songs
    drawn = [artist, *_drawn(artist, args["mode"], int(args["max_similar_artists"]), lot)]
    found = {
        artist_id(one): _some(sandbox, one, low, high, int(args["max_recordings_per_artist"]), lot) for one in drawn
    }
    return {near: rows for near, rows in found.items() if rows}


def _percent(raw: str | None, name: str) -> float:
    try:
        value = float(raw or "")
    except ValueError:
        raise refusal(400, f"{name}: '{raw}' is not a valid number") from None
    if not 0 <= value <= 100:
        raise refusal(400, f"{name} should be between the range: 0 to 100")
    return value / 100


def _drawn(artist: Artist, mode: str, count: int, lot: random.Random) -> list[Artist]:
    near = [one for one, _match in sorted(artist.similar, key=lambda pair: -pair[1])]
    step, offset = STEPS[mode]
    places = {lot.randint(turn * step + offset, (turn + 1) * step + offset) for turn in range(count)}
    return [near[place - 1] for place in sorted(places) if 0 < place <= len(near)]  # the first is number 1


def _some(
    sandbox: Sandbox, artist: Artist, low: float, high: float, count: int, lot: random.Random
) -> list[dict[str, Any]]:
    tracks = sandbox.brainz.by_artist.get(artist.id, [])
    last = max(len(tracks) - 1, 1)
    ranked = [(track, 1 - place / last) for place, track in enumerate(tracks)]
    fitting = [track for track, rank in ranked if low <= rank < high]  # so that 100 leaves the best-known one out
    return [_played(track, artist) for track in lot.sample(fitting, min(count, len(fitting)))]


def _played(track: Track, artist: Artist) -> dict[str, Any]:
    return {
        "recording_mbid": recording_id(track),
        "similar_artist_mbid": artist_id(artist),
        "similar_artist_name": artist.name,
        "total_listen_count": track.listeners * 4,
    }


def _metadata(sandbox: Sandbox, request: Request, _: str) -> dict[str, Any]:
    try:
        asked = json.loads(request.get_data())
        keys, with_artist = asked["recording_mbids"], "artist" in str(asked.get("inc", "")).split()
    except (ValueError, KeyError, TypeError, AttributeError):
        message = "recording_mbids JSON element must be present and contain a list of recording_mbids"
        raise refusal(400, message) from None
    if not isinstance(keys, list) or not keys:
        raise refusal(400, "At least one valid recording_mbid must be present.")
    if len(keys) > MOST_ITEMS:
        raise refusal(400, f"Maximum number of recordings_mbids that can be fetched at once is {MOST_ITEMS}")
    for key in keys:
        if not isinstance(key, str) or not MBID.fullmatch(key):
            raise refusal(400, f"recording_mbid {key} is not valid.")
    known = sandbox.brainz.recordings
    return {key: _described(known[key], with_artist=with_artist) for key in keys if key in known}


def _described(track: Track, *, with_artist: bool) -> dict[str, Any]:
    about: dict[str, Any] = {"recording": {"name": track.name, "length": track.duration_ms, "rels": []}}
    if with_artist:
        artists = [{"artist_mbid": artist_id(one), "name": one.name, "join_phrase": ""} for one in track.artists]
        about["artist"] = {"name": " feat. ".join(one.name for one in track.artists), "artists": artists}
    return about


def _top(sandbox: Sandbox, request: Request, key: str) -> list[dict[str, Any]]:
    if not MBID.fullmatch(key):
        raise refusal(400, f"artist_mbid: '{key}' is not a valid uuid")
    _check_token(request, needed=True)
    artist = sandbox.brainz.artists.get(key)
    return [
        {
            "artist_mbids": [key],
            "artist_name": artist.name,
            "length": track.duration_ms,
            "recording_mbid": recording_id(track),
            "recording_name": track.name,
            "release_name": track.album,
            "total_listen_count": track.listeners * 4,
            "total_user_count": track.listeners,
        }
        for track in (sandbox.brainz.by_artist.get(artist.id, []) if artist else [])
        if artist
    ]


ROUTES: dict[tuple[str, str, str], Handler] = {
    ("GET", "/1/lb-radio/artist/([^/]+)", "artist_radio"): _radio,
    ("POST", "/1/metadata/recording/", "recordings"): _metadata,
    ("GET", "/1/popularity/top-recordings-for-artist/([^/]+)", "top_recordings"): _top,
}
