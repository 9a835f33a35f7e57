"""The playlists a listener was given, and their tracks: his own ones alone."""

from __future__ import annotations

import re
from typing import Any

from accounts.models import SpotifyAccount, User
from playlists import promise, story, wishes
from playlists.models import PlaylistRun, PlaylistRunTrack
from playlists.querysets import Runs
from playlists.states import Status
from recommendations.identity import artist_key, match_key
from recommendations.models import RecommendationHistory

PAGE = 10
LARGEST = 10**9
TRACK_URL = "https://open.spotify.com/track/"


def numbers(arguments: str) -> list[int]:
    """Those of `12:3`; empty where anything else is among them."""
    parts = arguments.split(":")
    found = [int(part) for part in parts if re.fullmatch(r"\d{1,10}", part)]
    return found if len(found) == len(parts) and max(found) < LARGEST else []


def position(text: str) -> int | None:
    """A place in a list as a person writes it: 3, #3, № 3, "3.", or the digit as an emoji."""
    found = re.fullmatch(r"[#№]?\s*(\d{1,3})\s*[.)]?", text.replace("\ufe0f", "").replace("\u20e3", "").strip())
    return int(found[1]) if found else None


def made(user: User) -> Runs:
    """His playlists, the newest first."""
    return user.runs.filter(status=Status.SUCCESS, dry_run=False).order_by("-finished_at", "-pk")


def latest(user: User) -> PlaylistRun | None:
    """The newest playlist that was made for him."""
    return made(user).first()


def run_of(user: User, run: int) -> PlaylistRun | None:
    return user.runs.filter(pk=run, status=Status.SUCCESS).first()


def track_of(user: User, run: int, position: int) -> PlaylistRunTrack | None:
    tracks = PlaylistRunTrack.objects.filter(run=run, run__user=user, run__status=Status.SUCCESS, position=position)
    return tracks.select_related("run__ledger").first()


def page(run: PlaylistRun, number: int) -> dict[str, Any]:
    """Ten tracks with their reasons, and where they stand."""
    pages = max(-(-run.tracks.count() // PAGE), 1)
    number = min(max(number, 1), pages)
    rows = run.tracks.order_by("position")[(number - 1) * PAGE : number * PAGE]
    tracks = [{"position": row.position, **_names(row), "reason": row.reason} for row in rows]
    facts = {"run": run.pk, "name": run.playlist_name, "url": run.playlist_url, "day": run.day.isoformat()}
    if number == 1:
        facts["promise"] = promise.figures(run)
    facts["wish"] = wishes.told(run)
    return facts | {"tracks": tracks, "page": number, "pages": pages}


def screen(track: PlaylistRunTrack, account: SpotifyAccount | None) -> dict[str, Any]:
    """One track by itself, with the last word he said of it."""
    said = account.feedback.filter(spotify_track_id=track.spotify_track_id).order_by("-pk").first() if account else None
    word = {"said": said.kind, "word": said.pk} if said else {}
    return word | {
        "run": track.run_id,
        "position": track.position,
        "page": (track.position - 1) // PAGE + 1,
        **_names(track),
        "artist": _first_artist(track, _key(track, account)),
        "reason": track.reason,
        "source": track.source,
        "story": story.told(track),
        "url": f"{TRACK_URL}{track.spotify_track_id}",
    }


def _names(track: PlaylistRunTrack) -> dict[str, str]:
    """As they are shown; of an old track, whose names are no longer kept, its id at Spotify."""
    if track.name:
        return {"artists": track.artists, "name": track.name}
    return {"artists": "Spotify", "name": track.spotify_track_id}


def word(track: PlaylistRunTrack, account: SpotifyAccount) -> dict[str, str]:
    """What a word on this track is kept with."""
    key = _key(track, account)
    artist = _first_artist(track, key)
    known = {"track_id": track.spotify_track_id, "artist": artist, "title": track.name}
    return known | {"key": key or match_key(artist, track.name)}


def _key(track: PlaylistRunTrack, account: SpotifyAccount | None) -> str:
    """The match key it was given under; empty for one that was only shown."""
    history = RecommendationHistory.objects.filter(account=account, spotify_track_id=track.spotify_track_id)
    return history.values_list("match_key", flat=True).first() or ""


def _first_artist(track: PlaylistRunTrack, key: str) -> str:
    """The key tells "Tyler, The Creator" from Tyler and The Creator."""
    parts = track.artists.split(", ")
    names = [", ".join(parts[:n]) for n in range(1, len(parts) + 1)]
    known = key.partition(" | ")[0]
    return next((name for name in names if artist_key(name) == known), parts[0] or known)
