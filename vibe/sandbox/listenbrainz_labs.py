"""ListenBrainz's experimental data sets, as far as they are asked. https://labs.api.listenbrainz.org

Their source: https://github.com/metabrainz/listenbrainz-server, listenbrainz/labs_api/labs/api.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from typing import Any

from werkzeug.wrappers import Request, Response

from vibe.sandbox.brainz import artist_id, recording_id, share
from vibe.sandbox.brainz_wire import BrainzError
from vibe.sandbox.listenbrainz import MBID
from vibe.sandbox.state import Sandbox
from vibe.sandbox.wire import as_json
from vibe.sandbox.world import Track, World

ALGORITHMS = ("session_based_days_7500_session_300_contribution_5_threshold_15_limit_50_skip_30_top_n_listeners_1000",)
NOT_INDEXED = 7  # one track in so many has no Spotify id there
MOST_SIMILAR = 100


def answer(sandbox: Sandbox, request: Request) -> Response:
    """POST /<data set>/json with a list of what is asked. Raises BrainzError."""
    found = re.fullmatch(r"/([a-z-]+)/json", request.path)
    handler = DATA_SETS.get(found[1]) if found else None
    if handler is None:
        raise refusal(404)
    if request.method != "POST":
        raise refusal(405)
    try:
        asked = json.loads(request.get_data())
    except ValueError:
        raise refusal(400) from None
    if not isinstance(asked, list) or not asked or not all(isinstance(row, dict) for row in asked):
        raise refusal(400)
    return as_json(handler(sandbox, asked))


def refusal(status: int) -> BrainzError:
    return BrainzError(status, {"error": {404: "Not found", 405: "Method not allowed"}.get(status, "Invalid input")})


def throttled(seconds: int) -> BrainzError:
    return BrainzError(429, {"error": "Too many requests."}, {"X-RateLimit-Reset-In": str(seconds)})


def family(request: Request) -> str:
    name = request.path.strip("/").split("/")[0]
    return {"similar-recordings": "similar_recordings", "spotify-id-from-metadata": "spotify_ids"}.get(name, name)


def _similar(sandbox: Sandbox, asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of the first row alone, as there."""
    keys = asked[0].get("recording_mbids")
    if not isinstance(keys, list) or asked[0].get("algorithm") not in ALGORITHMS:
        raise refusal(400)
    if not all(isinstance(key, str) and MBID.fullmatch(key) for key in keys):
        raise refusal(400)
    known = sandbox.brainz.recordings
    found = [(key, near, match) for key in keys if key in known for near, match in _nearest(known[key])]
    return [_row(key, near, match) for key, near, match in found if recording_id(near) in known]


def _nearest(track: Track) -> list[tuple[Track, float]]:
    return sorted(track.similar, key=lambda pair: -pair[1])[:MOST_SIMILAR]


def _row(reference: str, track: Track, match: float) -> dict[str, Any]:
    return {
        "recording_mbid": recording_id(track),
        "recording_name": track.name,
        "artist_credit_name": " feat. ".join(artist.name for artist in track.artists),
        "[artist_credit_mbids]": [artist_id(artist) for artist in track.artists],
        "release_name": track.album,
        "score": max(1, round(match * 1000)),
        "reference_mbid": reference,
    }


def _spotify_ids(sandbox: Sandbox, asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    index = _index(sandbox.world)
    rows = []
    for row in asked:
        names = {name: row.get(name) for name in ("artist_name", "release_name", "track_name")}
        if not all(isinstance(value, str) for value in names.values()):
            raise refusal(400)
        ids = index.get(_letters(f"{names['artist_name']}{names['track_name']}"), [])
        rows.append({"recording_mbid": None, **names, "spotify_track_ids": ids})
    return rows


@cache
def _index(world: World) -> dict[str, list[str]]:
    """Best-known first."""
    index: dict[str, list[str]] = defaultdict(list)
    for track in sorted(world.tracks.values(), key=lambda one: (-one.listeners, one.id)):
        if share(track, NOT_INDEXED):
            index[_letters(track.artists[0].name + track.name)].append(track.id)
    return index


def _letters(text: str) -> str:
    """Without case, accents, spaces and punctuation; there all scripts are spelt in Latin too."""
    plain = unicodedata.normalize("NFKD", re.sub(r"\W+", "", text).lower())
    return "".join(one for one in plain if not unicodedata.combining(one))


def with_dead_ids(rows: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    having = [row for row in rows if row.get("spotify_track_ids")]
    for number, row in enumerate(having[:count]):
        row["spotify_track_ids"] = [f"{number:022}"]
    return rows


DATA_SETS: dict[str, Callable[[Sandbox, list[dict[str, Any]]], list[dict[str, Any]]]] = {
    "similar-recordings": _similar,
    "spotify-id-from-metadata": _spotify_ids,
}
