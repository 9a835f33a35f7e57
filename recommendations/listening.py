"""Reads what we know of a listener into one frozen `Listening`. The only reader of these tables for the engine."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from accounts.models import SpotifyAccount
from recommendations.candidates import Given, Heard, Listening
from recommendations.models import Feedback, Play, RecommendationHistory, SavedTrack

COLUMNS = ("spotify_track_id", "name", "artists", "match_key", "isrc")


def read(account: SpotifyAccount, now: datetime, window_days: int) -> Listening:
    """`window_days`: plays older than this are not recent. Four queries, whatever the library's size."""
    likes = SavedTrack.objects.filter(account=account, removed_at=None).order_by("-added_at", "spotify_track_id")
    plays = Play.objects.filter(account=account, played_at__gt=now - timedelta(days=window_days), played_at__lte=now)
    feedback = Feedback.objects.filter(account=account).values_list("kind", "match_key", "artist_key")
    words = [(kind, track or artist) for kind, track, artist in feedback]
    return Listening(
        likes=tuple(_heard(likes.values_list(*COLUMNS, "added_at"))),
        plays=tuple(
            _heard(plays.order_by("-played_at", "spotify_track_id").values_list(*COLUMNS, "played_at", "context"))
        ),
        history=tuple(
            Given(*row)
            for row in RecommendationHistory.objects.filter(account=account)
            .order_by("-last_recommended_at", "spotify_track_id")
            .values_list("spotify_track_id", "match_key", "isrc", "last_recommended_at")
        ),
        liked_more=_of(words, Feedback.Kind.LIKE, Feedback.Kind.MORE),
        disliked=_of(words, Feedback.Kind.DISLIKE),
        blocked=_of(words, Feedback.Kind.BLOCK_ARTIST),
    )


def _heard(rows: Iterable[tuple[Any, ...]]) -> Iterable[Heard]:
    for id_, name, artists, key, isrc, at, *context in rows:
        artist_id, artist = artists[0]
        yield Heard(id_, name, artist, artist_id, key, isrc, at, *context)


def _of(words: list[tuple[str, str]], *kinds: str) -> frozenset[str]:
    return frozenset(key for kind, key in words if kind in kinds)
