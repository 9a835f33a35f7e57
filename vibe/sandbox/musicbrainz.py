"""MusicBrainz, as far as recordings are looked up by ISRC there. https://musicbrainz.org/doc/MusicBrainz_API"""

from __future__ import annotations

import re
from typing import Any

from werkzeug.wrappers import Request, Response

from vibe.sandbox.brainz import artist_id, recording_id
from vibe.sandbox.brainz_wire import BrainzError
from vibe.sandbox.state import Sandbox
from vibe.sandbox.wire import as_json
from vibe.sandbox.world import Track

HELP = "For usage, please see: https://musicbrainz.org/development/mmd"
ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
NAMELESS = re.compile(r"|python-requests/.*|Python-urllib/.*|curl/.*", re.IGNORECASE)
SLOWER = (
    "Your requests are exceeding the allowable rate limit. "
    "Please see https://wiki.musicbrainz.org/MusicBrainz_API/Rate_Limiting for more information."
)


def answer(sandbox: Sandbox, request: Request) -> Response:
    """GET /ws/2/isrc/<isrc>. Raises BrainzError."""
    found = re.fullmatch(r"/ws/2/isrc/([^/]+)", request.path)
    if not found or request.method != "GET":
        raise refusal(404)
    # "must have a meaningful user-agent string": https://musicbrainz.org/doc/MusicBrainz_API/Rate_Limiting
    if NAMELESS.fullmatch(request.headers.get("User-Agent", "")):
        raise BrainzError(403, {"error": "Your User-Agent does not name an application.", "help": HELP})
    if request.args.get("fmt") != "json":
        raise BrainzError(406, {"error": "The sandbox speaks JSON only: fmt=json", "help": HELP})
    if not ISRC.fullmatch(found[1]):
        raise BrainzError(400, {"error": "Invalid isrc.", "help": HELP})
    tracks = sandbox.brainz.isrcs.get(found[1])
    if not tracks:
        raise refusal(404)
    has_artists = "artist-credits" in request.args.get("inc", "").replace("+", " ").split()
    return as_json({"isrc": found[1], "recordings": [_recording(one, has_artists=has_artists) for one in tracks]})


def refusal(status: int) -> BrainzError:
    words = {404: "Not Found", 503: SLOWER}
    return BrainzError(status, {"error": words.get(status, "Bad Request"), "help": HELP})


def throttled(seconds: int) -> BrainzError:
    return BrainzError(503, {"error": SLOWER}, {"Retry-After": str(seconds)})


def family(request: Request) -> str:
    return "recordings" if request.path.startswith("/ws/2/isrc/") else request.path


def _recording(track: Track, *, has_artists: bool) -> dict[str, Any]:
    about = {"id": recording_id(track), "title": track.name, "length": track.duration_ms, "video": False}
    about |= {"disambiguation": "", "first-release-date": str(track.year or "")}
    if not has_artists:
        return about
    last = len(track.artists) - 1
    credits_ = [
        {
            "name": artist.name,
            "joinphrase": "" if place == last else " feat. ",
            "artist": {"id": artist_id(artist), "name": artist.name, "sort-name": artist.name, "disambiguation": ""},
        }
        for place, artist in enumerate(track.artists)
    ]
    return about | {"artist-credit": credits_}
