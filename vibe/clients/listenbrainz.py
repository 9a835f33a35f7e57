"""ListenBrainz: what its listeners play beside a recording or an artist. https://listenbrainz.readthedocs.io

The API proper (`LISTENBRAINZ_API_URL`) and its experimental data sets (`LISTENBRAINZ_LABS_URL`, described at
https://labs.api.listenbrainz.org) are two hosts, of which either may fail alone. Neither wants a key. The token of a
user, where there is one, goes to the first alone, which may then allow more calls.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from vibe.clients.errors import RateLimited, ServiceError
from vibe.clients.http import Refused, ask, blocked_until, fetched, refusal
from vibe.clients.meter import Meter
from vibe.clients.musicbrainz import Credit, Recording, mbid, whole
from vibe.clients.text import as_name

LISTENBRAINZ, LABS = "listenbrainz", "listenbrainz_labs"
BATCH = 100  # recordings or names in a call
# The one ListenBrainz's own pages of recordings use: listenbrainz/webserver/views/entity_pages.py
ALGORITHM = "session_based_days_7500_session_300_contribution_5_threshold_15_limit_50_skip_30_top_n_listeners_1000"
SPOTIFY_ID = re.compile(r"[0-9A-Za-z]{22}")


@dataclass(frozen=True, slots=True)
class RadioTrack:
    mbid: str
    artist_mbid: str
    artist: str
    listens: int


@dataclass(frozen=True, slots=True)
class SimilarRecording:
    mbid: str
    artist: str  # as credited, guests and all
    title: str
    match: float  # 0..1, 1 for the nearest of the answer


class ListenbrainzClient:
    """Methods raise ServiceError; what ListenBrainz does not know is not in the answer. Thread-safe."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    def artist_radio(self, artist: str, near: int, each: int) -> tuple[RadioTrack, ...]:
        """Well-known recordings of the artist and of some near ones, drawn anew by each call; in a fixed order.

        https://listenbrainz.readthedocs.io/en/latest/users/api/core.html#get--1-lb-radio-artist-(seed_artist_mbid)
        """
        asked = {"mode": "easy", "max_similar_artists": str(near), "max_recordings_per_artist": str(each)}
        asked |= {"pop_begin": "60", "pop_end": "100"}
        body = self._api("artist_radio", f"/1/lb-radio/artist/{artist}", asked)
        if not isinstance(body, dict):
            raise ServiceError(LISTENBRAINZ, "malformed")
        rows = [row for rows in body.values() if isinstance(rows, list) for row in rows]
        found = {one.mbid: one for row in rows if (one := _radio_track(row))}
        return tuple(sorted(found.values(), key=lambda one: (one.artist_mbid, -one.listens, one.mbid)))

    def recordings(self, keys: Sequence[str]) -> tuple[Recording, ...]:
        """Title, artists and length of at most `BATCH` recordings.

        https://listenbrainz.readthedocs.io/en/latest/users/api/metadata.html#post--1-metadata-recording-
        """
        body = self._api("recordings", "/1/metadata/recording/", None, {"recording_mbids": [*keys], "inc": "artist"})
        if not isinstance(body, dict):
            raise ServiceError(LISTENBRAINZ, "malformed")
        return tuple(one for key in keys if (one := _recording(key, body.get(key))) is not None)

    def similar_recordings(self, key: str) -> tuple[SimilarRecording, ...]:
        """Played in the same sessions, nearest first. https://labs.api.listenbrainz.org/similar-recordings"""
        rows = self._labs(
            "similar_recordings", "similar-recordings", [{"recording_mbids": [key], "algorithm": ALGORITHM}]
        )
        scored = [(whole(row, "score"), row) for row in rows if mbid(row, "recording_mbid") != key]
        most = max((score for score, _row in scored), default=0)
        found = (_similar(row, score / most) for score, row in scored if score)
        return tuple(sorted((one for one in found if one is not None), key=lambda one: (-one.match, one.mbid)))

    def spotify_ids(self, names: Sequence[tuple[str, str]]) -> tuple[tuple[str, str, str], ...]:
        """(artist, title, Spotify's id) of those that have one. https://labs.api.listenbrainz.org/spotify-id-from-metadata

        Its index is looked up by artist and title letter for letter (but for case, accents and punctuation), so the
        id is as good as the names; best first, of which the first is taken. It may be dead at Spotify by now.
        """
        asked = [{"artist_name": artist, "release_name": "", "track_name": title} for artist, title in names]
        rows = self._labs("spotify_ids", "spotify-id-from-metadata", asked)
        known = set(names)
        found = ((as_name(row.get("artist_name")), as_name(row.get("track_name")), _first_id(row)) for row in rows)
        return tuple((artist, title, key) for artist, title, key in found if key and (artist, title) in known)

    def _api(self, family: str, path: str, params: dict[str, str] | None, body: object = None) -> Any:
        token = settings.LISTENBRAINZ_TOKEN
        headers = {"Authorization": f"Token {token}"} if token else None
        return self._ask(LISTENBRAINZ, family, settings.LISTENBRAINZ_API_URL + path, params, body, headers)

    def _labs(self, family: str, name: str, body: object) -> list[dict[str, Any]]:
        rows = self._ask(LABS, family, f"{settings.LISTENBRAINZ_LABS_URL}/{name}/json", None, body, None)
        if not isinstance(rows, list):
            raise ServiceError(LABS, "malformed")
        return [row for row in rows if isinstance(row, dict)]

    def _ask(
        self,
        service: str,
        family: str,
        url: str,
        params: Mapping[str, str] | None,
        body: object,
        headers: Mapping[str, str] | None,
    ) -> Any:
        def once() -> Any:
            try:
                return fetched(service, url, params, body=body, headers=headers)
            except Refused as refused:
                raise _refusal(service, refused, self._meter.clock(), has_token=bool(headers)) from None

        return ask(self._meter, service, family, once, repeatable=True)  # the POSTs only ask


