"""ReccoBeats' recommendations. https://reccobeats.com/docs/apis/get-recommendation

"GET /track/recommendation?seeds=00vJzaoxM3Eja1doBUhX0P&seeds=2670c328-c40f-45f4-80df-f48b29296deb&size=10":
https://reccobeats.com/docs/documentation/Resources/resource-id
"""

from __future__ import annotations

import math
import uuid
import zlib
from collections import defaultdict
from typing import Any

from werkzeug.wrappers import Request, Response

from vibe.sandbox.state import Sandbox
from vibe.sandbox.wire import VendorError, as_json
from vibe.sandbox.world import Track

PATH = "/reccobeats/v1/track/recommendation"  # the real one begins at /v1
NAMESPACE = uuid.UUID("0b8f3a0e-3c5d-4c8e-8a39-2f1f6f0d7a51")
INVALID = 4004  # what the body of a 400 calls a parameter that makes no sense
SIZES, SEEDS = range(1, 101), range(1, 6)
FEATURES = {  # name: least, most
    **dict.fromkeys(("acousticness", "danceability", "energy", "instrumentalness"), (0, 1)),
    **dict.fromkeys(("liveness", "speechiness", "valence", "mode"), (0, 1)),
    **{"key": (-1, 11), "loudness": (-60, 2), "tempo": (0, 250), "popularity": (0, 100), "featureWeight": (1, 5)},
}
EVERYWHERE = "AT,AU,BE,BR,CA,CH,DE,DK,ES,FI,FR,GB,GE,IE,IT,JP,KZ,MX,NL,NO,PL,PT,RS,SE,TR,US"
FEW = "BR,MX"
PARTS = 20  # of the recordings one is unknown, and another sold in `FEW` countries only


class ReccoBeatsError(VendorError):
    """ "400 Bad Request: The request was malformed or contains invalid parameters", and others by their status."""

    def __init__(self, status: int, message: str, where: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.where, self.headers = status, message, where, headers or {}

    def response(self, _request: Request) -> Response:
        path = {"path": f"getRecommendation.{self.where}"} if self.where else {}
        body = {"status": INVALID if self.where else self.status, "errors": [{**path, "message": self.message}]}
        return as_json(body, self.status, self.headers)


def answer(sandbox: Sandbox, request: Request) -> Response:
    """Raises ReccoBeatsError."""
    if request.path != PATH or request.method != "GET":
        raise refusal(404)
    if strange := set(request.args) - {"size", "seeds", "negativeSeeds"} - FEATURES.keys():
        raise ReccoBeatsError(400, "is no parameter (the sandbox is stricter here)", min(strange))
    for name, (least, most) in FEATURES.items():
        _check(request, name, least, most)
    seeds, unwanted = _ids(request, "seeds"), _ids(request, "negativeSeeds")
    size = _size(request)
    if len(seeds) not in SEEDS or (unwanted and len(unwanted) not in SEEDS):
        raise ReccoBeatsError(400, "size must be between 1 and 5", "seeds")
    known = [track for seed in seeds if (track := _known(sandbox, seed))]
    if not known:
        raise ReccoBeatsError(400, "seeds need at least one track", "seeds")
    return as_json({"content": [_shape(sandbox, track) for track in _like(known, unwanted)[:size]]})


def refusal(status: int) -> ReccoBeatsError:
    return ReccoBeatsError(status, {404: "Not found"}.get(status, "Bad request"))


def throttled(seconds: int) -> ReccoBeatsError:
    """ "429 Too Many Requests: You have exceeded the rate limit"; where that lies is not published."""
    return ReccoBeatsError(429, "Too many requests", headers={"Retry-After": str(seconds)})


def family(_request: Request) -> str:
    return "recommendations"


def identity(track: Track) -> str:
    """ "A hash-based UUID (Universally Unique Identifier) assigned internally by the Reccobeats system." """
    return str(uuid.uuid5(NAMESPACE, track.id))


def part(track: Track) -> int:
    """Which part of the world a track is in: the same one always. 0 is unknown, 1 is sold in few countries."""
    return zlib.crc32(track.id.encode()) % PARTS


def _ids(request: Request, name: str) -> list[str]:
    """ "Our API supports two ways to pass arrays in query parameters": repeated, and separated by commas."""
    return [one for raw in request.args.getlist(name) for one in raw.split(",") if one]


def _size(request: Request) -> int:
    raw = request.args.get("size")
    if raw is None:
        raise ReccoBeatsError(400, "Required request parameter 'size' for method parameter type int is not present")
    if not (raw.isascii() and raw.isdecimal() and len(raw) < 9 and int(raw) in SIZES):
        raise ReccoBeatsError(400, "must be between 1 and 100", "size")
    return int(raw)


def _check(request: Request, name: str, least: float, most: float) -> None:
    raw = request.args.get(name)
    try:
        is_good = raw is None or least <= float(raw) <= most
    except ValueError:
        is_good = False
    if not is_good:
        raise ReccoBeatsError(400, f"must be between {least} and {most}", name)


def _known(sandbox: Sandbox, seed: str) -> Track | None:
    track = sandbox.world.tracks.get(seed)
    return track if track and part(track) else None


def _like(seeds: list[Track], unwanted: list[str]) -> list[Track]:
    score: dict[str, float] = defaultdict(float)
    tracks: dict[str, Track] = {}
    for seed in seeds:
        for near, match in seed.similar:
            tracks[near.id] = near
            score[near.id] += match
    out = {*unwanted, *(seed.id for seed in seeds)}
    ranked = sorted(tracks, key=lambda key: (-score[key], key))
    return [tracks[key] for key in ranked if key not in out and part(tracks[key])]


def _shape(sandbox: Sandbox, track: Track) -> dict[str, Any]:
    """https://reccobeats.com/docs/documentation/request-and-response (example response)."""
    most = sandbox.catalogue.most_heard
    return {
        "id": identity(track),
        "trackTitle": track.name,
        "artists": [
            {
                "id": str(uuid.uuid5(NAMESPACE, artist.id)),
                "name": artist.name,
                "href": f"https://open.spotify.com/artist/{artist.id}",
            }
            for artist in track.artists
        ],
        "durationMs": track.duration_ms,
        "isrc": track.isrc or None,
        "ean": None,
        "upc": None,
        "href": f"https://open.spotify.com/track/{track.id}",
        "availableCountries": FEW if part(track) == 1 else EVERYWHERE,
        "popularity": round(100 * math.log1p(track.listeners) / math.log1p(most)) if most else 0,
    }
