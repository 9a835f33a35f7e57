"""Playlists as rows, for tests of what is said about them: nothing of Spotify is needed for that."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from html import unescape
from typing import Any

from django.utils import timezone

from accounts.models import SpotifyAccount, User
from playlists.models import PlaylistRun, PlaylistRunTrack
from recommendations.identity import match_key
from recommendations.library import facts
from recommendations.models import RecommendationHistory, SavedTrack
from recommendations.tests.told import track

HOSTILE = "<b>&\"'</b>"
# What a person or a machine may write behind a command.
ODD = [
    "",
    "0",
    "-1",
    "99",
    "999999999999999999999999",
    "abc",
    "🎸",
    "3 4",
    "١",
    "'; DROP TABLE x",
    HOSTILE,
    "x" * 4000,
    "\x00",
]


def listener(user: User, **columns: Any) -> User:
    """Let in by the operator."""
    User.objects.filter(pk=user.pk).update(is_approved=True, **columns)
    user.refresh_from_db()
    return user


def account_of(user: User) -> SpotifyAccount:
    account = user.spotify
    assert account is not None
    return account


def stranger(chat: int = 8) -> User:
    """Another listener, whose rows are nobody else's business."""
    return listener(User.objects.create_user("bob", telegram_chat_id=chat))


def made(
    user: User, names: Iterable[tuple[str, str]] | int = 25, *, at: datetime | None = None, **columns: Any
) -> PlaylistRun:
    """A playlist that was made for him."""
    pairs = [(f"Artist {n}", f"Song {n}") for n in range(1, names + 1)] if isinstance(names, int) else list(names)
    now = at or timezone.now()
    row = {"day": now.date(), "created_at": now, "finished_at": now, "status": "success", "trigger": "bot"}
    row |= {"size_asked": 30, "min_new_ratio": 0.8, "total": len(pairs), "playlist_id": f"list-{now:%H%M%S%f}"}
    row |= {"playlist_name": "Daily Vibe · day", "playlist_url": "https://open.spotify.com/playlist/x"}
    run = PlaylistRun.objects.create(user=user, **(row | columns))
    for place, (artists, name) in enumerate(pairs, 1):
        given(run, place, artists, name)
    return run


def given(run: PlaylistRun, place: int, artists: str, name: str) -> PlaylistRunTrack:
    reason = {"relation": "similar_track", "because": "Seed - One"}
    return PlaylistRunTrack.objects.create(
        run=run, position=place, spotify_track_id=f"id-{name}"[:64], name=name, artists=artists,
        source="lastfm_similar_tracks", reason=reason,
    )  # fmt: skip


def remembered(user: User, track_id: str, artist: str, title: str) -> None:
    """In the history, as it was found."""
    now = timezone.now()
    RecommendationHistory.objects.create(
        account=account_of(user), spotify_track_id=track_id, match_key=match_key(artist, title),
        first_recommended_at=now, last_recommended_at=now,
    )  # fmt: skip


def liked(user: User, artist: str, title: str, **columns: Any) -> SavedTrack:
    now = timezone.now()
    row = {"added_at": now - timedelta(days=1), "seen_at": now, **facts(track(artist, title)), **columns}
    return SavedTrack.objects.create(account=account_of(user), **row)


def visible(html: str) -> int:
    """Characters as Telegram counts them, tags taken away."""
    return len(unescape(re.sub(r"<[^>]+>", "", html)).encode("utf-16-le")) // 2
