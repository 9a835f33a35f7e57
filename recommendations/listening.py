"""Reads what we know of a listener into one frozen `Listening`. The only reader of these tables for the engine."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from accounts.models import SpotifyAccount
from recommendations import feedback
from recommendations.candidates import Given, Heard, Listening
from recommendations.models import Feedback, Play, RecommendationHistory, SavedTrack

COLUMNS = ("spotify_track_id", "name", "artists", "match_key", "isrc")


def read(account: SpotifyAccount, now: datetime, window_days: int) -> Listening:
    """`window_days`: plays older than this are not recent. Four queries, whatever the library's size."""
    likes = SavedTrack.objects.filter(account=account, removed_at=None).order_by("-added_at", "spotify_track_id")
    plays = Play.objects.filter(account=account, played_at__gt=now - timedelta(days=window_days), played_at__lte=now)
    history = RecommendationHistory.objects.filter(account=account).order_by("-last_recommended_at", "spotify_track_id")
    given = tuple(
        Given(*row) for row in history.values_list("spotify_track_id", "match_key", "isrc", "last_recommended_at")
    )
    words = list(Feedback.objects.filter(account=account))
    return Listening(
        likes=tuple(_heard(likes.values_list(*COLUMNS, "added_at"))),
        plays=tuple(
            _heard(plays.order_by("-played_at", "spotify_track_id").values_list(*COLUMNS, "played_at", "context"))
        ),
        history=given,
        liked_more=frozenset(word.match_key for word in words if word.kind in feedback.MORE),
        more=frozenset(word.match_key for word in words if word.kind == Feedback.Kind.MORE),
        asked=feedback.asked(words),
        disliked=_disliked(words, given),
        blocked=frozenset(word.artist_key for word in words if word.kind == Feedback.Kind.BLOCK_ARTIST),
    )


def _heard(rows: Iterable[tuple[Any, ...]]) -> Iterable[Heard]:
    for id_, name, artists, key, isrc, at, *more in rows:
        (artist_id, artist), *others = artists
        if not name:  # no longer kept; the key has both, folded
            artist, _, name = key.partition(" | ")
        context = more[0] if more else ""
        yield Heard(id_, name, artist, artist_id, key, isrc, at, context, tuple(guest for _id, guest in others))


def _disliked(words: Iterable[Feedback], given: Iterable[Given]) -> frozenset[str]:
    """By all that tells the track: it was given under one name and may come back under another."""
    rejected = [word for word in words if word.kind == Feedback.Kind.DISLIKE]
    marks = {mark for word in rejected for mark in (word.match_key, word.spotify_track_id) if mark}
    known = (one for one in given if one.id in marks or one.key in marks)
    return frozenset(marks.union(*((one.id, one.key, one.isrc) for one in known)) - {""})