def _refusal(service: str, refused: Refused, now: datetime, *, has_token: bool) -> ServiceError:
    if refused.status == 429:
        wait = refused.headers.get("X-RateLimit-Reset-In") or refused.headers.get("Retry-After")
        return RateLimited(service, blocked_until(wait, now))
    if refused.status == 401 and has_token:
        return ServiceError(service, "bad_key", permanent=True, status=401)
    return refusal(service, refused, now)


def _radio_track(row: Any) -> RadioTrack | None:
    if not isinstance(row, dict):
        return None
    key, artist = mbid(row, "recording_mbid"), mbid(row, "similar_artist_mbid")
    name = as_name(row.get("similar_artist_name"))
    return RadioTrack(key, artist, name, whole(row, "total_listen_count")) if key and artist and name else None


def _recording(key: str, row: Any) -> Recording | None:
    recording = row.get("recording") if isinstance(row, dict) else None
    artist = row.get("artist") if isinstance(row, dict) else None
    if not isinstance(recording, dict) or not isinstance(artist, dict):
        return None
    rows = artist.get("artists")
    told = [one for one in (rows if isinstance(rows, list) else []) if isinstance(one, dict)]
    artists = [Credit(mbid(one, "artist_mbid"), as_name(one.get("name"))) for one in told]
    artists = [one for one in artists if one.name] or [Credit("", as_name(artist.get("name")))]
    title = as_name(recording.get("name"))
    return Recording(key, title, tuple(artists), whole(recording, "length")) if title and artists[0].name else None


def _similar(row: dict[str, Any], match: float) -> SimilarRecording | None:
    key = mbid(row, "recording_mbid")
    artist, title = as_name(row.get("artist_credit_name")), as_name(row.get("recording_name"))
    return SimilarRecording(key, artist, title, match) if key and artist and title else None


def _first_id(row: dict[str, Any]) -> str:
    ids = row.get("spotify_track_ids")
    found = (one for one in (ids if isinstance(ids, list) else []) if isinstance(one, str))
    return next((one for one in found if SPOTIFY_ID.fullmatch(one)), "")
